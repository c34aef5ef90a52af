package kernel

import (
	"fmt"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// An Error is an Action that was refused, or that answered something else
// than what counts as done.
type Error struct {
	List   plan.List
	Index  int          // of the Action in its list
	Action *plan.Action // the one that failed
	Ret    uint64       // what it answered, if Errno is 0
	Errno  sys.Errno    // why the kernel refused it
	Signal int          // the signal that killed the process in the middle of it
	Denied bool         // the answer was given in the kernel's place
	Ended  bool         // nothing was refused: the list ended, and no program had begun
}

func (e *Error) Error() string {
	name := ""
	if e.Action.Call.Sys != nil {
		name = e.Action.Call.Sys.Name
	}
	what := fmt.Sprintf("action %d of the %s list, %s, %s", e.Index+1, e.List, e.Action.Why, name)
	switch {
	case e.Signal != 0:
		return fmt.Sprintf("%s: killed by %s", what, sys.SigName.Text(uint64(e.Signal)))
	case e.Errno != 0:
		return fmt.Sprintf("%s: %s", what, e.Errno.Name())
	}
	return fmt.Sprintf("%s: answered %d and not %d", what, e.Ret, e.Action.Want.Value)
}

// Unwrap makes errors.Is(err, unix.EPERM) work.
func (e *Error) Unwrap() error { return e.Errno }
