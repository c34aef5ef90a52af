package judge_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// A result is how a program ended, and what it said.
type result struct {
	status         int
	stdout, stderr string
}

// start runs mcr with the user's root.
func (u *user) start(t *testing.T, verb string, args ...string) result {
	t.Helper()
	return ended(t, u.command(u.mcr(verb, args...)...))
}

func ended(t *testing.T, c *exec.Cmd) result {
	t.Helper()
	var out, words bytes.Buffer
	c.Stdout, c.Stderr = &out, &words
	c.WaitDelay = 5 * time.Second // whoever still holds stdout by then was left behind
	err := c.Start()
	if err == nil {
		late := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
		defer late.Stop()
		err = c.Wait()
	}
	var status *exec.ExitError
	if err != nil && !errors.As(err, &status) {
		t.Fatal(err)
	}
	return result{c.ProcessState.ExitCode(), out.String(), words.String()}
}

// later are the actions that are made when the payload has begun, or that
// wait for it: refusing them cannot keep it from running, and the reason why.
var later = map[plan.Key]string{
	"host/started": "it is the answer to execve(2): the payload may have begun",
	"after/wait":   "the watcher has said that it stands, and the payload is let go",
	"after/kill":   "it is made when mcr is dead",
}

// Every action of a start, refused: the payload never runs, the message names
// the call and its key, and nothing is left.
func TestSweepDeny(t *testing.T) {
	every := 4
	if full {
		every = 1
	} else {
		t.Log("every 4th action: MCR_FULL=1 sweeps all of them")
	}
	for _, u := range users {
		t.Run(u.name, func(t *testing.T) {
			starts(t, u)
			p := planOf(t, output(t, u.command(u.mcr("plan", "--json", "--", "/bin/sh", "-c", "echo ran")...)))
			before, staged := mounts(t), onStage(p)
			var stopped, n, after atomic.Int64
			t.Run("actions", func(t *testing.T) {
				for i, d := range denials(p) {
					if i%every != 0 {
						continue
					}
					count := &n
					if _, ok := later[d.action.Why]; ok {
						count = &after
					}
					count.Add(1)
					t.Run(d.flag(), func(t *testing.T) {
						t.Parallel()
						d.judge(t, u)
						if !t.Failed() && count == &n {
							stopped.Add(1)
						}
					})
				}
			})
			t.Logf("%s: %d of %d refusals stopped the start; %d more come after it, and left nothing", u.name, stopped.Load(), n.Load(), after.Load())
			if left := leftovers(before, mounts(t)); len(left) > 0 {
				t.Errorf("mounts on the host that were not there: %q", left)
			}
			if now := onStage(p); len(now) > len(staged) {
				t.Errorf("files on the host: %q, and there were %q", now, staged)
			}
		})
	}
}

// A denial is an action that is refused, and how.
type denial struct {
	list   plan.List
	action *plan.Action
	call   string // its system call's name
	nth    int    // of its key
	answer string
}

func (d *denial) flag() string { return fmt.Sprintf("%s#%d=%s", d.action.Why, d.nth, d.answer) }

// denials are all ways of refusing an action of a plan: each with an error
// that it does not allow, and those that want a result with another one.
func denials(p *plan.Plan) (all []*denial) {
	for _, l := range []plan.List{plan.HostList, plan.InsideList, plan.AfterList} {
		seen := map[plan.Key]int{}
		for i := range p.Len(l) {
			a, c := p.Action(l, i), p.Action(l, i).Call
			if l == plan.HostList {
				c = p.HostCall(i)
			}
			seen[a.Why]++
			errno := sys.EIO
			if slices.Contains(a.Allow, errno) {
				errno = sys.ENXIO
			}
			d := denial{l, a, c.Sys.Name, seen[a.Why], errno.Name()}
			all = append(all, &d)
			if a.Want.Exact {
				short := d
				short.answer = plan.Short
				all = append(all, &short)
			}
		}
	}
	return all
}

// judge starts a container with the action refused.
func (d *denial) judge(t *testing.T, u *user) {
	t.Helper()
	mark := fmt.Sprintf("mark-%d-%s", os.Getpid(), strings.NewReplacer("/", ".", "#", ".", "=", ".").Replace(u.name+d.flag()))
	r := u.start(t, "run", "--i-know", "--deny", d.flag(), "--", "/bin/sh", "-c", "echo ran "+mark)
	if left := processes(t, mark); len(left) > 0 {
		t.Errorf("processes that were left: %q", left)
	}
	if why, ok := later[d.action.Why]; ok {
		if r.stdout != "" {
			t.Logf("the payload ran: %s", why)
		}
		if d.list == plan.HostList {
			named(t, r.stderr, d.call, string(d.action.Why))
		}
		return
	}
	want := 125
	if d.action.Call.Sys == sys.Execve {
		want = 126
	}
	if r.status != want || r.stdout != "" {
		t.Errorf("status %d, stdout %q; want %d and none\n%s", r.status, r.stdout, want, r.stderr)
	}
	if d.list == plan.AfterList {
		// The parent only sees that the watcher is gone, and says so.
		named(t, r.stderr, "read", "host/watch_ready")
		return
	}
	named(t, r.stderr, d.call, string(d.action.Why))
}

// named holds a message to its form: the call in its first line, its key in
// the second. What was edited is said before it.
func named(t *testing.T, stderr, call, key string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return regexp.MustCompile(`^mcr: [a-z0-9_]+\(.*\) = `).MatchString(l) })
	if i < 0 || !strings.HasPrefix(lines[i], "mcr: "+call+"(") {
		t.Errorf("the first line does not name %s(2):\n%s", call, stderr)
		return
	}
	if i+2 >= len(lines) || !strings.Contains(lines[i+1], key) {
		t.Errorf("the second line does not name %s:\n%s", key, stderr)
	}
}

// What is looked for can be found: while a container runs its processes are
// seen, and when mcr is killed they go.
func TestSweepSeesProcesses(t *testing.T) {
	for _, u := range users {
		t.Run(u.name, func(t *testing.T) {
			starts(t, u)
			mark := fmt.Sprintf("mark-%d-%s-running", os.Getpid(), u.name)
			c := u.command(u.mcr("run", "-e", "MARK="+mark, "--", "/bin/sh", "-c", "echo begun; sleep 600; : "+mark)...)
			out := &awaited{text: "begun", found: make(chan struct{})}
			c.Stdout = out
			c.WaitDelay = 5 * time.Second
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-out.found:
			case <-time.After(30 * time.Second):
				t.Error("the payload never began")
			}
			if n := len(processes(t, mark)); n < 3 {
				t.Errorf("%d processes were seen; want mcr, its watcher and the payload", n)
			}
			_ = c.Process.Kill()
			_ = c.Wait() // it was killed
			for i := 0; len(processes(t, mark)) > 0; i++ {
				if i == 1000 {
					t.Fatalf("processes outlive mcr: %q", processes(t, mark))
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
}

// processes are those that have a mark in their arguments.
func processes(t *testing.T, mark string) (found []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err == nil && bytes.Contains(b, []byte(mark)) { // else it is gone
			found = append(found, file+": "+string(b))
		}
	}
	return found
}

// mounts are the mounts of the host, without what belongs to others.
func mounts(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(b), "\n")
}

// onStage are the host's files that have the names of what a container's root
// is put together from: those belong on a tmpfs that only the container sees.
func onStage(p *plan.Plan) (found []string) {
	for _, name := range []string{"root", "lower", "upper", "work", "hostname", "hosts", "resolv.conf"} {
		if _, err := os.Lstat(filepath.Join(p.Facts.Stage, name)); err == nil {
			found = append(found, name)
		}
	}
	return found
}

// leftovers are new mounts where a container's would be: others of this
// machine may mount what they like meanwhile.
func leftovers(before, after []string) (left []string) {
	for _, line := range after {
		f := strings.Fields(line)
		if slices.Contains(before, line) || len(f) < 5 {
			continue
		}
		at := f[4]
		if at == "/" || at == "/tmp" || at == "/run" || strings.HasPrefix(at, "/tmp/root") || strings.HasPrefix(at, work) ||
			strings.HasPrefix(at, "/proc") || strings.HasPrefix(at, "/sys") || strings.HasPrefix(at, "/dev") {
			left = append(left, line)
		}
	}
	return left
}
