package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/kernel"
	"example.org/mcr/runtime/spec"
)

// hostFacts reads the facts, and tries what cannot be read: whether the root's
// owners can be shifted.
func hostFacts(c *spec.Container) (*host.Facts, error) {
	f, err := host.Read(c.Rootfs)
	if err != nil {
		return nil, err
	}
	if f.Root && c.Namespaces.User == "" {
		f.Rootfs.Idmap, f.Rootfs.Why = kernel.TryIdmap(c.Rootfs, f.Range, c.Storage == spec.Through)
	}
	return f, nil
}

// checkRootfs says what is wrong with a root directory in words of its own.
func checkRootfs(dir string) error {
	// Not os.Open: it would offer the directory to epoll(7), and start what goes with that.
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOTDIR) {
		if _, err := os.Stat(dir); err == nil {
			return wrong("msg/rootfs_file", dir)
		}
	}
	if err != nil {
		return fmt.Errorf("--rootfs: %w", &os.PathError{Op: "open", Path: dir, Err: err})
	}
	defer unix.Close(fd) //nolint:errcheck // it was only read
	var entries [512]byte
	const dots = 48 // "." and "..", which are always there
	if n, err := unix.Getdents(fd, entries[:]); err != nil || n <= dots {
		return wrong("msg/rootfs_empty", dir)
	}
	return nil
}

// writers says who besides the caller and root could have written a file; ""
// if nobody.
func writers(f *os.File) string {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return err.Error()
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return "S_IFMT"
	case st.Uid != 0 && int(st.Uid) != os.Geteuid():
		return "uid " + strconv.Itoa(int(st.Uid))
	case st.Mode&0o002 != 0:
		return "o+w"
	case st.Mode&0o020 != 0:
		return "g+w, gid " + strconv.Itoa(int(st.Gid))
	}
	return ""
}

// foreign reports whether a directory, or the nearest above it that is there,
// belongs to somebody whom we have no reason to trust: root of sudo(8) with
// the user's HOME would run what the user put there.
func foreign(dir string) (owner int, yes bool) {
	for d := dir; ; d = filepath.Dir(d) {
		var st unix.Stat_t
		if unix.Stat(d, &st) == nil {
			return int(st.Uid), st.Uid != 0 && int(st.Uid) != os.Geteuid()
		}
		if d == "/" {
			return 0, false
		}
	}
}

// defaultRoot is the root made from mcr-box, laid down now if it is not there.
func defaultRoot(lang string) (string, error) {
	box, err := host.Companion("mcr-box")
	if err != nil {
		return "", wrong("msg/no_box")
	}
	cache, err := host.CacheDir(os.Getenv)
	if err != nil {
		return "", wrong("msg/no_cache")
	}
	if owner, ok := foreign(cache); ok {
		return "", wrong("msg/foreign_cache", cache, strconv.Itoa(owner))
	}
	dir, err := host.BoxRoot(cache, box)
	if err != nil {
		return "", fmt.Errorf("default root: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "bin", "sh")); err == nil {
		return dir, nil
	}
	maker, err := host.Companion("mcr-root")
	if err != nil {
		return "", wrong("msg/no_box")
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // where the root is, we know already
	if err != nil {
		return "", fmt.Errorf("default root: %w", err)
	}
	defer null.Close() //nolint:errcheck // nothing was written
	pid, err := syscall.ForkExec(maker, []string{"mcr-root", "default", "--lang", lang}, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, null.Fd(), 2}})
	if err != nil {
		return "", fmt.Errorf("run %s: %w", maker, err)
	}
	var ws syscall.WaitStatus
	for {
		if _, err = syscall.Wait4(pid, &ws, 0, nil); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil || ws.ExitStatus() != 0 {
		return "", wrong("msg/no_default_root", dir)
	}
	return dir, nil
}
