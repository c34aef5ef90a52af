package plan

import "example.org/mcr/runtime/sys"

// An Arg is an argument. Which type it has decides both how it is printed and
// how it becomes a machine word, so the two cannot disagree.
//
//sumtype:decl
type Arg interface{ arg() }

// The kinds of arguments.
type (
	// Int is a number.
	Int int64
	// Path is a string that ends in NUL.
	Path string
	// Bytes is a buffer; its length is an argument of its own. Where the kernel
	// fills it, it holds what is expected.
	Bytes string
	// Strings is a list that ends in NULL: argv and envp of execve(2).
	Strings []string
	// FD is a descriptor that an earlier Action saved.
	FD Reg
	// Nil is NULL.
	Nil struct{}
	// Flags is a value whose parts have names.
	Flags struct {
		Bits uint64
		Set  *sys.FlagSet
	}
	// Struct is a kernel structure, or an array, in memory of its own.
	Struct struct {
		Size   int  // bytes
		Array  bool // written [a, b] and not {a=1, b=2}
		Fields []Field
	}
)

// A Field is a part of a Struct: where it lies, and what is in it.
type Field struct {
	Name string // as the kernel's header has it; "" in an array
	Off  int    // bytes from the start
	Size int    // bytes; 0 for a Struct that lies in place
	Val  Arg    // Path, Bytes and Struct are pointed to, unless Inline
	Form Form   // how it is written, if not as its type is

	Inline bool // the value itself lies here, not a pointer to it
	Hi     int  // where the upper 32 bits of a 64-bit value lie, if elsewhere: capset(2)
	Save   Reg  // register that takes the field's value after the call
}

// A Form is a way of writing a field that does not follow from its type.
type Form uint8

// The forms.
const (
	Plain   Form = iota
	Silent       // strace does not print it
	Program      // instructions of a seccomp filter
	SigSet       // the names of the signals in a set
	Result       // filled by the kernel, and printed behind the arguments' own braces
)

func (Int) arg()     {}
func (Path) arg()    {}
func (Bytes) arg()   {}
func (Strings) arg() {}
func (FD) arg()      {}
func (Nil) arg()     {}
func (Flags) arg()   {}
func (Struct) arg()  {}
