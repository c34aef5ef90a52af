package judge_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"example.org/mcr/runtime/plan"
)

// Every start of the corpus is what the plan says, line by line and byte by
// byte, results included: strace(1) sees no call that was not said, and sees
// every call that was.
func TestStrace(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed: it is the judge, strace(1)")
	}
	if !full {
		t.Log("a sample of the corpus: MCR_FULL=1 runs all of it")
	}
	for _, u := range users {
		t.Run(u.name, func(t *testing.T) {
			starts(t, u)
			var n tally
			t.Run("corpus", func(t *testing.T) {
				for _, s := range due(u, full) {
					t.Run(s.name, func(t *testing.T) {
						t.Parallel()
						s.judge(t, u, &n)
						n.specs.Add(1)
					})
				}
			})
			t.Logf("%s: %d specs, %d lines held against strace: %d differing, %d hidden, %d missing", u.name,
				n.specs.Load(), n.lines.Load(), n.differ.Load(), n.hidden.Load(), n.missing.Load())
		})
	}
}

// A tally counts what was compared, and how it differs.
type tally struct{ specs, lines, differ, hidden, missing atomic.Int64 }

func (n *tally) add(lines int, v verdict) {
	n.lines.Add(int64(lines))
	n.differ.Add(int64(len(v.differ)))
	n.hidden.Add(int64(len(v.hidden)))
	n.missing.Add(int64(len(v.missing)))
}

// judge runs a sample under strace, once for each form of trace.
func (s *sample) judge(t *testing.T, u *user, n *tally) {
	t.Helper()
	if s.around != "" {
		if _, err := exec.LookPath("unshare"); err != nil {
			t.Skip("unshare(1) is not installed: the root is mounted in a mount namespace of its own")
		}
	}
	dir := u.place(t, s.name)
	flags := s.flagsFor(t, u, dir)
	if s.facts != nil {
		flags = []string{"--plan", s.save(t, u, dir, flags)}
	}
	p := planOf(t, s.run(t, u, dir, s.argv(u, "plan", append([]string{"--json"}, flags...)...)))
	text := read(s.run(t, u, dir, s.argv(u, "plan", append([]string{"--verbose"}, flags...)...)))
	for _, form := range []string{"json", "text"} {
		for _, name := range []string{"run", "tmp", "sys"} { // --rw leaves what it had to make
			if s.bare {
				_ = os.Remove(filepath.Join(dir, "bare", name)) // not there the first time
			}
		}
		r := s.strace(t, u, dir, form, flags)
		r.judge(t, s, n)
		if form == "json" {
			r.againstPlan(t, p, text)
		}
	}
}

// place is a new directory of the user's.
func (u *user) place(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.MkdirTemp(u.dir, name+"-") //nolint:usetesting // a directory that another user can come to
	if err == nil {
		err = u.own(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// cmd is a command of the sample's, with what stands before it.
func (s *sample) cmd(t *testing.T, u *user, dir string, argv []string) *exec.Cmd {
	t.Helper()
	c := u.command(s.surround(argv)...)
	c.Dir = dir
	if s.groups {
		c.SysProcAttr.Credential.Groups = []uint32{stranger + 1, stranger + 2}
	}
	if s.around != "" {
		c.Env = append(c.Env, "LOWER="+u.rootfs, "EMPTY="+filepath.Join(dir, "empty"), "ROOT="+filepath.Join(dir, "root"))
	}
	return c
}

func (s *sample) run(t *testing.T, u *user, dir string, argv []string) string {
	t.Helper()
	return output(t, s.cmd(t, u, dir, argv))
}

// save compiles the sample for other facts and saves the plan.
func (s *sample) save(t *testing.T, u *user, dir string, flags []string) string {
	t.Helper()
	p := planOf(t, s.run(t, u, dir, s.argv(u, "plan", append([]string{"--json"}, flags...)...)))
	s.facts(&p.Facts)
	b, err := json.Marshal(&p.Facts)
	if err != nil {
		t.Fatal(err)
	}
	facts := u.write(t, dir, "facts.json", string(b))
	return u.write(t, dir, "plan.json", s.run(t, u, dir, s.argv(u, "plan", append([]string{"--json", "--facts", facts}, flags...)...)))
}

func planOf(t *testing.T, text string) *plan.Plan {
	t.Helper()
	p := &plan.Plan{}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		t.Fatal(err)
	}
	return p
}

// write writes a file that is the user's.
func (u *user) write(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	err := os.WriteFile(file, []byte(text), 0o600)
	if err == nil {
		err = u.own(file)
	}
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// An account is what mcr said of a run, and what strace saw of it.
type account struct {
	*trace
	seen map[int][]string // by process
	mcr  int              // the process
}

// strace runs a sample under strace.
func (s *sample) strace(t *testing.T, u *user, dir, form string, flags []string) *account {
	t.Helper()
	out, said := filepath.Join(dir, form), filepath.Join(dir, form+".trace")
	argv := s.argv(u, "run", append([]string{"--trace=" + form, "--verbose", "-o", said}, flags...)...)
	c := s.cmd(t, u, dir, append([]string{"strace", "-ff", "-v", "-s", "65536", "-o", out}, argv...))
	var words bytes.Buffer
	c.Stdout, c.Stderr = &words, &words
	c.SysProcAttr.Setpgid = true
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	// Nothing here takes long: what hangs is a failure, and mcr's death ends what it started.
	late := time.AfterFunc(time.Minute, func() { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) })
	defer late.Stop()
	if s.killed {
		kill(t, out, said)
	}
	err := c.Wait()
	var status *exec.ExitError
	if err != nil && (!s.killed && !s.dies || !errors.As(err, &status)) {
		t.Fatalf("%q: %v\n%s", c.Args, err, &words)
	}
	b, err := os.ReadFile(said)
	if err != nil {
		t.Fatal(err)
	}
	a := &account{seen: strands(t, out)}
	if form == "json" {
		a.trace = readJSON(t, string(b))
	} else {
		a.trace = read(string(b))
	}
	a.mcr = became(a.seen, filepath.Join(bin, "mcr"))
	if a.mcr == 0 {
		t.Fatalf("strace saw no mcr begin: %d processes", len(a.seen))
	}
	return a
}

// kill waits for the payload to run and kills mcr.
func kill(t *testing.T, out, said string) {
	t.Helper()
	for range 2000 {
		b, err := os.ReadFile(said)
		// execve(2) closes mcr's descriptor, by which mcr knows, a little before strace sees it return.
		if seen := strands(t, out); err == nil && bytes.Contains(b, []byte("after/ready")) && became(seen, "/bin/sleep") != 0 {
			if err := syscall.Kill(became(seen, filepath.Join(bin, "mcr")), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the payload never began")
}

// strands reads strace's files, one a process.
func strands(t *testing.T, out string) map[int][]string {
	t.Helper()
	files, _ := filepath.Glob(out + ".*") // the pattern is well formed
	seen := map[int][]string{}
	for _, file := range files {
		pid, err := strconv.Atoi(strings.TrimPrefix(file, out+"."))
		if err != nil {
			continue // the trace itself
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		seen[pid] = strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	}
	return seen
}

// became is the process that became a program; 0: none did.
func became(seen map[int][]string, program string) int {
	for pid, lines := range seen {
		for _, line := range lines {
			if strings.HasPrefix(line, fmt.Sprintf("execve(%q, ", program)) && strings.HasSuffix(line, " = 0") {
				return pid
			}
		}
	}
	return 0
}
