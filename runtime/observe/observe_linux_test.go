package observe_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/observe"
)

// waiting starts a process that waits, in a state that the test knows.
func waiting(t *testing.T, prepare func(*exec.Cmd)) int {
	t.Helper()
	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(cat)
	cmd.Env = []string{"A=1", "B=two words"}
	cmd.Dir = "/"
	if prepare != nil {
		prepare(cmd)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.Start()
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC) {
		t.Skipf("clone(2): %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	// What comes back has gone through it: it runs.
	if _, err := in.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func TestNamespaces(t *testing.T) {
	t.Parallel()
	own, err := observe.Namespaces(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	pid := waiting(t, func(c *exec.Cmd) {
		c.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC,
			UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		}
	})
	theirs, err := observe.Namespaces(pid)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range observe.Kinds {
		if own[kind] == "" {
			continue // not of this kernel
		}
		if !strings.HasPrefix(theirs[kind], kind+":[") {
			t.Errorf("%s: %q", kind, theirs[kind])
		}
		if differs := kind == "user" || kind == "uts" || kind == "ipc"; (own[kind] != theirs[kind]) != differs {
			t.Errorf("%s: own %s, theirs %s", kind, own[kind], theirs[kind])
		}
	}
	maps, err := observe.IDMap(pid, "uid_map")
	if want := (observe.IDRange{Inside: 0, Outside: os.Getuid(), Length: 1}); err != nil || len(maps) != 1 || maps[0] != want {
		t.Errorf("uid_map: %v, %v; want %v", maps, err, want)
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	pid := waiting(t, nil)
	status, err := observe.Status(pid)
	if err != nil || status["Name"] != "cat" || status["PPid"] != strconv.Itoa(os.Getpid()) {
		t.Errorf("status: %q, %q, %v", status["Name"], status["PPid"], err)
	}
	if env, err := observe.Environ(pid); err != nil || strings.Join(env, ";") != "A=1;B=two words" {
		t.Errorf("environ: %q, %v", env, err)
	}
	if args, err := observe.Args(pid); err != nil || len(args) != 1 {
		t.Errorf("args: %q, %v", args, err)
	}
	if cwd, err := observe.Cwd(pid); err != nil || cwd != "/" {
		t.Errorf("cwd: %q, %v", cwd, err)
	}
	fds, err := observe.FDs(pid)
	if err != nil || !strings.HasPrefix(fds[0], "pipe:") || fds[2] != os.DevNull || len(fds) != 3 {
		t.Errorf("descriptors: %v, %v", fds, err)
	}
	limits, err := observe.Limits(pid)
	if err != nil || len(limits) != 16 || limits["RLIMIT_NOFILE"].Hard == "" {
		t.Errorf("limits: %v, %v", limits, err)
	}
	if children, err := observe.Children(os.Getpid()); err != nil || !slices.Contains(children, pid) {
		t.Errorf("children: %v, %v; want %d among them", children, err, pid)
	}
	if _, err := observe.Mounts(pid); err != nil {
		t.Error(err)
	}
}

// TestGone: of a process that is not there, everything is an error that says so.
func TestGone(t *testing.T) {
	t.Parallel()
	const nobody = 1 << 30
	for name, err := range map[string]error{
		"namespaces": second(observe.Namespaces(nobody)),
		"status":     second(observe.Status(nobody)),
		"uid_map":    second(observe.IDMap(nobody, "uid_map")),
		"mounts":     second(observe.Mounts(nobody)),
		"fds":        second(observe.FDs(nobody)),
		"limits":     second(observe.Limits(nobody)),
		"environ":    second(observe.Environ(nobody)),
		"children":   second(observe.Children(nobody)),
	} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, file := range []string{"status", "limits", "mountinfo", "uid_map", "cwd", "exe", "fd", "net/dev"} {
		if f, err := observe.Check(nobody, observe.Probe{File: file, Field: "x", Want: "x"}); err == nil || f.OK {
			t.Errorf("%s: %+v, %v", file, f, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
