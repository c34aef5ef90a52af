package plan

import (
	"slices"

	"example.org/mcr/runtime/sys"
)

// An Event is the kernel's answer to one Action.
type Event struct {
	List  List      `json:"list"`
	Index int       `json:"index"` // of the action in its list
	Ret   uint64    `json:"ret"`   // the result, if Errno is 0
	Errno sys.Errno `json:"errno"` // why it was refused
	Open  bool      `json:"open"`  // it had not come back when this was read
	Start int64     `json:"start"` // nanoseconds since the start began; -1 where there is no clock
	Nanos int64     `json:"nanos"` // how long it took; -1 where there is no clock, or it never came back
}

// Events are the answers to a plan, list by list, in the order they came.
type Events []Event

// Sort puts the lists one behind the other: host, inside, after.
func (e Events) Sort() {
	slices.SortStableFunc(e, func(a, b Event) int { return int(a.List) - int(b.List) })
}

// A Run is what became of a plan.
type Run struct {
	Events Events
	Regs   map[List][]uint64 // the registers, as each list left them
	Pids   map[List]int      // the processes that did the lists
}

// Opened reports whether register r holds a descriptor.
func (p *Plan) Opened(r Reg) bool { return int(r) < len(p.Regs) && p.Regs[r] != "" }

// Action is the i-th action of a list, or nil.
func (p *Plan) Action(l List, i int) *Action {
	switch {
	case l == HostList && i < len(p.Host):
		return &p.Host[i].Action
	case l == InsideList && i < len(p.Inside):
		return &p.Inside[i]
	case l == AfterList && i < len(p.After):
		return &p.After[i]
	}
	return nil
}

// Len is how many actions a list has.
func (p *Plan) Len(l List) int {
	return [...]int{0, len(p.Host), len(p.Inside), len(p.After)}[l]
}

// HostCall is the call of the i-th step of the host list. A clone's is made of
// the plan's flags, which stand in one place only.
func (p *Plan) HostCall(i int) Call {
	step := &p.Host[i]
	switch step.Forks {
	case InsideList:
		return CloneCall(p.Clone, step.Save, p.Facts.LegacyClone)
	case AfterList:
		return CloneCall(nil, step.Save, p.Facts.LegacyClone)
	case NoList, HostList:
	}
	return step.Call
}
