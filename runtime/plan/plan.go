// Package plan holds a container as data: the system calls, in order, that
// make one. A Plan has no branches and no code; whatever could be decided was
// decided when it was compiled, so that what is printed is what is run.
package plan

import (
	"strings"

	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/sys"
)

// A Plan is everything that makes a container, and what ends it if we die.
type Plan struct {
	Facts  host.Facts // what it was compiled for
	Regs   []string   // names of the registers, by number; register 0 is nobody's
	Clone  []Birth    // flags of the container's clone3(2), one key each
	Host   []Step     // done outside, by the parent, in this order
	Inside []Action   // done by the container's first process; the last is execve(2)
	After  []Action   // done by the watcher, once the parent is gone
	Notes  []Note     // what was decided and why: fallbacks, things left out
	Broken []string   // the edits made to it; a plan that has any is marked as broken
}

// A Birth is one flag of the container's clone3(2): a namespace, mostly.
type Birth struct {
	Flag uint64 // CLONE_NEWPID
	Why  Key    // start/newpid
}

// A Step is an entry of the host list. It is one system call, or it is the
// clone3(2) that begins another list, or it runs a program.
type Step struct {
	Action         // the call; without a Sys where Forks or Helper is set
	Forks  List    // the list whose process is born here
	Helper *Helper // a program that is run here
}

// A Helper is a program of the host that does what needs a privilege we do
// not have, such as newuidmap(1). The argument "{pid}" becomes the number of
// the container's first process.
type Helper struct {
	Argv   []string
	Status int // the exit status that counts as done
}

// List names one of the three lists.
type List uint8

// The lists of a plan.
const (
	NoList     List = iota
	HostList        // the parent's
	InsideList      // the container's first process's
	AfterList       // the watcher's
)

// String is the list's name: "host", "inside" or "after".
func (l List) String() string { return [...]string{"", "host", "inside", "after"}[l] }

// An Action is one system call, the reason for it, and how to check it.
type Action struct {
	Why   Key         // entry of the explain catalogue, such as "root/pivot"
	Call  Call        // the system call
	Save  Reg         // register that keeps the result; 0 throws it away
	Want  Want        // the result that counts as done; zero: any success
	Allow []sys.Errno // answers that leave the goal reached, such as EEXIST
	Again uint8       // repeats on EAGAIN, each an Event of its own
	Probe *Probe      // how the effect is seen from outside: proc(5)
	Undo  *Call       // host list only: the kernel takes down what is inside
	Deny  Denial      // the answer given in the kernel's place, if any; see Deny
}

// A Want is the one result that counts as done, if only one does.
type Want struct {
	Exact bool
	Value uint64
}

// Exactly is the Want of a call that must answer n.
func Exactly(n int) Want { return Want{true, uint64(n)} }

// A Call is a system call: a line of syscalls(2) and its arguments.
type Call struct {
	Sys  *sys.Sysent
	Args []Arg
}

// A Probe names a fact about a process that an Action makes true, as a file
// below /proc/PID, a field of it, and the value: {"status", "NoNewPrivs", "1"}.
type Probe struct{ File, Field, Want string }

// A Note is something that was decided, by the key of its text in the
// catalogue and what fills the text's gaps.
type Note struct {
	Why  Key
	Args []string
}

// A Reg is a register of the plan: a place for a descriptor or a process
// number that is known only when it runs. Register 0 throws its value away.
type Reg uint8

// A Key names an entry of the explain catalogue: "phase/name".
type Key string

// Phase is the part of the key before the slash.
func (k Key) Phase() Phase {
	name, _, _ := strings.Cut(string(k), "/")
	for i, s := range phases {
		if s == name {
			return Phase(i)
		}
	}
	return NoPhase
}

// A Phase is a chapter of the set-up. The order of the constants is the order
// of the chapters in the inside list.
type Phase uint8

// The phases, and the names of the two other lists.
const (
	Start   Phase = iota // born: clone(2)
	User                 // who am I: user_namespaces(7)
	Mount                // what is mounted: mount_namespaces(7)
	Root                 // what is "/": pivot_root(2)
	Names                // what am I called: uts_namespaces(7)
	TTY                  // who types: tty_ioctl(4), setsid(2)
	Limits               // how much: getrlimit(2)
	Caps                 // what may I do: capabilities(7)
	FDs                  // what do I hold: close_range(2)
	Seccomp              // what may I ask: seccomp(2)
	Exec                 // become the program: execve(2)
	Host                 // what the parent does
	After                // what the watcher does
	NoPhase
)

var phases = [...]string{
	"start", "user", "mount", "root", "names", "tty", "limits", "caps", "fds", "seccomp", "exec", "host", "after", "",
}

// String is the phase's name, as keys have it.
func (p Phase) String() string { return phases[min(p, NoPhase)] }
