// Package trace prints plans, and what became of them, in strace(1)'s words.
package trace

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// Values is what a text of a call needs besides the call: the registers, and
// the answer.
type Values struct {
	Names []string // of the registers; what is printed while Regs is nil
	Regs  []uint64
	Ret   uint64 // of the call itself; how much of a buffer the kernel filled
}

// Call writes c as strace would. What is not known before the call, such as
// the number of a descriptor, is written as its register's name.
func Call(c plan.Call, v Values) string {
	w := writer{v: v}
	w.s(c.Sys.Name)
	w.s("(")
	if c.Sys == sys.Clone {
		w.clone(c)
	} else {
		for i, a := range c.Args {
			if i > 0 {
				w.s(", ")
			}
			if c.Sys.Out == i+1 && v.Regs != nil {
				a = a.(plan.Bytes)[:min(uint64(len(a.(plan.Bytes))), v.Ret)]
			}
			w.arg(a)
			if name, ok := a.(plan.Path); ok && c.Sys == sys.Prctl && len(name) >= commLen {
				w.s("...") // PR_SET_NAME: strace reads as much as the kernel does, and finds no end
			}
		}
	}
	w.s(")")
	return w.b.String()
}

// commLen is how many bytes of a process's name the kernel keeps, prctl(2).
const commLen = 15

type writer struct {
	b      strings.Builder
	v      Values
	result string // what the kernel filled in, behind the structure's braces
}

func (w *writer) s(s string) { w.b.WriteString(s) }

// clone is clone(2), whose arguments strace names.
func (w *writer) clone(c plan.Call) {
	w.s("child_stack=NULL, flags=")
	f, _ := c.Args[0].(plan.Flags)
	w.s(sys.CloneFlags.Text(f.Bits &^ 0xff))
	w.s("|" + sys.SigName.Text(f.Bits&0xff))
	w.s(", parent_tid=")
	w.arg(c.Args[2])
}

func (w *writer) arg(a plan.Arg) {
	switch x := a.(type) {
	case plan.Int:
		w.s(strconv.FormatInt(int64(x), 10))
	case plan.Path:
		w.s(Quote(string(x)))
	case plan.Bytes:
		w.s(Quote(string(x)))
	case plan.Strings:
		w.s("[")
		for i, s := range x {
			if i > 0 {
				w.s(", ")
			}
			w.s(Quote(s))
		}
		w.s("]")
	case plan.FD:
		w.s(w.reg(plan.Reg(x)))
	case plan.Nil:
		w.s("NULL")
	case plan.Flags:
		w.s(x.Set.Text(x.Bits))
	case plan.Struct:
		w.fields(x)
	default:
		panic(fmt.Sprintf("trace: unknown argument %T", a))
	}
}

func (w *writer) reg(r plan.Reg) string {
	switch {
	case w.v.Regs != nil && int(r) < len(w.v.Regs):
		return strconv.FormatUint(w.v.Regs[r], 10)
	case int(r) < len(w.v.Names):
		return "<" + w.v.Names[r] + ">"
	}
	return "<" + strconv.Itoa(int(r)) + ">"
}

func (w *writer) fields(x plan.Struct) {
	if len(x.Fields) == 1 && x.Fields[0].Form == plan.SigSet {
		w.field(x.Fields[0])
		return
	}
	open, end := "{", "}"
	if x.Array {
		open, end = "[", "]"
	}
	w.s(open)
	sep := ""
	for _, f := range x.Fields {
		if f.Form == plan.Silent {
			continue
		}
		w.s(sep)
		sep = ", "
		if f.Name != "" {
			w.s(f.Name + "=")
		}
		w.field(f)
	}
	w.s(end)
	if w.result != "" {
		w.s(" => " + w.result)
		w.result = ""
	}
}

func (w *writer) field(f plan.Field) {
	switch f.Form {
	case plan.Program:
		w.program(string(f.Val.(plan.Bytes)))
	case plan.SigSet:
		w.signals(uint64(f.Val.(plan.Int)))
	case plan.Result:
		inner := writer{v: w.v}
		inner.arg(f.Val)
		w.s("<address>") // strace prints where it lies, and what is there after the call
		w.result = "{" + f.Name + "=" + inner.b.String() + "}"
	case plan.Plain, plan.Silent:
		w.arg(f.Val)
	}
}

func (w *writer) signals(set uint64) {
	neg := set == ^uint64(0)
	if neg {
		w.s("~")
		set = 0
	}
	var names []string
	for n := range 64 {
		if set&(1<<n) != 0 {
			names = append(names, strings.TrimPrefix(sys.SigName.Text(uint64(n+1)), "SIG"))
		}
	}
	w.s("[" + strings.Join(names, " ") + "]")
}

// program writes the instructions of a seccomp filter.
func (w *writer) program(b string) {
	w.s("[")
	for i := 0; i+8 <= len(b); i += 8 {
		if i > 0 {
			w.s(", ")
		}
		in := []byte(b[i : i+8]) // struct sock_filter, linux/filter.h
		w.s(instruction(binary.NativeEndian.Uint16(in), in[2], in[3], binary.NativeEndian.Uint32(in[4:])))
	}
	w.s("]")
}

// Quote writes a string as strace does: C's escapes, octal where there is none.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if j := strings.IndexByte("\t\n\v\f\r\"\\", c); j >= 0 {
			b.WriteByte('\\')
			b.WriteByte(`tnvfr"\`[j])
			continue
		}
		if c >= ' ' && c < 0x7f {
			b.WriteByte(c)
			continue
		}
		oct := strconv.FormatUint(uint64(c), 8)
		if i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '7' {
			oct = ("00" + oct)[len(oct)-1:]
		}
		b.WriteString(`\` + oct)
	}
	b.WriteByte('"')
	return b.String()
}

// Result writes what the kernel answered to a call of s.
func Result(s *sys.Sysent, ev plan.Event) string {
	if ev.Errno != 0 {
		return "-1 " + ev.Errno.Name() + " (" + ev.Errno.Error() + ")"
	}
	switch {
	case ev.Open:
		return "?"
	case s.Ret == sys.Octal:
		return sys.FileMode.Text(ev.Ret)
	case s.Ret == sys.Timeout && ev.Ret == 0:
		return "0 (Timeout)"
	}
	return strconv.FormatUint(ev.Ret, 10)
}

// resultColumn is where strace puts the result, unless the call is longer.
const resultColumn = 40

// Line is a call with its answer, as strace -v prints it.
func Line(c plan.Call, v Values, ev plan.Event) string {
	v.Ret = ev.Ret
	text := Call(c, v) + " "
	if n := resultColumn - len(text); n > 0 {
		text += strings.Repeat(" ", n)
	}
	return text + "= " + Result(c.Sys, ev)
}
