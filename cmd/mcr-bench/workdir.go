//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"example.org/mcr/runtime/plan"
)

// payload is the program that is started: it does nothing.
const payload = "int main(void) { return 0; }\n"

// A workdir is where the bench keeps its files, its root directory among them.
type workdir struct {
	dir, root, floor, mcr string
	plan                  *plan.Plan
}

// prepare makes the root directory, and the floor of the plan for it.
func prepare(s settings) (*workdir, func(), error) {
	dir, done := s.dir, func() {}
	if dir == "" {
		d, err := os.MkdirTemp("", "mcr-bench-")
		if err != nil {
			return nil, done, err
		}
		dir, done = d, func() { _ = os.RemoveAll(d) } // what stays is in the temporary directory
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, done, err
	}
	w := &workdir{dir: dir, root: filepath.Join(dir, "root"), floor: filepath.Join(dir, "floor"), mcr: s.mcr}
	if w.mcr == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, done, err
		}
		w.mcr = filepath.Join(filepath.Dir(self), "mcr")
	}
	return w, done, w.fill()
}

func (w *workdir) fill() error {
	for _, d := range []string{"", "root", "root/bin", "root/proc", "root/sys", "root/dev", "root/tmp", "root/run", "root/etc"} {
		d = filepath.Join(w.dir, d)
		if err := os.MkdirAll(d, 0o755); err != nil {
			return err
		}
		// A container's root is not the caller: it must be able to come this far.
		if err := os.Chmod(d, 0o755); err != nil {
			return err
		}
	}
	for _, name := range etcFiles {
		// Empty in the root, as an image has them; the container's own in etc.NAME beside it, for peers to bind over.
		for file, text := range map[string]string{filepath.Join(w.root, "etc", name): "", w.etc(name): "127.0.0.1\tlocalhost mcr\n"} {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				return err
			}
		}
	}
	if err := w.cc(filepath.Join(w.root, "bin", "true"), []byte(payload)); err != nil {
		return err
	}
	text, err := output(exec.Command(w.mcr, "plan", "--json", "--rootfs", w.root, "/bin/true"))
	if err != nil {
		return err
	}
	if w.plan, err = readPlan(bytes.NewReader(text)); err != nil {
		return err
	}
	var c bytes.Buffer
	if err := writeFloor(&c, w.plan); err != nil {
		return err
	}
	return w.cc(w.floor, c.Bytes())
}

// etcFiles are the files of /etc that a container has of its own.
var etcFiles = []string{"hostname", "hosts", "resolv.conf"}

func (w *workdir) etc(name string) string { return filepath.Join(w.dir, "etc."+name) }

// cc compiles a C program, static, -O2; the source stays beside it.
func (w *workdir) cc(file string, source []byte) error {
	src := filepath.Join(w.dir, filepath.Base(file)+".c")
	if err := os.WriteFile(src, source, 0o644); err != nil {
		return err
	}
	_, err := output(exec.Command("cc", "-static", "-O2", "-Wall", "-o", file, src))
	return err
}

// output is what a command printed; its error says what it complained of.
func output(c *exec.Cmd) ([]byte, error) {
	b, err := c.Output()
	if x, ok := errors.AsType[*exec.ExitError](err); ok {
		return b, fmt.Errorf("%s: %w: %s", c.Path, err, bytes.TrimSpace(x.Stderr))
	}
	return b, err
}
