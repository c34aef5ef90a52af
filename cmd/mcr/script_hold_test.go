//go:build linux

package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/observe"
)

// patience is how long something may take that takes no time.
const patience = 10 * time.Second

// A held is a container that waits while a script looks at it.
type held struct {
	cmd      *exec.Cmd
	payload  int // its first process, by the number it has out here
	out, err buffer
	done     chan struct{}
	ended    bool
}

// A buffer is written to and read at the same time.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// until asks again and again, and reports whether the answer was yes in the end.
func until(ok func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return ok()
}

// hold starts a command that is mcr or becomes it.
func hold(cmd *exec.Cmd) (*held, error) {
	h := &held{cmd: cmd, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &h.out, &h.err
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = cmd.Wait() // the status is in ProcessState
		close(h.done)
	}()
	until(func() bool {
		h.payload = payloadOf(cmd.Process.Pid)
		return h.payload != 0 || h.over()
	})
	return h, nil
}

// said waits until the payload has written a line: what Go does at the start
// of a program, it has done then.
func (h *held) said(line string) bool {
	return until(func() bool { return strings.Contains("\n"+h.out.String(), "\n"+line+"\n") })
}

func (h *held) over() bool {
	select {
	case <-h.done:
		return true
	default:
		return false
	}
}

// end ends what is held, if it has not ended.
func (h *held) end() {
	if h == nil || h.ended {
		return
	}
	h.ended = true
	_ = h.cmd.Process.Signal(syscall.SIGCONT) // gone: as good
	_ = h.cmd.Process.Kill()                  // likewise
	<-h.done
}

// payloadOf is the first process of the container of an mcr, once it is the
// payload; 0 before. A child of mcr's is the watcher, or still mcr itself.
func payloadOf(mcr int) int {
	children, err := observe.Children(mcr)
	if err != nil {
		return 0
	}
	own, err := observe.Exe(mcr)
	if err != nil {
		return 0
	}
	for _, pid := range children {
		status, err := observe.Status(pid)
		if err != nil || status["Name"] == "watch-payload" || status["State"] == "Z (zombie)" {
			continue
		}
		// Until execve(2) it is a copy of mcr.
		if exe, err := observe.Exe(pid); err == nil && exe != own {
			return pid
		}
	}
	return 0
}

// cmdHold starts mcr run. Without a payload it gets one that waits, on the
// test's root.
func cmdHold(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("hold has no \"!\"")
	}
	s := stateOf(ts)
	s.held.end()
	if !slices.Contains(args, "--") {
		args = append([]string{"--rootfs", testEnv.root}, append(args, "--", "payload", "say=ready", "wait")...)
	}
	cmd := exec.Command(filepath.Join(testEnv.bin, "mcr"), append([]string{"run"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "XDG_CACHE_HOME", "LANG", "MCR_LANG", "SECRET"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	h, err := hold(cmd)
	ts.Check(err)
	s.held = h
	if h.payload == 0 || slices.Contains(args, "say=ready") && !h.said("ready") {
		ts.Fatalf("the payload never ran: %s%s", &h.out, &h.err)
	}
}

func heldBy(ts *testscript.TestScript) *held {
	h := stateOf(ts).held
	if h == nil {
		ts.Fatalf("nothing is held")
	}
	return h
}

func cmdAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await RE")
	}
	h := heldBy(ts)
	if !until(func() bool { return matches(ts, args[0], h.out.String()) }) {
		ts.Fatalf("no %q in %q, %q", args[0], &h.out, &h.err)
	}
}

func cmdSignal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 || len(args) == 2 && args[1] != "payload" {
		ts.Fatalf("usage: signal SIG [payload]")
	}
	h, sig := heldBy(ts), unix.SignalNum("SIG"+args[0])
	pid := h.cmd.Process.Pid
	if len(args) == 2 {
		pid = h.payload
	}
	if sig == 0 {
		ts.Fatalf("no signal %s", args[0])
	}
	ts.Check(unix.Kill(pid, sig))
}

// cmdState waits for a state, "^T" for stopped, of mcr or of all that run in
// the container.
func cmdState(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: state RE [payload]")
	}
	h := heldBy(ts)
	pids := []int{h.cmd.Process.Pid}
	if len(args) == 2 {
		pids = family(h.payload)
	}
	for _, pid := range pids {
		var state string
		if !until(func() bool {
			status, err := observe.Status(pid)
			state = status["State"]
			return err == nil && matches(ts, args[0], state)
		}) {
			ts.Fatalf("process %d of %v has state %q", pid, pids, state)
		}
	}
}

// family is a process and all that descend from it.
func family(pid int) []int {
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		more, err := observe.Children(all[i])
		if err == nil {
			all = append(all, more...)
		}
	}
	return all
}

// cmdFinish waits for the end of what is held; what it wrote is the last
// command's output.
func cmdFinish(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: finish")
	}
	h := heldBy(ts)
	if !until(h.over) {
		ts.Fatalf("mcr did not end: %q, %q", &h.out, &h.err)
	}
	h.ended = true
	stateOf(ts).status = shellStatus(h.cmd.ProcessState)
	_, err := ts.Stdout().Write([]byte(h.out.String()))
	ts.Check(err)
	_, err = ts.Stderr().Write([]byte(h.err.String()))
	ts.Check(err)
}

// shellStatus is an exit status as a shell has it.
func shellStatus(s *os.ProcessState) int {
	if ws := s.Sys().(syscall.WaitStatus); ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return s.ExitCode()
}

// hostMounts is what is mounted out here. The tests' neighbours mount nothing.
func hostMounts() string {
	text, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// marked are the processes that have a word in their command line.
func marked(word string) (pids []int) {
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return nil
	}
	for _, f := range all {
		text, err := os.ReadFile(f)
		if err == nil && strings.Contains(string(text), word) {
			pids = append(pids, pidOf(f))
		}
	}
	return pids
}
