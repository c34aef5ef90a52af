// Package sys is the kernel's vocabulary: what its system calls, flags, error
// numbers and capabilities are called, and what numbers stand behind the names.
//
// Numbers are Linux's own and do not depend on the system that this package is
// built for, so that a plan can be read, printed and explained anywhere.
package sys

import "strconv"

// A Sysent is what is known of a system call before it is made: an entry of
// the kernel's table, as its page in section 2 of the manual has it.
type Sysent struct {
	Name string   // "pivot_root"
	Args []string // names of its arguments, as the man page has them
	Out  int      // 1 + index of a buffer that the kernel fills with result bytes; 0: none
	Ret  Ret      // what its result is
}

// Man is the manual page of the call: "mount(2)".
func (s *Sysent) Man() string { return s.Name + "(2)" }

// Least is how many arguments a call of it has at least: openat(2) has a mode,
// and prctl(2) a third argument, only where they mean something.
func (s *Sysent) Least() int {
	switch s {
	case Openat:
		return 3
	case Prctl:
		return 2
	}
	return len(s.Args)
}

// Ret says what a system call's result is, which decides how it is written.
type Ret uint8

// The kinds of results.
const (
	Number     Ret = iota // a number, written in decimal
	Octal                 // a file mode, as umask(2) answers
	Timeout               // a count of ready descriptors; zero means that time ran out
	Descriptor            // a file descriptor
	Process               // a process id
)

// A Flag is a value with a name.
type Flag struct {
	Val  uint64
	Name string
}

// Format is how a number is written that has no name.
type Format uint8

// The formats, each as strace(1) has it.
const (
	Hex     Format = iota
	Decimal        // 42
	Mode           // 0755, and 000 for none
	Kilo           // multiples of 1024 above it as 8*1024
)

// A FlagSet is the names that one kind of argument may have: a part of which
// exactly one value holds (Mask and Enum), and bits that may be combined.
type FlagSet struct {
	Name string // of the set itself, such as "mount"; saved plans refer to it
	Mask uint64 // bits that are one value together; ^0: the whole argument
	Enum []Flag // names of the values under Mask
	Bits []Flag // names of single bits, in the order strace prints them
	Rest Format // how what has no name is written
	Unit string // comment that strace adds where no name fits, such as "MS_???"
}

// Text writes v in strace's words: names joined with "|", then what is left.
func (s *FlagSet) Text(v uint64) string {
	text, rest := "", v
	add := func(name string) {
		if text != "" {
			text += "|"
		}
		text += name
	}
	if s.Mask != 0 {
		for _, f := range s.Enum {
			if f.Val == v&s.Mask {
				add(f.Name)
				rest &^= s.Mask
				break
			}
		}
	}
	for _, f := range s.Bits {
		if rest&f.Val == f.Val {
			add(f.Name)
			rest &^= f.Val
		}
	}
	if rest != 0 || text == "" {
		add(s.Rest.text(rest))
		if s.Unit != "" {
			text += " /* " + s.Unit + " */"
		}
	}
	return text
}

func (f Format) text(v uint64) string {
	switch {
	case f == Decimal:
		return strconv.FormatUint(v, 10)
	case f == Mode && v < 0o100:
		s := "00" + strconv.FormatUint(v, 8)
		return "0" + s[len(s)-2:]
	case f == Mode:
		return "0" + strconv.FormatUint(v, 8)
	case f == Kilo && v > 1024 && v%1024 == 0:
		return strconv.FormatUint(v/1024, 10) + "*1024"
	case f == Kilo || v == 0:
		return strconv.FormatUint(v, 10)
	}
	return "0x" + strconv.FormatUint(v, 16)
}

// Parse is the opposite of Text for a single name; ok is false if s has none
// of that name.
func (s *FlagSet) Parse(name string) (v uint64, ok bool) {
	for _, list := range [][]Flag{s.Enum, s.Bits} {
		for _, f := range list {
			if f.Name == name {
				return f.Val, true
			}
		}
	}
	return 0, false
}

// LookupFlags finds a set by its name, for saved plans.
func LookupFlags(name string) (*FlagSet, bool) {
	for _, s := range flagSets {
		if s.Name == name {
			return s, true
		}
	}
	return nil, false
}

// Lookup finds a system call that plans are made of by its name.
func Lookup(name string) (*Sysent, bool) {
	for _, s := range sysents {
		if s.Name == name {
			return s, true
		}
	}
	return nil, false
}
