//go:build linux

package main_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asInit returns a command that runs the box's shell as PID 1 of a new PID
// namespace, as any user may: user_namespaces(7).
func asInit(script string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(filepath.Dir(box), "sh"), "-c", script)
	cmd.Env = []string{"PATH=" + filepath.Dir(box)}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
		Setsid:      true,
	}
	return cmd
}

// start starts cmd, and skips the test where namespaces are not to be had.
func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	err := cmd.Start()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EINVAL) {
		t.Skipf("clone(2) with CLONE_NEWUSER: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// TestOrphans: PID 1 waits for processes that are not its own, and never takes
// a status away from a command of its own: wait(2).
func TestOrphans(t *testing.T) {
	t.Parallel()
	cmd := asInit(`mount -t proc proc /proc || exit 77
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	sh -c 'sleep 0.02 & sleep 0.03 & sleep 0.01'
	sh -c "exit $i"
	test $? = $i || echo "lost $i"
done
sleep 0.3
grep "State:.Z" /proc/[0-9]*/status 2>&1
echo $$ end`)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start(t, cmd)
	if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() == 77 {
		t.Skip("mount(2) of proc is refused here")
	}
	var kept []string
	for line := range strings.Lines(out.String()) {
		// A process may end between the glob and the open.
		if !strings.Contains(line, "no such") {
			kept = append(kept, line)
		}
	}
	if got := strings.Join(kept, ""); got != "1 end\n" {
		t.Errorf("got %q, want no lost status and no zombie", got)
	}
}

// TestSignals: as PID 1 without a terminal the shell gets signals alone, and
// hands an interrupt on: signal(7).
func TestSignals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		sig  syscall.Signal
		want int
	}{
		{"interrupt", syscall.SIGINT, 130},
		{"terminate", syscall.SIGTERM, 143},
		{"hang up", syscall.SIGHUP, 129},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			cmd := asInit("echo ready; sleep 100; echo never")
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			start(t, cmd)
			if _, err := out.Read(make([]byte, 6)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Millisecond) // for the sleep to start
			if err := cmd.Process.Signal(test.sig); err != nil {
				t.Fatal(err)
			}
			done := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
			defer done.Stop()
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != test.want {
				t.Errorf("exit status %d, want %d", got, test.want)
			}
		})
	}
}
