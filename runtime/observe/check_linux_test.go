package observe_test

import (
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/observe"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	pid := waiting(t, func(c *exec.Cmd) { c.Dir = "/proc" })
	exe, err := observe.Exe(pid)
	if err != nil {
		t.Fatal(err)
	}
	limits, err := observe.Limits(pid)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		p    observe.Probe
		want bool
	}{
		{"a status line", observe.Probe{File: "status", Field: "Name", Want: "cat"}, true},
		{"another", observe.Probe{File: "status", Field: "Name", Want: "dog"}, false},
		{"a limit", observe.Probe{File: "limits", Field: "RLIMIT_NOFILE", Want: limits["RLIMIT_NOFILE"].Soft}, true},
		{"another limit", observe.Probe{File: "limits", Field: "RLIMIT_NOFILE", Want: "7*1024"}, false},
		{"a mount", observe.Probe{File: "mountinfo", Field: "/proc", Want: "proc"}, true},
		{"a mount of another type", observe.Probe{File: "mountinfo", Field: "/proc", Want: "tmpfs"}, false},
		{"no mount", observe.Probe{File: "mountinfo", Field: "/proc/nowhere", Want: "proc"}, false},
		{"a working directory", observe.Probe{File: "cwd", Want: "/proc"}, true},
		{"by a way round", observe.Probe{File: "cwd", Want: "/proc/self/.."}, true},
		{"another directory", observe.Probe{File: "cwd", Want: "/"}, false},
		{"no directory", observe.Probe{File: "cwd", Want: "/nowhere"}, false},
		{"a program", observe.Probe{File: "exe", Want: exe}, true},
		{"another program", observe.Probe{File: "exe", Want: "/proc/version"}, false},
		{"descriptors", observe.Probe{File: "fd", Want: "0 1 2"}, true},
		{"fewer of them", observe.Probe{File: "fd", Want: "0 1"}, false},
		{"an id map", observe.Probe{File: "uid_map", Want: strings.Join(strings.Fields(string(text)), " ")}, true},
		{"another id map", observe.Probe{File: "uid_map", Want: "0 5 1"}, false},
		{"an interface", observe.Probe{File: "net/dev", Field: "lo"}, true},
		{"no interface", observe.Probe{File: "net/dev", Field: "lo9"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f, err := observe.Check(pid, test.p)
			if err != nil || f.OK != test.want {
				t.Errorf("%+v: %+v, %v; want %v", test.p, f, err, test.want)
			}
		})
	}
	for _, p := range []observe.Probe{{File: "maps"}, {File: "status", Field: "Nosuch"}, {File: "limits", Field: "RLIMIT_X"}} {
		if _, err := observe.Check(pid, p); !errors.Is(err, observe.ErrProbe) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// TestCheckScript: the program of a script is its interpreter.
func TestCheckScript(t *testing.T) {
	t.Parallel()
	script := t.TempDir() + "/script"
	if err := os.WriteFile(script, []byte("#!/bin/sh\nread x; echo $x; read x\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(script)
	cmd.Stdin = in
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		_ = out.Close()
		_ = cmd.Wait()
	})
	for want, path := range map[bool]string{true: script, false: "/proc/version"} {
		f, err := observe.Check(cmd.Process.Pid, observe.Probe{File: "exe", Want: path})
		if err != nil || f.OK != want {
			t.Errorf("%s: %+v, %v; want %v", path, f, err, want)
		}
	}
}

// TestCheckRoot: a working directory that leads out of the root has the same
// name as the root, and is told from it.
func TestCheckRoot(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"out": false, "in": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pid := waiting(t, func(c *exec.Cmd) {
				c.Path = "/proc/self/exe"
				c.Env = []string{outside + "=" + name, "DIR=" + t.TempDir()}
				c.SysProcAttr = &syscall.SysProcAttr{
					Cloneflags:  syscall.CLONE_NEWUSER,
					UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
				}
			})
			cwd, err := observe.Cwd(pid)
			if err != nil || name == "out" && cwd != "/" {
				t.Errorf("cwd %q, %v", cwd, err)
			}
			if f, err := observe.Check(pid, observe.Probe{File: "cwd", Want: "/"}); err != nil || f.OK != want {
				t.Errorf("%+v, %v; want %v", f, err, want)
			}
		})
	}
}

// outside names, in the environment, what this program does in place of tests.
const outside = "OBSERVE_TEST_CWD"

func TestMain(m *testing.M) {
	if how := os.Getenv(outside); how != "" {
		os.Exit(chrooted(how))
	}
	// What go test was started with would be inherited.
	_ = unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC) // before Linux 5.11 they are
	os.Exit(m.Run())
}

// chrooted changes its root and stays where it was, or goes in; then it copies
// a byte and waits.
func chrooted(how string) int {
	if err := unix.Chroot(os.Getenv("DIR")); err != nil {
		return 1
	}
	if how == "in" {
		if err := unix.Chdir("/"); err != nil {
			return 1
		}
	}
	if _, err := io.CopyN(os.Stdout, os.Stdin, 1); err != nil {
		return 1
	}
	_, _ = os.Stdin.Read(make([]byte, 1)) // the end comes with it
	return 0
}
