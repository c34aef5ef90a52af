package plan

import (
	"encoding/json"
	"errors"
	"fmt"

	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/sys"
)

// Version is the version of a saved plan's form. A plan of another version is
// not read.
const Version = 1

// file is a saved plan. No text of a call is in it: that is always derived.
type file struct {
	Version int         `json:"mcr_plan"`
	Facts   *host.Facts `json:"facts"`
	Broken  []string    `json:"broken,omitempty"`
	Notes   []Note      `json:"notes,omitempty"`
	Regs    []string    `json:"registers"`
	Clone   []birthJSON `json:"clone"`
	Host    []stepJSON  `json:"host"`
	Inside  []stepJSON  `json:"inside"`
	After   []stepJSON  `json:"after"`
}

type birthJSON struct {
	Why  Key    `json:"why"`
	Flag string `json:"flag"`
}

// stepJSON is a Step or an Action.
type stepJSON struct {
	Why    Key       `json:"why"`
	Call   *callJSON `json:"call,omitempty"`
	Forks  List      `json:"forks,omitempty"`
	Helper *Helper   `json:"helper,omitempty"`
	Save   Reg       `json:"save,omitempty"`
	Want   *uint64   `json:"want,omitempty"`
	Allow  []string  `json:"allow,omitempty"`
	Again  uint8     `json:"again,omitempty"`
	Probe  *Probe    `json:"probe,omitempty"`
	Undo   *callJSON `json:"undo,omitempty"`
	Deny   string    `json:"deny,omitempty"`
}

type callJSON struct {
	Name string    `json:"name"`
	Args []argJSON `json:"args,omitempty"`
}

// MarshalJSON writes a plan down so that UnmarshalJSON gives the same again.
func (p *Plan) MarshalJSON() ([]byte, error) {
	f := file{Version: Version, Facts: &p.Facts, Broken: p.Broken, Notes: p.Notes, Regs: p.Regs}
	for _, b := range p.Clone {
		f.Clone = append(f.Clone, birthJSON{b.Why, sys.CloneFlags.Text(b.Flag)})
	}
	for i := range p.Host {
		s := saveAction(&p.Host[i].Action)
		s.Forks, s.Helper = p.Host[i].Forks, p.Host[i].Helper
		f.Host = append(f.Host, s)
	}
	for i := range p.Inside {
		f.Inside = append(f.Inside, saveAction(&p.Inside[i]))
	}
	for i := range p.After {
		f.After = append(f.After, saveAction(&p.After[i]))
	}
	return json.Marshal(&f)
}

// UnmarshalJSON reads a plan that MarshalJSON wrote. It refuses what is not
// one: an unknown call, a call with the wrong number of arguments, a register
// that does not exist.
func (p *Plan) UnmarshalJSON(b []byte) error {
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("read a plan: %w", err)
	}
	if f.Version != Version {
		return fmt.Errorf("plan of version %d: this mcr reads version %d", f.Version, Version)
	}
	if f.Facts == nil {
		return errors.New("plan without the facts it was compiled for")
	}
	*p = Plan{Facts: *f.Facts, Broken: f.Broken, Notes: f.Notes, Regs: f.Regs}
	for _, b := range f.Clone {
		v, ok := sys.CloneFlags.Parse(b.Flag)
		if !ok {
			return fmt.Errorf("clone flag %q: unknown", b.Flag)
		}
		p.Clone = append(p.Clone, Birth{v, b.Why})
	}
	for i := range f.Host {
		a, err := loadAction(&f.Host[i])
		if err != nil {
			return err
		}
		p.Host = append(p.Host, Step{Action: *a, Forks: f.Host[i].Forks, Helper: f.Host[i].Helper})
	}
	for _, l := range []struct {
		to   *[]Action
		from []stepJSON
	}{{&p.Inside, f.Inside}, {&p.After, f.After}} {
		for i := range l.from {
			a, err := loadAction(&l.from[i])
			if err != nil {
				return err
			}
			if a.Call.Sys == nil {
				return fmt.Errorf("%s: no call", a.Why)
			}
			*l.to = append(*l.to, *a)
		}
	}
	return p.wellFormed()
}

func saveAction(a *Action) stepJSON {
	s := stepJSON{Why: a.Why, Save: a.Save, Again: a.Again, Probe: a.Probe, Call: saveCall(&a.Call)}
	if a.Want.Exact {
		s.Want = &a.Want.Value
	}
	for _, e := range a.Allow {
		s.Allow = append(s.Allow, e.Name())
	}
	if a.Undo != nil {
		s.Undo = saveCall(a.Undo)
	}
	switch {
	case a.Deny.Short:
		s.Deny = Short
	case a.Deny.Errno != 0:
		s.Deny = a.Deny.Errno.Name()
	}
	return s
}

func loadAction(s *stepJSON) (*Action, error) {
	a := &Action{Why: s.Why, Save: s.Save, Again: s.Again, Probe: s.Probe}
	if s.Want != nil {
		a.Want = Want{true, *s.Want}
	}
	for _, name := range s.Allow {
		e, ok := sys.ParseErrno(name)
		if !ok {
			return nil, fmt.Errorf("%s: error number %q: unknown", s.Why, name)
		}
		a.Allow = append(a.Allow, e)
	}
	if s.Deny != "" {
		d, err := parseDenial(s.Deny)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Why, err)
		}
		a.Deny = d
	}
	for _, c := range []struct {
		from *callJSON
		set  func(Call)
	}{
		{s.Call, func(c Call) { a.Call = c }},
		{s.Undo, func(c Call) { a.Undo = &c }},
	} {
		if c.from == nil {
			continue
		}
		call, err := loadCall(c.from)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Why, err)
		}
		c.set(call)
	}
	return a, nil
}

func saveCall(c *Call) *callJSON {
	if c.Sys == nil {
		return nil
	}
	j := &callJSON{Name: c.Sys.Name}
	for _, a := range c.Args {
		j.Args = append(j.Args, saveArg(a))
	}
	return j
}

func loadCall(j *callJSON) (Call, error) {
	s, ok := sys.Lookup(j.Name)
	if !ok {
		return Call{}, fmt.Errorf("system call %q: plans have no such call", j.Name)
	}
	if len(j.Args) > len(s.Args) {
		return Call{}, fmt.Errorf("%s: %d arguments, it has %d", s.Name, len(j.Args), len(s.Args))
	}
	c := Call{Sys: s}
	for i := range j.Args {
		a, err := loadArg(&j.Args[i])
		if err != nil {
			return Call{}, fmt.Errorf("%s: argument %d: %w", s.Name, i+1, err)
		}
		c.Args = append(c.Args, a)
	}
	if least := s.Least(); len(c.Args) < least {
		return Call{}, fmt.Errorf("%s: %d arguments, it has %d", s.Name, len(c.Args), least)
	}
	if s.Out > 0 {
		if _, ok := c.Args[s.Out-1].(Bytes); !ok {
			return Call{}, fmt.Errorf("%s: argument %d is not a buffer", s.Name, s.Out)
		}
	}
	if s == sys.Execve {
		_, path := c.Args[0].(Path)
		_, argv := c.Args[1].(Strings)
		_, env := c.Args[2].(Strings)
		if !path || !argv || !env || len(c.Args[1].(Strings)) == 0 {
			return Call{}, fmt.Errorf("%s: it takes a path and two lists of strings", s.Name)
		}
	}
	return c, nil
}
