//go:build linux

package main_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A mortal is an mcr that is about to die.
type mortal struct {
	cmd  *exec.Cmd
	term *os.File // the terminal's other end, if it has one
	mark string
}

// deaths are the ways in which mcr dies without being able to do anything
// about it.
var deaths = []struct {
	name  string
	start func(m *mortal) error
	kill  func(m *mortal) error
}{
	{"kill", startInGroup, func(m *mortal) error { return m.cmd.Process.Kill() }},
	{"group", startInGroup, func(m *mortal) error { return unix.Kill(-m.cmd.Process.Pid, unix.SIGKILL) }},
	{"name", startInGroup, killByName},
	{"stopped", startInGroup, func(m *mortal) error {
		// Ctrl-Z first: what is killed and what is left are stopped.
		if err := m.cmd.Process.Signal(unix.SIGTSTP); err != nil {
			return err
		}
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
		return m.cmd.Process.Kill()
	}},
	{"terminal", startOnTerminal, func(m *mortal) error { return m.term.Close() }},
}

// startInGroup starts mcr in a process group of its own.
func startInGroup(m *mortal) error {
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return m.cmd.Start()
}

// killByName is killall(1), of this test's own processes.
func killByName(m *mortal) error {
	for _, pid := range marked(m.mark) {
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		if err == nil && string(comm) == "mcr\n" {
			_ = unix.Kill(pid, unix.SIGKILL) // gone: as good
		}
	}
	return nil
}

// startOnTerminal starts mcr as the leader of a terminal's session, or from a
// shell that is.
func startOnTerminal(m *mortal) error {
	if rand.IntN(2) == 0 {
		args := append([]string{"-c", `"$0" "$@"; :`, m.cmd.Path}, m.cmd.Args[1:]...)
		cmd := exec.Command("/bin/sh", args...)
		cmd.Env = m.cmd.Env
		m.cmd = cmd
	}
	term, tty, err := pty.Open()
	if err != nil {
		return err
	}
	defer tty.Close() //nolint:errcheck // the other end is what counts
	m.term = term
	m.cmd.Stdin, m.cmd.Stdout, m.cmd.Stderr = tty, tty, tty
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	return m.cmd.Start()
}

// payloads are the ways in which a payload tries to live on. MARK stands for
// what it is found by.
func payloads() map[string]string {
	all := map[string]string{
		"plain":       "wait",
		"nodeathsig":  "nodeathsig wait",
		"daemon":      "nodeathsig daemon MARK nodeathsig wait",
		"stopped":     "nodeathsig fork=3 MARK stop wait",
		"daemon stop": "daemon MARK nodeathsig stop wait",
		"deaf":        "nodeathsig ignore=TERM ignore=HUP ignore=INT wait",
	}
	if isRoot() { // an ordinary user has one id
		all["setuid"] = "setuid=33 wait"
		all["setuid daemon"] = "setuid=33 nodeathsig daemon MARK nodeathsig wait"
	}
	return all
}

// TestDeath kills mcr at any moment of its life, in every way, with payloads
// that try to outlive it: nothing is left, prctl(2) of PR_SET_PDEATHSIG,
// pidfd_send_signal(2).
func TestDeath(t *testing.T) {
	t.Parallel()
	if testEnv.lacks != "" {
		t.Skip(testEnv.lacks)
	}
	kills := 15
	if os.Getenv(envFull) != "" {
		kills = 100
	}
	for _, death := range deaths {
		t.Run(death.name, func(t *testing.T) {
			t.Parallel()
			var early, late int
			var longest time.Duration
			for i := 0; i < kills; {
				for name, words := range payloads() { // in no order
					if name == "deaf" && death.name == "terminal" {
						continue // it asks to outlive its terminal, nohup(1), and mcr stays with it
					}
					if i++; i > kills {
						break
					}
					ran, took := newMortal(t, i, words).die(t, name, death.start, death.kill, i%3 == 0)
					longest = max(longest, took)
					if ran {
						late++
					} else {
						early++
					}
				}
			}
			t.Logf("%d kills, %d of them before the payload ran: nothing was left after at most %v", early+late, early, longest.Round(time.Millisecond))
		})
	}
}

func newMortal(t *testing.T, i int, words string) *mortal {
	t.Helper()
	mark := fmt.Sprintf("mark=%s-%d-%d", strings.ReplaceAll(t.Name(), "/", "-"), os.Getpid(), i)
	args := append([]string{"run", "--rootfs", testEnv.root, "--", "payload", mark}, strings.Fields(strings.ReplaceAll(words, "MARK", mark))...)
	m := &mortal{cmd: program("mcr", args...), mark: mark}
	m.cmd.Env = append(m.cmd.Env, "TMPDIR="+t.TempDir())
	return m
}

// die starts mcr and kills it, within its first 30 ms, or when the payload
// runs. It answers whether the payload ran, and how long its end took.
func (m *mortal) die(t *testing.T, name string, start, kill func(*mortal) error, wait bool) (ran bool, took time.Duration) {
	t.Helper()
	before, temp := hostMounts(), strings.TrimPrefix(m.cmd.Env[len(m.cmd.Env)-1], "TMPDIR=")
	if err := start(m); err != nil {
		t.Fatal(err)
	}
	running := func() bool { return len(m.payloads()) > 0 }
	if wait {
		until(running)
		time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond) // for it to do its worst
	} else {
		r := rand.Float64() // most of the start is in the first third
		time.Sleep(time.Duration(r * r * float64(30*time.Millisecond)))
	}
	ran = running()
	if err := kill(m); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	begin := time.Now()
	if left := nothingLeft(m.mark, before, temp); left != "" {
		t.Errorf("%s (payload ran: %v), left: %s", name, ran, left)
		for _, pid := range marked(m.mark) {
			_ = unix.Kill(pid, unix.SIGKILL) // gone: as good
		}
	}
	took = time.Since(begin)
	_ = m.cmd.Process.Kill() // gone: as good
	_ = m.cmd.Wait()         // it was killed
	if m.term != nil {
		_ = m.term.Close() // twice does no harm
	}
	return ran, took
}

// payloads are the marked processes that have become the payload.
func (m *mortal) payloads() (pids []int) {
	for _, pid := range marked(m.mark) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if arg0, _, _ := strings.Cut(string(text), "\x00"); err == nil && filepath.Base(arg0) == "payload" {
			pids = append(pids, pid)
		}
	}
	return pids
}
