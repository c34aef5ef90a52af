package kernel

import (
	"encoding/binary"
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// An op is an Action as the kernel takes it: a number and six words, and what
// is to be moved between registers and memory before and after.
type op struct {
	nr    uintptr
	a     [6]uintptr
	regs  uint8 // bit i set: a[i] is the number of a register
	save  uint8
	again uint8
	exact bool
	want  uintptr
	allow [4]uint16 // error numbers
	in    [2]patch  // a register's value, stored before the call
	out   [2]patch  // a register's new value, loaded after it

	deny      bool // the call is not made: this is its answer
	denyRet   uintptr
	denyErrno syscall.Errno
}

// A patch is a 32-bit place in memory that belongs to a register.
type patch struct {
	addr unsafe.Pointer
	reg  uint8
}

// arena is the memory that the words of ops point to. It is one mapping, so
// that the child finds every byte at the same address and nothing of it is
// the garbage collector's business.
type arena struct {
	mem  []byte // nil while it is being measured
	used int
	err  error
}

// lower turns the lists of a plan into ops. It goes through them twice: once
// to measure the memory that they need, once to fill it.
func lower(arch sys.Arch, lists ...[]plan.Action) (ops [][]op, mem []byte, err error) {
	n := 0
	for _, l := range lists {
		n += len(l)
	}
	all := make([]op, n) // of one piece: each further one costs page faults
	for _, l := range lists {
		ops, all = append(ops, all[:len(l):len(l)]), all[len(l):]
	}
	var a arena
	for range 2 {
		a.used = 0
		for i, l := range lists {
			for j := range l {
				a.action(arch, &l[j], &ops[i][j])
			}
		}
		if a.err != nil {
			return nil, nil, a.err
		}
		if a.mem == nil {
			a.mem, err = unix.Mmap(-1, 0, a.used+8, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
			if err != nil {
				return nil, nil, fmt.Errorf("mmap memory for the plan's arguments: %w", err)
			}
		}
	}
	return ops, a.mem, nil
}

func (a *arena) action(arch sys.Arch, x *plan.Action, o *op) {
	if a.mem == nil {
		a.err = errors.Join(a.err, o.begin(arch, x))
	}
	o.in, o.out = [2]patch{}, [2]patch{}
	for i, arg := range x.Call.Args[:min(len(x.Call.Args), len(o.a))] {
		o.a[i] = a.word(o, arg)
	}
}

// begin fills in all of an op but its arguments.
func (o *op) begin(arch sys.Arch, x *plan.Action) error {
	*o = op{save: uint8(x.Save), again: x.Again, exact: x.Want.Exact, want: uintptr(x.Want.Value)}
	o.deny, o.denyErrno = x.Deny != plan.Denial{}, syscall.Errno(x.Deny.Errno)
	if x.Deny.Short {
		o.denyRet = o.want - 1
		if o.want == 0 {
			o.denyRet = 1 // where nothing is wanted, something is not it
		}
	}
	if x.Call.Sys == nil {
		return nil
	}
	nr, ok := arch.Number(x.Call.Sys.Name)
	if !ok || len(x.Call.Args) > len(o.a) || len(x.Allow) > len(o.allow) {
		return fmt.Errorf("%s: cannot be called here", x.Call.Sys.Name)
	}
	o.nr = uintptr(nr)
	for i, e := range x.Allow {
		o.allow[i] = uint16(e)
	}
	for i, arg := range x.Call.Args {
		if _, ok := arg.(plan.FD); ok {
			o.regs |= 1 << i
		}
	}
	return nil
}

// word is what stands in a machine register for an argument.
func (a *arena) word(o *op, arg plan.Arg) uintptr {
	switch x := arg.(type) {
	case plan.Int:
		return uintptr(x)
	case plan.Flags:
		return uintptr(x.Bits)
	case plan.FD:
		return uintptr(x)
	case plan.Nil:
		return 0
	case plan.Path:
		return a.text(string(x), 1)
	case plan.Bytes:
		return a.text(string(x), 0)
	case plan.Strings:
		at := a.take(8 * (len(x) + 1))
		for i, s := range x {
			a.put(at+8*i, 8, uint64(a.text(s, 1)))
		}
		return a.addr(at)
	case plan.Struct:
		at := a.take(x.Size)
		a.fields(o, at, x)
		return a.addr(at)
	}
	panic(fmt.Sprintf("kernel: unknown argument %T", arg))
}

func (a *arena) fields(o *op, at int, s plan.Struct) {
	for _, f := range s.Fields {
		here := at + f.Off
		if f.Save != 0 {
			o.patch(&o.out, a.place(here), f.Save)
		}
		switch x := f.Val.(type) {
		case plan.FD:
			if f.Save == 0 {
				o.patch(&o.in, a.place(here), plan.Reg(x))
			}
		case plan.Struct:
			if f.Inline {
				a.fields(o, here, x)
				continue
			}
			a.put(here, f.Size, uint64(a.word(o, x)))
		case plan.Path:
			if f.Inline {
				a.copy(here, string(x))
				continue
			}
			a.put(here, f.Size, uint64(a.word(o, x)))
		case plan.Flags:
			a.put(here, f.Size, x.Bits)
			if f.Hi != 0 {
				a.put(at+f.Hi, f.Size, x.Bits>>32)
			}
		case plan.Int, plan.Nil, plan.Bytes, plan.Strings:
			a.put(here, f.Size, uint64(a.word(o, x)))
		}
	}
}

func (o *op) patch(p *[2]patch, addr unsafe.Pointer, r plan.Reg) {
	for i := range p {
		if p[i].addr == nil {
			p[i] = patch{addr, uint8(r)}
			return
		}
	}
	panic("kernel: a call with more than two descriptors in memory")
}

func (a *arena) take(n int) int {
	at := a.used
	a.used += (n + 7) &^ 7
	return at
}

// measured stands for every address while memory is being measured.
var measured byte

func (a *arena) place(at int) unsafe.Pointer {
	if a.mem == nil {
		return unsafe.Pointer(&measured)
	}
	return unsafe.Pointer(&a.mem[at])
}

func (a *arena) addr(at int) uintptr { return uintptr(a.place(at)) }

// text is a string with NULs behind it: the memory is new, and zero.
func (a *arena) text(s string, nuls int) uintptr {
	at := a.take(len(s) + nuls)
	a.copy(at, s)
	return a.addr(at)
}

func (a *arena) copy(at int, s string) {
	if a.mem != nil {
		copy(a.mem[at:], s)
	}
}

func (a *arena) put(at, size int, v uint64) {
	if a.mem == nil {
		return
	}
	var b [8]byte
	binary.NativeEndian.PutUint64(b[:], v) // little-endian on both architectures: the low bytes come first
	copy(a.mem[at:at+size], b[:])
}
