package judge_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// Every system call of the inside list, refused by the kernel itself as far
// as mcr can tell: strace(1) answers in its place, in the child and nowhere
// else. The start is stopped with 125, and the error names the call.
//
// The child is caught at a call of the plan's own: the saved plan begins with
// the open(2) of a fifo, which waits for somebody to open its other end.
func TestSweepInject(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed: it refuses the calls, strace(1)")
	}
	if !full {
		t.Skip("MCR_FULL=1 runs it: a start under strace for each of some forty system calls")
	}
	for _, u := range users {
		t.Run(u.name, func(t *testing.T) {
			starts(t, u)
			if scope, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope"); err == nil && os.Geteuid() != 0 && scope[0] != '0' {
				t.Skip("kernel.yama.ptrace_scope lets strace attach to nobody")
			}
			dir := u.place(t, "inject")
			var calls []string
			p := planOf(t, output(t, u.command(u.mcr("plan", "--json", "--", "/bin/echo", "ran")...)))
			for i := range p.Inside {
				if name := p.Inside[i].Call.Sys.Name; !slices.Contains(calls, name) {
					calls = append(calls, name)
				}
			}
			stopped := 0
			for _, call := range calls {
				if t.Run(call, func(t *testing.T) { inject(t, u, dir, call) }) {
					stopped++
				}
			}
			t.Logf("%s: %d of %d system calls, refused from outside, stopped the start", u.name, stopped, len(calls))
		})
	}
}

// inject starts a container and has strace refuse a call of its first process.
func inject(t *testing.T, u *user, dir, call string) {
	t.Helper()
	fifo := filepath.Join(dir, call+".fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := u.own(fifo); err != nil {
		t.Fatal(err)
	}
	p := planOf(t, output(t, u.command(u.mcr("plan", "--json", "--", "/bin/echo", "ran")...)))
	gate := plan.Action{Why: "start/close_parent_end", Call: plan.Openat(p.Facts.Native(), plan.CWD, fifo, sys.O_RDONLY)}
	p.Inside = slices.Insert(p.Inside, 0, gate)
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	c := u.command(u.mcr("run", "--plan", u.write(t, dir, call+".json", string(b)))...)
	var out, words bytes.Buffer
	c.Stdout, c.Stderr = &out, &words
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(20*time.Second, func() { _ = c.Process.Kill() })
	defer late.Stop()
	when := ""
	if call == "openat" {
		when = ":when=2+" // the first is the gate, begun again once strace is there
	}
	seen := filepath.Join(dir, call+".strace")
	st := exec.Command("strace", "-p", strconv.Itoa(childOf(t, c.Process.Pid)), "-o", seen, "-e", "trace="+call, "-e", "inject="+call+":error=EIO"+when)
	attached := &awaited{text: "attached", found: make(chan struct{})}
	st.Stderr = attached
	if err := st.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-attached.found:
	case <-time.After(10 * time.Second):
		t.Errorf("strace did not attach: %s", attached)
	}
	if call == "openat" {
		waitFor(t, seen, fifo)
	}
	if f, err := os.OpenFile(fifo, os.O_WRONLY, 0); err != nil {
		t.Error(err)
	} else {
		defer f.Close() //nolint:errcheck // nothing is written
	}
	_ = c.Wait() // its status is looked at below
	_ = st.Process.Signal(syscall.SIGTERM)
	_ = st.Wait() // it has nobody left to trace

	want := 125
	if call == "execve" {
		want = 126
	}
	if c.ProcessState.ExitCode() != want || out.Len() > 0 {
		t.Errorf("status %d, stdout %q; want %d and none\n%s", c.ProcessState.ExitCode(), &out, want, &words)
	}
	named(t, words.String(), call, string(p.Inside[slices.IndexFunc(p.Inside[1:], func(a plan.Action) bool { return a.Call.Sys.Name == call })+1].Why))
	if b, err := os.ReadFile(seen); err != nil || !bytes.Contains(b, []byte("(INJECTED)")) {
		t.Errorf("strace refused nothing: %v\n%s", err, b)
	}
}

// waitFor waits until a file has a text.
func waitFor(t *testing.T, file, text string) {
	t.Helper()
	for range 2000 {
		if b, err := os.ReadFile(file); err == nil && bytes.Contains(b, []byte(text)) {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%s: %q never came", file, text)
}

// childOf waits for a process's first child.
func childOf(t *testing.T, pid int) int {
	t.Helper()
	for range 2000 {
		files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is well formed
		for _, file := range files {
			b, err := os.ReadFile(file)
			if err != nil {
				continue // that thread is gone
			}
			if f := strings.Fields(string(b)); len(f) > 0 {
				n, err := strconv.Atoi(f[0])
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("no child was born")
	return 0
}

// An awaited is a writer that tells when it has seen a text.
type awaited struct {
	text  string
	found chan struct{}

	mu   sync.Mutex
	all  []byte
	told bool
}

func (a *awaited) Write(b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all = append(a.all, b...)
	if !a.told && bytes.Contains(a.all, []byte(a.text)) {
		a.told = true
		close(a.found)
	}
	return len(b), nil
}

func (a *awaited) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return string(a.all)
}
