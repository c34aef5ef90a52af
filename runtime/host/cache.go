package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// ErrNoCache says that the environment names no place for a cache.
var ErrNoCache = errors.New("no cache: neither XDG_CACHE_HOME nor HOME is an absolute path")

// CacheDir returns where mcr keeps what it can make again: XDG_CACHE_HOME/mcr,
// else HOME/.cache/mcr. The XDG Base Directory Specification has a relative
// path count as none. The directory need not exist.
func CacheDir(getenv func(string) string) (string, error) {
	if dir := getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mcr"), nil
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".cache", "mcr"), nil
	}
	return "", ErrNoCache
}

// BoxRoot returns where in the cache the default root made from the program
// box lies, whether it is there or not. Size and time of box are its key, as
// they are make's: a stat(2) at each start, not a hash of megabytes.
func BoxRoot(cache, box string) (dir string, err error) {
	info, err := os.Stat(box)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s: not a regular file", box)
	}
	key := "box-" + strconv.FormatInt(info.Size(), 16) + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 16)
	return filepath.Join(cache, "root", key), nil
}

// Companion returns the path of one of mcr's companion programs: beside the
// running program, links resolved, else in ../libexec/mcr, else on PATH. The
// error wraps os.ErrNotExist.
func Companion(name string) (string, error) {
	var dirs []string
	if self, err := os.Executable(); err == nil {
		if target, err := filepath.EvalSymlinks(self); err == nil {
			self = target
		}
		beside := filepath.Dir(self)
		dirs = append(dirs, beside, filepath.Join(filepath.Dir(beside), "libexec", "mcr"))
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		// A program from the working directory is never meant.
		if filepath.IsAbs(dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range dirs {
		file := filepath.Join(dir, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return file, nil
		}
	}
	return "", fmt.Errorf("%s: not beside mcr, not in ../libexec/mcr and not on PATH: %w", name, os.ErrNotExist)
}
