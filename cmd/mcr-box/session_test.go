//go:build linux

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A session is a shell on a terminal and what it has written so far.
type session struct {
	t    *testing.T
	cmd  *exec.Cmd
	term *os.File
	out  chan string
	seen string
}

// newSession starts a shell on a terminal, its own (setsid(2), TIOCSCTTY) or
// one that it only reads and writes.
func newSession(t *testing.T, own bool) *session {
	t.Helper()
	cmd := exec.Command(filepath.Join(filepath.Dir(box), "sh"))
	cmd.Env = []string{"PATH=" + filepath.Dir(box)}
	cmd.Dir = "/"
	term, tty, err := pty.Open()
	if err != nil {
		t.Skipf("no terminals: %v", err)
	}
	defer tty.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: own}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, cmd: cmd, term: term, out: make(chan string, 100)}
	go func() {
		defer close(s.out)
		buf := make([]byte, 4096)
		for {
			n, err := term.Read(buf)
			if err != nil {
				return
			}
			s.out <- string(buf[:n])
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		term.Close()
	})
	return s
}

// expect waits until want has come, and forgets all up to it.
func (s *session) expect(want string) {
	s.t.Helper()
	if !s.comes(want, 10*time.Second) {
		s.t.Fatalf("no %q came; there was %q", want, s.seen)
	}
}

// comes is expect for something that may not come.
func (s *session) comes(want string, within time.Duration) bool {
	s.t.Helper()
	late := time.After(within)
	for {
		if _, after, ok := strings.Cut(s.seen, want); ok {
			s.seen = after
			return true
		}
		select {
		case text, ok := <-s.out:
			if !ok {
				s.t.Fatalf("the session ended without %q; there was %q", want, s.seen)
			}
			s.seen += text
		case <-late:
			return false
		}
	}
}

func (s *session) send(text string) {
	s.t.Helper()
	if _, err := s.term.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// ends checks the exit status.
func (s *session) ends(want int) {
	s.t.Helper()
	late := time.AfterFunc(10*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer late.Stop()
	_ = s.cmd.Wait()
	if got := s.cmd.ProcessState.ExitCode(); got != want {
		s.t.Errorf("exit status %d, want %d", got, want)
	}
}

// prompt is what root sees, or another user.
func prompt() string {
	if os.Geteuid() == 0 {
		return "/ # "
	}
	return "/ $ "
}

// TestSession: a dialogue, in which errors end nothing.
func TestSession(t *testing.T) {
	t.Parallel()
	s := newSession(t, true)
	s.expect(prompt())
	// Every step waits for the prompt, lest the next one's echo come before it.
	ready := "\r\n" + prompt()
	for _, step := range []struct{ send, want string }{
		{"echo $((40+2))\n", "\n42" + ready},
		{"if true\n", "> "},
		{"then echo y''es; fi\n", "\nyes" + ready},
		{"echo 'a\n", "> "},
		{"b'\n", "\nb" + ready},
		{"echo x \\\n", "> "},
		{"y\n", "\nx y" + ready},
		{"cat <<E\n", "> "},
		{"h''ere\n", "> "},
		{"E\n", "\nh''ere" + ready},
		{"fi\n", "an `if`" + ready},
		{"nosuch\n", "not found" + ready},
		{"echo $?\n", "\n127" + ready},
		{"cat\n", "\n"},
		{"input\n", "input\r\ninput\r\n"},
		{"\x04", prompt()},
		{"read x; echo got-$x\n", "\n"},
		{"word\n", "got-word" + ready},
	} {
		s.send(step.send)
		s.expect(step.want)
	}
	s.send("exit 7\n")
	s.ends(7)
}

// TestEndOfFile: Ctrl-D ends the session with the last status.
func TestEndOfFile(t *testing.T) {
	t.Parallel()
	s := newSession(t, true)
	s.expect(prompt())
	s.send("false\n")
	s.expect(prompt())
	s.send("\x04")
	s.ends(1)
}

// TestInterrupt: Ctrl-C, or a SIGINT that only the shell gets, ends what runs
// and never the shell.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		own  bool
		send func(*session)
	}{
		{"Ctrl-C", true, func(s *session) { s.send("\x03") }},
		{"kill, no controlling terminal", false, func(s *session) { _ = s.cmd.Process.Signal(syscall.SIGINT) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, test.own)
			s.expect(prompt())
			test.send(s)
			s.expect(prompt())
			interrupted := func(line string) {
				t.Helper()
				s.send(line + "\n")
				s.expect("\n")                     // the echo
				time.Sleep(500 * time.Millisecond) // for the command to start, on a busy machine too
				// One that comes between two commands can be lost: a person presses again.
				for range 3 {
					test.send(s)
					if s.comes(prompt(), 4*time.Second) {
						return
					}
				}
				t.Fatalf("%s: no prompt after three interrupts; there was %q", line, s.seen)
			}
			for _, line := range []string{
				"sleep 100", "while true; do sleep 100; done", "sleep 100 | sleep 100; echo never",
				"while :; do :; done", "read x", "echo $(sleep 100)", "if true\nthen", "sleep 100",
			} {
				interrupted(line)
			}
			s.send("echo =$?=\n")
			s.expect("=130=")
			s.expect(prompt())
			// A job in the background is out of its reach, and wait is not.
			s.send("sleep 100 &\n")
			s.expect(prompt())
			interrupted("wait")
			s.send("kill $! && echo kil''led\n")
			s.expect("killed\r\n")
			s.send("exit 3\n")
			s.ends(3)
		})
	}
}
