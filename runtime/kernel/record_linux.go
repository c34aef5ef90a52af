package kernel

import (
	"unsafe"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

func ptr[T any](v *T) unsafe.Pointer { return unsafe.Pointer(v) }

// record is the i-th record of the container's first process.
func (c *Container) record(i int) *record { return c.inside.record(i) }

func (sh *shared) record(i int) *record {
	return (*record)(unsafe.Add(unsafe.Pointer(&sh.recs), uintptr(i)*unsafe.Sizeof(record{})))
}

// events reads the records of a list. The last may be of a call that never
// came back: execve(2), or one in which the process was killed.
func (c *Container) events(list plan.List, sh *shared) plan.Events {
	evs := make(plan.Events, 0, sh.n)
	for i := range int(sh.n) {
		evs = append(evs, c.event(list, sh, sh.record(i)))
	}
	return evs
}

func (c *Container) event(list plan.List, sh *shared, r *record) plan.Event {
	ev := plan.Event{List: list, Index: int(r.index), Ret: uint64(r.ret), Errno: sys.Errno(r.errno), Start: -1, Nanos: -1}
	if sh.clock != 0 {
		ev.Start = c.clock.at(r.begin)
		if r.done != 0 {
			ev.Nanos = c.clock.at(r.end) - ev.Start
		}
	}
	if r.done == 0 {
		// execve(2) that succeeds does not come back; what else is open is still being done.
		ev.Ret, ev.Errno, ev.Open = 0, 0, c.plan.Action(list, ev.Index).Call.Sys != sys.Execve
	}
	return ev
}
