package judge_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.org/mcr/runtime/plan"
)

// A trace is what mcr says: of a run, or of a plan, list by list.
type trace struct {
	lines  map[string][]string // as strace would print them
	pids   map[string]int
	events []event // of a trace in JSON
}

type event struct {
	List, Key, Call, Result, Errno string
	Pid, Index                     int
}

// readJSON reads a trace in JSON. The lines are put together here, so that
// mcr's own idea of strace's columns is judged too.
func readJSON(t *testing.T, text string) *trace {
	t.Helper()
	tr := &trace{lines: map[string][]string{}, pids: map[string]int{}}
	for line := range strings.Lines(text) {
		var e event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		tr.events = append(tr.events, e)
		if e.List == "after" && e.Result == "?" { // it was still in it when the trace was written
			continue
		}
		tr.lines[e.List] = append(tr.lines[e.List], written(e.Call, e.Result))
		tr.pids[e.List] = e.Pid
	}
	return tr
}

var (
	heading = regexp.MustCompile(`^(?:# )?== (host|inside|after)(?: \[(\d+)\])?: `)
	took    = regexp.MustCompile(` <\d+\.\d{6}>$`)
)

// read reads a plan or a trace as text: comments begin with "#", and the time
// a call took stands behind it.
func read(text string) *trace {
	tr := &trace{lines: map[string][]string{}, pids: map[string]int{}}
	list := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if m := heading.FindStringSubmatch(line); m != nil {
			list = m[1]
			tr.pids[list], _ = strconv.Atoi(m[2]) // the host list has none
			continue
		}
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "-- ") || strings.HasPrefix(line, "note: ") {
			continue
		}
		if list == "after" && strings.HasSuffix(line, "= ?") {
			continue
		}
		tr.lines[list] = append(tr.lines[list], took.ReplaceAllString(line, ""))
	}
	return tr
}

// judge holds the three lists of a run against what strace saw of it.
func (a *account) judge(t *testing.T, s *sample, n *tally) {
	t.Helper()
	inside, signals := start(a.seen[a.pids["inside"]])
	if len(signals) > 0 {
		t.Logf("signals at the start: %q", signals)
	}
	v := compare(a.lines["inside"], inside)
	n.add(len(inside), v)
	if !v.ok() {
		t.Errorf("inside list: %s", v)
	}
	// The host list and much else is done by the thread that PR_SET_PDEATHSIG speaks of: mcr's first.
	host := make([]string, 0, len(a.seen[a.mcr]))
	for _, line := range a.seen[a.mcr] {
		host = append(host, placed(line))
	}
	v = verdict{missing: inOrder(a.lines["host"], host)}
	n.add(len(a.lines["host"]), v)
	if !v.ok() {
		t.Errorf("host list: %s", v)
	}
	said, seen := a.watch(t, s)
	v = compare(said, seen)
	n.add(len(said), v)
	if !v.ok() {
		t.Errorf("after list: %s", v)
	}
	if len(inside) < 50 || len(a.lines["host"]) < 8 || len(said) < 6 {
		t.Errorf("too short to be a start: %d, %d and %d lines", len(inside), len(a.lines["host"]), len(said))
	}
}

// waiting is how strace writes a call that did not come back.
const waiting = "read(0,  <unfinished ...>)              = ?"

// watch is the after list, said and seen. When the trace is written the
// watcher is about to wait, and what happens then is told by the plan.
func (a *account) watch(t *testing.T, s *sample) (said, seen []string) {
	t.Helper()
	said = slices.Clone(a.lines["after"])
	if ready := written(`write(0, "r", 1)`, "1"); len(said) > 0 && said[len(said)-1] != ready {
		said = append(said, ready)
	}
	said = append(said, waiting)
	seen, signals := start(a.seen[a.pids["after"]])
	if !s.killed {
		if !slices.Contains(signals, "+++ killed by SIGKILL +++") {
			t.Errorf("the watcher was not dismissed: %q", signals)
		}
		// A payload as short as true(1) may end before the watcher has come to wait; the killed sample's does not.
		if n := len(said) - 1; len(seen) == n {
			said = said[:n]
		}
		if n := len(seen) - 1; n == len(said)-1 && strings.HasPrefix(seen[n], `write(0, "r", 1`) && strings.Contains(seen[n], "= ?") {
			seen[n] = said[n]
		}
		return said, seen
	}
	said[len(said)-1] = written(`read(0, "", 1)`, "0")
	said = append(said, written(`pidfd_send_signal(1, SIGKILL, NULL, 0)`, "0"), written("exit_group(125)", "?"))
	for i, line := range seen {
		// The payload may have died of PR_SET_PDEATHSIG first.
		if line == written(`pidfd_send_signal(1, SIGKILL, NULL, 0)`, "-1 ESRCH (No such process)") {
			seen[i] = said[len(said)-2]
		}
	}
	return said, seen
}

// ids is a map of a range that root's mcr chooses anew each time.
var ids = regexp.MustCompile(`"0 \d+ 65536\\n", \d+`)

// againstPlan holds what was done against what mcr plan printed: the same
// lines, but for the numbers of descriptors, which the plan has names for.
func (a *account) againstPlan(t *testing.T, p *plan.Plan, printed *trace) {
	t.Helper()
	last := map[string]int{"host": -1, "inside": -1, "after": -1}
	for i, e := range a.events {
		again := i > 0 && a.events[i-1].List == e.List && a.events[i-1].Index == e.Index && a.events[i-1].Errno == "EAGAIN"
		if e.Index != last[e.List]+1 && !(again && e.Index == last[e.List]) {
			t.Errorf("%s: action %d after action %d", e.List, e.Index, last[e.List])
		}
		last[e.List] = e.Index
		if e.Index >= len(printed.lines[e.List]) {
			t.Fatalf("%s: mcr plan prints %d lines, action %d was made", e.List, len(printed.lines[e.List]), e.Index)
		}
		want := ids.ReplaceAllString(printed.lines[e.List][e.Index], `"range"`)
		if strings.HasPrefix(want, "read(") {
			want = strings.Replace(want, `"?"`, `""`, 1) // the end of a file is wanted there
		}
		pattern := regexp.QuoteMeta(want)
		for _, name := range p.Regs[1:] {
			pattern = strings.ReplaceAll(pattern, "<"+regexp.QuoteMeta(name)+">", `(?:\d+)`)
		}
		got := ids.ReplaceAllString(e.Call, `"range"`)
		if !regexp.MustCompile("^"+pattern+"$").MatchString(got) && !regexp.MustCompile("^"+regexp.QuoteMeta(want)+"$").MatchString(got) {
			t.Errorf("%s: mcr plan prints\n%s\nand mcr run did\n%s", e.List, want, got)
		}
	}
	// What a plan has and a run does not are the entries of PATH behind the one that was found.
	for i := last["inside"] + 1; i < len(p.Inside); i++ {
		if p.Inside[i].Why != "exec/search" {
			t.Errorf("inside: action %d, %s, was not made", i, p.Inside[i].Why)
		}
	}
	if last["host"] != len(p.Host)-1 {
		t.Errorf("host: %d of %d actions were made", last["host"]+1, len(p.Host))
	}
}

// String helps a reader of a failure.
func (e event) String() string { return fmt.Sprintf("%s %d %s: %s", e.List, e.Index, e.Key, e.Call) }
