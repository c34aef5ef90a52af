//go:build linux

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// bin holds mcr-root and mcr-box, side by side as they are installed.
var bin string

func TestMain(m *testing.M) {
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "mcr-root-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bin = dir
	build := exec.Command("go", "build", "-o", dir, ".", "../mcr-box")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// call runs mcr-root default with an environment of its own.
func call(env ...string) (stdout, stderr string, code int) {
	cmd := exec.Command(filepath.Join(bin, "mcr-root"), "default")
	cmd.Env = append([]string{"TEST=1"}, env...) // nil would be our own
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// TestDefault: the root is there, whole and readable, whatever the umask.
func TestDefault(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	old := syscall.Umask(0o077)
	out, errs, code := call("XDG_CACHE_HOME=" + cache)
	syscall.Umask(old)
	if code != 0 || errs != "" {
		t.Fatalf("exit status %d, %s", code, errs)
	}
	root := strings.TrimSuffix(out, "\n")
	if filepath.Dir(root) != filepath.Join(cache, "mcr", "root") {
		t.Errorf("printed %q", out)
	}
	for _, want := range []struct {
		name string
		mode os.FileMode
	}{
		{".", os.ModeDir | 0o755},
		{"bin", os.ModeDir | 0o755},
		{"bin/mcr-box", 0o555},
		{"usr/bin/ls", 0o555},
		{"sbin/sh", 0o555},
		{"etc/passwd", 0o644},
		{"etc/os-release", 0o644},
		{"root", os.ModeDir | 0o700},
		{"tmp", os.ModeDir | os.ModeSticky | 0o777},
		{"proc", os.ModeDir | 0o755},
	} {
		info, err := os.Stat(filepath.Join(root, want.name))
		if err != nil {
			t.Error(err)
			continue
		}
		if info.Mode() != want.mode {
			t.Errorf("%s: mode %v, want %v", want.name, info.Mode(), want.mode)
		}
	}
	shown, err := exec.Command(filepath.Join(root, "bin", "ls"), "-1", root).Output()
	if err != nil || !strings.HasPrefix(string(shown), "bin\n") {
		t.Errorf("ls in the root: %q, %v", shown, err)
	}
}

// TestTogether: many at once all succeed, with one root and nothing left over.
func TestTogether(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, errs, code := call("XDG_CACHE_HOME=" + cache); code != 0 {
				t.Errorf("exit status %d, %s", code, errs)
			}
		})
	}
	wg.Wait()
	if got := names(t, filepath.Join(cache, "mcr", "root")); len(got) != 2 || got[0] != ".lock" {
		t.Errorf("in the cache: %q, want the lock and one root", got)
	}
}

// TestSweep: what a killed run left goes, and so do roots nobody can still
// use; a younger one of another mcr-box stays.
func TestSweep(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	roots := filepath.Join(cache, "mcr", "root")
	for _, name := range []string{"tmp-1", "box-old", "box-young", "other"} {
		if err := os.MkdirAll(filepath.Join(roots, name, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-31 * 24 * time.Hour)
	if err := os.Chtimes(filepath.Join(roots, "box-old"), long, long); err != nil {
		t.Fatal(err)
	}
	if _, errs, code := call("XDG_CACHE_HOME=" + cache); code != 0 {
		t.Fatal(errs)
	}
	got := strings.Join(names(t, roots), " ")
	if strings.Contains(got, "tmp-") || strings.Contains(got, "box-old") ||
		!strings.Contains(got, "box-young") || !strings.Contains(got, "other") {
		t.Errorf("in the cache: %s", got)
	}
}

// TestFailures: one line with a path and what to do, 125, and nothing left.
func TestFailures(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		env  []string
		want string
	}{
		{"no place", nil, "mcr-root: no cache: neither XDG_CACHE_HOME nor HOME is an absolute path; set XDG_CACHE_HOME or HOME"},
		{"relative", []string{"XDG_CACHE_HOME=x", "HOME=y"}, "no cache: "},
		{"a file", []string{"XDG_CACHE_HOME=" + file}, file + ": not a directory; set XDG_CACHE_HOME"},
		{"in Spanish", []string{"XDG_CACHE_HOME=" + file, "LANG=es_ES.UTF-8"}, "ponga en XDG_CACHE_HOME"},
		{"no room", []string{"XDG_CACHE_HOME=/proc"}, "/proc/mcr"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, errs, code := call(test.env...)
			if code != 125 || out != "" || !strings.Contains(errs, test.want) || strings.Count(errs, "\n") != 1 {
				t.Errorf("exit status %d, stdout %q, stderr %q; want 125 and one line with %q", code, out, errs, test.want)
			}
		})
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
