//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// dirs are the directories of the default root: hier(7). Other ids than the
// owner's must be able to read them, as an idmapped mount shows them.
var dirs = []struct {
	name string
	mode os.FileMode
}{
	{".", 0o755},
	{"bin", 0o755},
	{"etc", 0o755},
	{"usr", 0o755},
	{"root", 0o700},
	{"home", 0o755},
	{"proc", 0o755},
	{"sys", 0o755},
	{"dev", 0o755},
	{"run", 0o755},
	{"var", 0o755},
	{"mnt", 0o755},
	{"tmp", 0o777 | os.ModeSticky},
}

var files = map[string]string{
	"etc/passwd":     "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
	"etc/group":      "root:x:0:\nnogroup:x:65534:\n",
	"etc/os-release": "NAME=\"mcr default root\"\nID=mcr\n",
}

var links = map[string]string{
	"usr/bin": "../bin",
	"sbin":    "bin",
}

// layout fills the empty directory root with the default root.
func layout(root, box string) error {
	tools, err := toolsOf(box)
	if err != nil {
		return err
	}
	if err := write(root, box, tools); err != nil {
		return &failure{"cache", err}
	}
	return nil
}

// toolsOf asks the box what it can be called as.
func toolsOf(box string) ([]string, error) {
	out, err := exec.Command(box, "--list").Output()
	tools := strings.Fields(string(out))
	if err == nil && len(tools) == 0 {
		err = fmt.Errorf("no tools")
	}
	if err != nil {
		return nil, &failure{"box", fmt.Errorf("%s --list: %w", box, err)}
	}
	for _, tool := range tools {
		if tool != filepath.Base(tool) || tool == "mcr-box" || strings.HasPrefix(tool, ".") {
			return nil, &failure{"box", fmt.Errorf("%s --list: %q is no name of a tool", box, tool)}
		}
	}
	return tools, nil
}

func write(root, box string, tools []string) error {
	for _, d := range dirs {
		path := filepath.Join(root, d.name)
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		// Whatever the umask is.
		if err := os.Chmod(path, d.mode); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := put(filepath.Join(root, name), 0o644, strings.NewReader(text)); err != nil {
			return err
		}
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			return err
		}
	}
	for _, tool := range tools {
		if err := os.Symlink("mcr-box", filepath.Join(root, "bin", tool)); err != nil {
			return err
		}
	}
	from, err := os.Open(box)
	if err != nil {
		return err
	}
	defer from.Close()
	return put(filepath.Join(root, "bin", "mcr-box"), 0o555, from)
}

// put writes a file down to the disk: a root that is half there after a crash
// would be taken for a whole one.
func put(path string, mode os.FileMode, from io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.Copy(f, from); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}
