package plan

import (
	"errors"
	"fmt"
)

// wellFormed refuses a plan that cannot be run or printed at all, whatever it
// would do: a saved one may say anything.
func (p *Plan) wellFormed() error {
	if len(p.Inside) == 0 {
		return errors.New("plan without an inside list")
	}
	if len(p.Regs) > maxRegs || len(p.Inside) > maxActions || len(p.Host) > maxActions || len(p.After) > maxActions {
		return fmt.Errorf("plan too large: at most %d registers and %d actions a list", maxRegs, maxActions)
	}
	births := map[List]int{}
	for i := range p.Host {
		s := &p.Host[i]
		if s.Forks > AfterList || s.Forks == HostList {
			return fmt.Errorf("%s: forks no list", s.Why)
		}
		births[s.Forks]++
		if s.Call.Sys == nil && s.Forks == NoList && s.Helper == nil {
			return fmt.Errorf("%s: no call", s.Why)
		}
		if s.Helper != nil && len(s.Helper.Argv) == 0 {
			return fmt.Errorf("%s: a helper without a program", s.Why)
		}
		if err := p.formed(&s.Action); err != nil {
			return err
		}
	}
	if births[InsideList] != 1 || births[AfterList] > 1 {
		return errors.New("plan in which the container is not born exactly once")
	}
	for _, l := range [][]Action{p.Inside, p.After} {
		for i := range l {
			if err := p.formed(&l[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

const (
	maxRegs    = 96
	maxActions = 2000
)

func (p *Plan) formed(a *Action) error {
	if int(a.Save) >= len(p.Regs) && a.Save != 0 || len(a.Allow) > 4 {
		return fmt.Errorf("%s: a register that does not exist, or too many answers allowed", a.Why)
	}
	for _, arg := range a.Call.Args {
		if err := p.formedArg(arg); err != nil {
			return fmt.Errorf("%s: %w", a.Why, err)
		}
	}
	return nil
}

func (p *Plan) formedArg(arg Arg) error {
	switch x := arg.(type) {
	case FD:
		if int(x) >= len(p.Regs) {
			return fmt.Errorf("register %d: there are %d", x, len(p.Regs))
		}
	case Struct:
		if x.Size < 0 || x.Size > maxStruct {
			return fmt.Errorf("a structure of %d bytes", x.Size)
		}
		if x.Size > 0 {
			if err := x.inside(0, x.Size); err != nil {
				return err
			}
		}
		for _, f := range x.Fields {
			if int(f.Save) >= len(p.Regs) {
				return fmt.Errorf("register %d: there are %d", f.Save, len(p.Regs))
			}
			if err := p.formedArg(f.Val); err != nil {
				return err
			}
		}
	case Int, Path, Bytes, Strings, Nil, Flags:
	}
	return nil
}
