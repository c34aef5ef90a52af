// Package filter turns a profile, a list of system calls and what is to become
// of them, into the classic BPF program that seccomp(2) loads, and runs such a
// program by hand for one call.
//
// A [Profile] comes from [Builtin] or from [ParseJSON], which reads the format
// of docker and of OCI. [Assemble] compiles it: the numbers are merged into
// ranges that share a verdict, and a binary search finds the range. [Program]
// has the built-in profiles assembled ahead of time. [Run] says what a program
// answers to a call, and by which instructions it got there.
//
// The package builds on every system, so that a filter can be explained on a
// machine that could not load it.
//
// Man pages: seccomp(2), bpf(4) of BSD for the instructions.
package filter

import (
	"strconv"

	"example.org/mcr/runtime/sys"
)

//go:generate go run gen/programs.go

// An Action is what a filter returns: the upper half says what happens, the
// lower half is data, such as the errno.
type Action uint32

// The actions of seccomp(2).
const (
	KillThread  Action = 0x00000000 // SECCOMP_RET_KILL_THREAD
	Trap        Action = 0x00030000 // SECCOMP_RET_TRAP
	Errno       Action = 0x00050000 // SECCOMP_RET_ERRNO, | errno
	UserNotif   Action = 0x7fc00000 // SECCOMP_RET_USER_NOTIF, Linux 5.0
	Trace       Action = 0x7ff00000 // SECCOMP_RET_TRACE, | message
	Log         Action = 0x7ffc0000 // SECCOMP_RET_LOG, Linux 4.14
	Allow       Action = 0x7fff0000 // SECCOMP_RET_ALLOW
	KillProcess Action = 0x80000000 // SECCOMP_RET_KILL_PROCESS, Linux 4.14
)

// The errnos the built-in profiles answer; the same on both architectures.
const (
	EPERM  = 1
	ENOSYS = 38
)

// Data returns the lower half: an errno, or a message to a tracer.
func (a Action) Data() uint16 { return uint16(a) }

// Kind returns the upper half, one of the constants.
func (a Action) Kind() Action { return a &^ 0xffff }

// name returns the name of the upper half, and whether it has one.
func (a Action) name() (string, bool) {
	switch a.Kind() {
	case KillThread:
		return "SECCOMP_RET_KILL_THREAD", true
	case KillProcess:
		return "SECCOMP_RET_KILL_PROCESS", true
	case Trap:
		return "SECCOMP_RET_TRAP", true
	case Errno:
		return "SECCOMP_RET_ERRNO", true
	case UserNotif:
		return "SECCOMP_RET_USER_NOTIF", true
	case Trace:
		return "SECCOMP_RET_TRACE", true
	case Log:
		return "SECCOMP_RET_LOG", true
	case Allow:
		return "SECCOMP_RET_ALLOW", true
	}
	return "", false
}

// String returns the action as strace prints it: "SECCOMP_RET_ERRNO|0x1".
func (a Action) String() string {
	name, ok := a.name()
	if !ok {
		return "0x" + strconv.FormatUint(uint64(a), 16)
	}
	if d := a.Data(); d != 0 {
		name += "|0x" + strconv.FormatUint(uint64(d), 16)
	}
	return name
}

// A Profile says what becomes of every system call of one architecture. A call
// from a foreign architecture (int 0x80) is SECCOMP_RET_KILL_PROCESS, always.
type Profile struct {
	Name    string
	Arch    sys.Arch
	Default Action   // of a number without a rule, or none of whose rules match
	Above   Action   // of a number above the highest of the table: newer calls
	X32     Action   // of a number with bit 30 set, on AMD64: the x32 ABI
	Rules   []Rule   // the first that matches decides
	Unknown []string // names the architecture does not have, left out
	Flags   uint32   // of seccomp(2), such as FlagLog
}

// A Rule gives system calls an action, if all of its conditions hold.
type Rule struct {
	Names  []string
	Nrs    []uint32 // further calls, by number
	Action Action
	Args   []Cond
	Why    string // in words, or a key of the explain catalogue
}

// A Cond compares one argument, all 64 bits of it, with a value.
type Cond struct {
	Index    int // 0 to 5
	Op       Op
	Value    uint64 // for MaskedEQ the mask
	ValueTwo uint64 // for MaskedEQ what is left under the mask
}

// An Op is a comparison.
type Op uint8

// The comparisons, as libseccomp has them. MaskedEQ holds if argument and
// ValueTwo are the same under the mask Value.
const (
	NE Op = iota + 1
	LT
	LE
	EQ
	GE
	GT
	MaskedEQ
)

// String returns the operator as C writes it.
func (o Op) String() string {
	switch o {
	case NE:
		return "!="
	case LT:
		return "<"
	case LE:
		return "<="
	case EQ:
		return "=="
	case GE:
		return ">="
	case GT:
		return ">"
	case MaskedEQ:
		return "&=="
	}
	return "Op(" + strconv.Itoa(int(o)) + ")"
}

// Holds says whether an argument meets the condition.
func (c Cond) Holds(arg uint64) bool {
	switch c.Op {
	case NE:
		return arg != c.Value
	case LT:
		return arg < c.Value
	case LE:
		return arg <= c.Value
	case EQ:
		return arg == c.Value
	case GE:
		return arg >= c.Value
	case GT:
		return arg > c.Value
	case MaskedEQ:
		return arg&c.Value == c.ValueTwo&c.Value
	}
	return false
}

// String returns the condition as an expression: "arg0 & 0x7e020000 == 0x0".
func (c Cond) String() string {
	hex := func(v uint64) string { return "0x" + strconv.FormatUint(v, 16) }
	s := "arg" + strconv.Itoa(c.Index)
	if c.Op == MaskedEQ {
		return s + " & " + hex(c.Value) + " == " + hex(c.ValueTwo)
	}
	return s + " " + c.Op.String() + " " + hex(c.Value)
}
