//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/trace"
)

// checkFloor runs the floor under strace(1) and compares the calls of each of
// its processes with the plan's lists, descriptors included: a register may
// stand for one number only.
func checkFloor(s settings) error {
	w, done, err := prepare(s)
	defer done()
	if err != nil {
		return err
	}
	out := filepath.Join(w.dir, "strace")
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.Mkdir(out, 0o755); err != nil {
		return err
	}
	out = filepath.Join(out, "of")
	if _, err := output(exec.Command("strace", "-ff", "-v", "-s", "65536", "-o", out, w.floor)); err != nil {
		return err
	}
	files, err := filepath.Glob(out + ".*")
	if err != nil {
		return err
	}
	total := 0
	lists := map[plan.List]bool{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		lines := calls(string(b))
		l := listOf(lines)
		lists[l] = true
		n, differing := compare(w.plan, l, lines)
		fmt.Printf("%-6s %3d calls, %d differing\n", l, n, differing)
		total += differing
	}
	if total > 0 || len(lists) != 3 {
		return fmt.Errorf("%d calls of the floor differ from the plan's, in %d processes", total, len(files))
	}
	return nil
}

func calls(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '+' && line[0] != '-' {
			lines = append(lines, line)
		}
	}
	return lines
}

// listOf says whose calls these are, by their first.
func listOf(lines []string) plan.List {
	switch {
	case strings.HasPrefix(lines[0], "execve("):
		return plan.HostList
	case strings.HasPrefix(lines[0], "setsid("):
		return plan.AfterList
	}
	return plan.InsideList
}

// compare counts the calls of a list that are not as planned. The host's stand
// between what libc does before main and the end of the program.
func compare(p *plan.Plan, l plan.List, lines []string) (n, differing int) {
	bound := map[string]string{}
	first := pattern(text(p, l, 0))
	for l == plan.HostList && len(lines) > 0 && !first.re.MatchString(plain.Replace(lines[0])) {
		lines = lines[1:]
	}
	for i := range p.Len(l) {
		want := text(p, l, i)
		got := "nothing"
		if i < len(lines) {
			got = lines[i]
		}
		n++
		if l == plan.AfterList && i >= len(lines)-1 {
			n-- // killed while it waits: the rest is for the day the parent dies
			continue
		}
		if !pattern(want).match(got, bound) {
			differing++
			fmt.Fprintf(os.Stderr, "%s %d:\n  plan:  %s\n  floor: %s\n", l, i+1, want, got)
		}
		if save := p.Action(l, i).Save; save != 0 {
			bound[p.Regs[save]] = got[strings.LastIndexByte(got, ' ')+1:]
		}
	}
	return n, differing
}

// text is a planned call; a buffer holds as much as the plan wants to be read.
func text(p *plan.Plan, l plan.List, i int) string {
	c := trace.CallOf(p, l, i)
	if out, want := c.Sys.Out, p.Action(l, i).Want; out > 0 && want.Exact {
		c.Args = append([]plan.Arg(nil), c.Args...)
		c.Args[out-1] = c.Args[out-1].(plan.Bytes)[:want.Value]
	}
	return trace.Call(c, trace.Values{Names: p.Regs})
}

// plain takes away what strace's versions write differently: whether a
// result stands before or behind the structure's brace, and the dots after a
// name that fills its field.
var plain = strings.NewReplacer("}", "", `"...`, `"`)

// A shape is a planned call as a regular expression; names are the registers
// that its groups stand for.
type shape struct {
	re    *regexp.Regexp
	names []string
}

var placeholder = regexp.MustCompile(`<[^<>" ]+>`)

func pattern(want string) shape {
	want = plain.Replace(want)
	var s shape
	var b strings.Builder
	b.WriteString("^")
	at := 0
	for _, m := range placeholder.FindAllStringIndex(want, -1) {
		b.WriteString(regexp.QuoteMeta(want[at:m[0]]))
		if name := want[m[0]+1 : m[1]-1]; name == "address" {
			b.WriteString(`0x[0-9a-f]+`)
		} else {
			s.names = append(s.names, name)
			b.WriteString(`(\d+)`)
		}
		at = m[1]
	}
	b.WriteString(regexp.QuoteMeta(want[at:]) + ` += `)
	s.re = regexp.MustCompile(b.String())
	return s
}

// match also binds a name that is seen for the first time to its number.
func (s shape) match(got string, bound map[string]string) bool {
	m := s.re.FindStringSubmatch(plain.Replace(got))
	if m == nil {
		return false
	}
	for i, name := range s.names {
		if v, ok := bound[name]; ok && v != m[i+1] {
			return false
		}
		bound[name] = m[i+1]
	}
	return true
}
