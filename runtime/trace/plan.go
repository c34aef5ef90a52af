package trace

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// Options says how plans and runs are written.
type Options struct {
	Verbose bool                                    // every call, also of long runs for one reason
	Title   func(k plan.Key, args ...string) string // what a key is called; nil: no titles
	Rule    func(v plan.Violation) string           // what a broken rule says; nil: its own text
}

func (o *Options) title(k plan.Key, args ...string) string {
	if o.Title == nil {
		return string(k)
	}
	return o.Title(k, args...)
}

// foldFrom is how many calls in a row for one reason are folded into one line.
const foldFrom = 4

// Plan writes a plan: its lists, grouped by phase, with the reasons' titles.
func Plan(w io.Writer, p *plan.Plan, o Options) error {
	e := newSink(w)
	if len(p.Broken) > 0 {
		e.err = Broken(e, p, o)
	}
	for _, l := range []plan.List{plan.HostList, plan.InsideList, plan.AfterList} {
		e.printf("== %s: %s\n", l, o.title(plan.Key("list/"+l.String())))
		if l == plan.HostList {
			for _, b := range p.Clone {
				e.printf("#  %s %s: %s\n", b.Why, sys.CloneFlags.Text(b.Flag), o.title(b.Why))
			}
		}
		listed(e, p, l, o, func(i int) string { return Call(CallOf(p, l, i), Values{Names: p.Regs}) + denied(p, l, i) })
	}
	for _, n := range p.Notes {
		e.printf("note: %s\n", o.title(n.Why, n.Args...))
	}
	return e.flush()
}

// denied marks a call whose answer is given in the kernel's place.
func denied(p *plan.Plan, l plan.List, i int) string {
	switch d := p.Action(l, i).Deny; {
	case d.Short:
		return " (denied: short)"
	case d.Errno != 0:
		return " (denied: " + d.Errno.Name() + ")"
	}
	return ""
}

// CallOf is the i-th call of a list. A helper is shown as the execve(2) it is.
func CallOf(p *plan.Plan, l plan.List, i int) plan.Call {
	if l != plan.HostList {
		return p.Action(l, i).Call
	}
	if h := p.Host[i].Helper; h != nil {
		return plan.Execve(h.Argv[0], h.Argv, nil)
	}
	return p.HostCall(i)
}

// listed writes a list: a heading for each phase, a line for each reason, and
// the calls below it, or how many they are.
func listed(e *sink, p *plan.Plan, l plan.List, o Options, line func(i int) string) {
	phase := plan.NoPhase
	for i := 0; i < p.Len(l); {
		why := p.Action(l, i).Why
		j := i + 1
		for j < p.Len(l) && p.Action(l, j).Why == why {
			j++
		}
		if l == plan.InsideList && why.Phase() != phase && why != "limits/as" {
			phase = why.Phase()
			e.printf("-- %s: %s\n", phase, o.title(plan.Key("phase/"+phase.String())))
		}
		e.printf("#  %s: %s\n", why, o.title(why))
		if j-i >= foldFrom*2 && !o.Verbose {
			e.printf("%s\n   ... %d more\n", line(i), j-i-1)
		} else {
			for ; i < j; i++ {
				e.printf("%s\n", line(i))
			}
		}
		i = j
	}
}

// Broken says that a plan was edited, how, and which rules that breaks.
func Broken(w io.Writer, p *plan.Plan, o Options) error {
	e := newSink(w)
	e.printf("mcr: %s\n", o.title("msg/broken", strings.Join(p.Broken, ", ")))
	for _, v := range plan.Check(p) {
		text := v.Text
		if o.Rule != nil {
			text = o.Rule(v)
		}
		e.printf("mcr: %s\n", o.title("msg/violates", string(v.Rule), text))
	}
	return e.flush()
}

// Brief is Call with long arguments cut short, for messages.
func Brief(c plan.Call, v Values) string {
	args := make([]plan.Arg, len(c.Args))
	copy(args, c.Args)
	b := plan.Call{Sys: c.Sys, Args: args}
	if c.Sys == sys.Execve && len(args) == 3 {
		env := args[2].(plan.Strings)
		text := Call(plan.Call{Sys: c.Sys, Args: args[:2]}, v)
		return text[:len(text)-1] + ", [/* " + strconv.Itoa(len(env)) + " vars */])"
	}
	text := Call(b, v)
	if len(text) > 200 {
		text = text[:120] + "...)"
	}
	return text
}

// Answer is Result in an error message: with Go's lower case of errors.
func Answer(s *sys.Sysent, ev plan.Event) string {
	if ev.Errno == 0 {
		return Result(s, ev)
	}
	text := ev.Errno.Error()
	return "-1 " + ev.Errno.Name() + " (" + strings.ToLower(text[:1]) + text[1:] + ")"
}

// A sink is a buffered writer that remembers the first error: a plan is
// hundreds of lines, and a write(2) for each would cost more than the start.
type sink struct {
	*bufio.Writer
	err error
}

func newSink(w io.Writer) *sink { return &sink{Writer: bufio.NewWriterSize(w, 1<<16)} }

func (s *sink) printf(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.Writer, format, args...)
	}
}

func (s *sink) flush() error {
	if s.err == nil {
		s.err = s.Flush()
	}
	return s.err
}
