package trace

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"example.org/mcr/runtime/plan"
)

// Run writes what became of a plan, as text, as JSON lines ("json"), or for
// Perfetto ("chrome").
func Run(w io.Writer, p *plan.Plan, r plan.Run, form string, o Options) error {
	e := newSink(w)
	switch form {
	case "json":
		runJSON(e, p, r)
	case "chrome":
		runChrome(e, p, r)
	default:
		runText(e, p, r, o)
	}
	return e.flush()
}

func values(p *plan.Plan, r plan.Run, l plan.List) Values {
	return Values{Names: p.Regs, Regs: r.Regs[l]}
}

// runText writes strace's lines, each with the time in <seconds> as strace -T
// has it where there is a clock. A comment begins with "#".
func runText(e *sink, p *plan.Plan, r plan.Run, o Options) {
	list, why, phase := plan.NoList, plan.Key(""), plan.NoPhase
	for i := 0; i < len(r.Events); i++ {
		ev := r.Events[i]
		if ev.List != list {
			list, why, phase = ev.List, "", plan.NoPhase
			e.printf("# == %s%s: %s\n", list, pid(r, list), o.title(plan.Key("list/"+list.String())))
		}
		a := p.Action(list, ev.Index)
		if a.Why != why {
			why = a.Why
			if ph := why.Phase(); list == plan.InsideList && ph != phase && why != "limits/as" {
				phase = ph
				e.printf("# -- %s: %s\n", phase, o.title(plan.Key("phase/"+phase.String())))
			}
			e.printf("# %s: %s\n", why, o.title(why))
			if n, nanos := alike(p, r, i); n >= foldFrom*2 && !o.Verbose {
				e.printf("%s\n#   ... %d more, all = %s%s\n", line(p, r, ev), n-1, Result(a.Call.Sys, ev), seconds(nanos))
				i += n - 1
				continue
			}
		}
		e.printf("%s%s\n", line(p, r, ev), seconds(ev.Nanos))
	}
}

func pid(r plan.Run, l plan.List) string {
	if n := r.Pids[l]; n != 0 {
		return " [" + strconv.Itoa(n) + "]"
	}
	return ""
}

func line(p *plan.Plan, r plan.Run, ev plan.Event) string {
	return Line(CallOf(p, ev.List, ev.Index), values(p, r, ev.List), ev)
}

// alike counts the events from i on that have one key and one answer, and adds
// up their time.
func alike(p *plan.Plan, r plan.Run, i int) (n int, nanos int64) {
	first := r.Events[i]
	why := p.Action(first.List, first.Index).Why
	for _, ev := range r.Events[i:] {
		if ev.List != first.List || p.Action(ev.List, ev.Index).Why != why || ev.Ret != first.Ret || ev.Errno != first.Errno {
			break
		}
		n++
		nanos += max(ev.Nanos, 0)
	}
	return n, nanos
}

func seconds(nanos int64) string {
	if nanos < 0 {
		return ""
	}
	return fmt.Sprintf(" <%.6f>", float64(nanos)/1e9)
}

// An EventJSON is a line of --trace=json.
type EventJSON struct {
	List   string `json:"list"`
	Pid    int    `json:"pid,omitempty"`
	Index  int    `json:"index"`
	Key    string `json:"key"`
	Phase  string `json:"phase"`
	Name   string `json:"name"`
	Call   string `json:"call"`
	Result string `json:"result"`
	Ret    uint64 `json:"ret"`
	Errno  string `json:"errno,omitempty"`
	Start  int64  `json:"start_ns"`
	Nanos  int64  `json:"took_ns"`
}

func runJSON(e *sink, p *plan.Plan, r plan.Run) {
	enc := json.NewEncoder(e)
	enc.SetEscapeHTML(false)
	for _, ev := range r.Events {
		c := CallOf(p, ev.List, ev.Index)
		why := p.Action(ev.List, ev.Index).Why
		v := values(p, r, ev.List)
		v.Ret = ev.Ret
		j := EventJSON{
			List: ev.List.String(), Pid: r.Pids[ev.List], Index: ev.Index, Key: string(why), Phase: why.Phase().String(),
			Name: c.Sys.Name, Call: Call(c, v), Result: Result(c.Sys, ev), Ret: ev.Ret, Start: ev.Start, Nanos: ev.Nanos,
		}
		if ev.Errno != 0 {
			j.Errno = ev.Errno.Name()
		}
		if err := enc.Encode(j); err != nil && e.err == nil {
			e.err = err
		}
	}
}

// A slice is a complete event of the Trace Event Format, which Perfetto reads.
type slice struct {
	Name string            `json:"name"`
	Ph   string            `json:"ph"`
	Pid  int               `json:"pid"`
	Tid  int               `json:"tid"`
	TS   float64           `json:"ts"`            // microseconds
	Dur  float64           `json:"dur,omitempty"` // microseconds
	Args map[string]string `json:"args,omitempty"`
}

// runChrome writes one track a process. Slices of a track never overlap: a
// call begins when the one before has ended.
func runChrome(e *sink, p *plan.Plan, r plan.Run) {
	slices := []slice{}
	ends := map[plan.List]float64{}
	for _, ev := range r.Events {
		track := int(ev.List)
		if _, seen := ends[ev.List]; !seen {
			slices = append(slices, slice{Name: "process_name", Ph: "M", Pid: track, Args: map[string]string{"name": ev.List.String() + pid(r, ev.List)}})
		}
		c := CallOf(p, ev.List, ev.Index)
		v := values(p, r, ev.List)
		v.Ret = ev.Ret
		ts := max(float64(max(ev.Start, 0))/1e3, ends[ev.List])
		dur := max(float64(ev.Nanos)/1e3, 0.001)
		ends[ev.List] = ts + dur
		slices = append(slices, slice{
			Name: c.Sys.Name, Ph: "X", Pid: track, Tid: track, TS: ts, Dur: dur,
			Args: map[string]string{"call": Call(c, v), "result": Result(c.Sys, ev), "key": string(p.Action(ev.List, ev.Index).Why)},
		})
	}
	b, err := json.Marshal(map[string]any{"traceEvents": slices, "displayTimeUnit": "ns"})
	if err == nil {
		_, err = e.Write(append(b, '\n'))
	}
	if err != nil && e.err == nil {
		e.err = err
	}
}
