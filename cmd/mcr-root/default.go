//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/host"
)

// unused is how long a root of an older mcr-box is kept: a container may run on it.
const unused = 30 * 24 * time.Hour

// defaultRoot returns the default root's path, and makes the root if there is none.
func defaultRoot() (string, error) {
	cache, err := host.CacheDir(os.Getenv)
	if err != nil {
		return "", &failure{"nocache", err}
	}
	box, err := host.Companion("mcr-box")
	if err != nil {
		return "", &failure{"box", err}
	}
	dir, err := host.BoxRoot(cache, box)
	if err != nil {
		return "", &failure{"box", err}
	}
	if isDir(dir) {
		return dir, nil
	}
	return dir, build(dir, box)
}

func isDir(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir()
}

// build makes dir in one step, seen from outside: under another name first,
// then rename(2). The lock, flock(2), makes a second mcr-root wait for the
// first; it goes with the process, so none is ever left.
func build(dir, box string) (err error) {
	roots := filepath.Dir(dir)
	if err := os.MkdirAll(roots, 0o755); err != nil {
		return &failure{"cache", err}
	}
	lock, err := os.OpenFile(filepath.Join(roots, ".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return &failure{"cache", err}
	}
	defer lock.Close()
	for {
		err := unix.Flock(int(lock.Fd()), unix.LOCK_EX)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EINTR) {
			return &failure{"cache", fmt.Errorf("flock %s: %w", lock.Name(), err)}
		}
	}
	if isDir(dir) {
		return nil // the one that had the lock has made it
	}
	sweep(roots)
	tmp, err := os.MkdirTemp(roots, "tmp-*")
	if err != nil {
		return &failure{"cache", err}
	}
	defer os.RemoveAll(tmp)
	if err := layout(tmp, box); err != nil {
		return err
	}
	// A box that is replaced meanwhile would leave a root under a wrong key.
	if now, err := host.BoxRoot(filepath.Dir(roots), box); err != nil || now != dir {
		return &failure{"again", fmt.Errorf("%s was replaced while it was copied", box)}
	}
	// Without the lock (a file system that ignores it) two may come to this
	// point: one of them finds the other's root there.
	if err := os.Rename(tmp, dir); err != nil && !isDir(dir) {
		return &failure{"cache", err}
	}
	return nil
}

// sweep removes what is no longer needed: every tmp-*, since whoever makes
// one holds the lock, and roots of older boxes after a while. What cannot be
// removed does no harm.
func sweep(roots string) {
	entries, err := os.ReadDir(roots)
	if err != nil {
		return
	}
	for _, e := range entries {
		old := false
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), "box-") {
			old = time.Since(info.ModTime()) > unused
		}
		if old || strings.HasPrefix(e.Name(), "tmp-") {
			_ = os.RemoveAll(filepath.Join(roots, e.Name()))
		}
	}
}
