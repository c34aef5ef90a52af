package filter_test

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/bpf"

	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/sys"
)

func TestRunPath(t *testing.T) {
	prog := []filter.Insn{
		{0x20, 0, 0, 0},          // A = nr
		{0x15, 0, 1, 39},         // if A == 39
		{0x06, 0, 0, 0x7fff0000}, // allow
		{0x06, 0, 0, 0x50001},    // EPERM
	}
	tests := []struct {
		nr      int32
		verdict uint32
		path    []int
	}{
		{39, 0x7fff0000, []int{0, 1, 2}},
		{40, 0x50001, []int{0, 1, 3}},
	}
	for _, tt := range tests {
		v, path := filter.Run(prog, filter.Data{Nr: tt.nr})
		if v != tt.verdict || !slices.Equal(path, tt.path) {
			t.Errorf("nr %d: %#x by %v, want %#x by %v", tt.nr, v, path, tt.verdict, tt.path)
		}
	}
	if got, want := filter.Text(prog, 1), "if A == 0x27 goto 2, else goto 3"; got != want {
		t.Errorf("Text: %q, want %q", got, want)
	}
}

func TestValidate(t *testing.T) {
	ret := filter.Insn{Code: 0x06, K: 0x7fff0000}
	tests := []struct {
		name string
		prog []filter.Insn
		want string // part of the error; "" for none
	}{
		{"one return", []filter.Insn{ret}, ""},
		{"empty", nil, "empty"},
		{"too long", slices.Repeat([]filter.Insn{ret}, 4097), "4096"},
		{"longest", slices.Repeat([]filter.Insn{ret}, 4096), ""},
		{"no return", []filter.Insn{{Code: 0x20}}, "must be a return"},
		{"load off the word", []filter.Insn{{Code: 0x20, K: 2}, ret}, "not a word"},
		{"load past the end", []filter.Insn{{Code: 0x20, K: 64}, ret}, "not a word"},
		{"load a byte", []filter.Insn{{Code: 0x30}, ret}, "not an instruction"},
		{"modulo", []filter.Insn{{Code: 0x94, K: 3}, ret}, "not an instruction"},
		{"jump past the end", []filter.Insn{{Code: 0x15, JT: 1}, ret}, "past the end"},
		{"goto past the end", []filter.Insn{{Code: 0x05, K: 1}, ret}, "past the end"},
		{"goto far past the end", []filter.Insn{{Code: 0x05, K: 1<<32 - 1}, ret}, "past the end"},
		{"divide by zero", []filter.Insn{{Code: 0x34}, ret}, "zero"},
		{"wide shift", []filter.Insn{{Code: 0x64, K: 32}, ret}, "shift"},
		{"scratch unwritten", []filter.Insn{{Code: 0x60, K: 1}, ret}, "before it is written"},
		{"scratch written on one way", []filter.Insn{{Code: 0x15, JT: 1}, {Code: 0x02, K: 1}, {Code: 0x60, K: 1}, ret}, "before it is written"},
		{"scratch written", []filter.Insn{{Code: 0x02, K: 1}, {Code: 0x60, K: 1}, ret}, ""},
		{"no such scratch", []filter.Insn{{Code: 0x02, K: 16}, ret}, "16 words"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := filter.Validate(tt.prog)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Validate: %v, want %q", err, tt.want)
			}
		})
	}
}

// vm runs a program in the machine of golang.org/x/net/bpf, which reads packets
// in network order.
func vm(t *testing.T, prog []filter.Insn) func(filter.Data) uint32 {
	t.Helper()
	var insns []bpf.Instruction
	for _, in := range prog {
		insns = append(insns, bpf.RawInstruction{Op: in.Code, Jt: in.JT, Jf: in.JF, K: in.K}.Disassemble())
	}
	m, err := bpf.NewVM(insns)
	if err != nil {
		t.Fatal(err)
	}
	return func(d filter.Data) uint32 {
		b := make([]byte, 0, 64)
		word := func(v uint32) { b = binary.BigEndian.AppendUint32(b, v) }
		word(uint32(d.Nr))
		word(d.Arch)
		for _, v := range append([]uint64{d.IP}, d.Args[:]...) {
			word(uint32(v))
			word(uint32(v >> 32))
		}
		v, err := m.Run(b)
		if err != nil {
			t.Fatal(err)
		}
		return uint32(v)
	}
}

// Another machine gives the same answers: to our programs, and to ones that use
// the instructions which ours do without.
func TestRunSameAsNetBPF(t *testing.T) {
	progs := map[string][]filter.Insn{
		"arithmetic": {
			{0x20, 0, 0, 16},
			{0x02, 0, 0, 3},
			{0x07, 0, 0, 0},
			{0x20, 0, 0, 24}, // M[3] = X = arg0, A = arg1
			{0x0c, 0, 0, 0},
			{0x14, 0, 0, 7},
			{0x24, 0, 0, 3},
			{0x34, 0, 0, 5}, // + X, - 7, * 3, / 5
			{0x44, 0, 0, 0x100},
			{0x54, 0, 0, 0xfffffff},
			{0xac, 0, 0, 0},
			{0x64, 0, 0, 2},
			{0x74, 0, 0, 1},
			{0x61, 0, 0, 3},
			{0x1c, 0, 0, 0},
			{0x3d, 1, 0, 0},
			{0x87, 0, 0, 0},
			{0x45, 1, 0, 8},
			{0x00, 0, 0, 9},
			{0x16, 0, 0, 0},
		},
	}
	for _, name := range filter.Names() {
		var err error
		if progs[name], err = filter.Program(name, sys.AMD64); err != nil {
			t.Fatal(err)
		}
	}
	for name, prog := range progs {
		if err := filter.Validate(prog); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		run := vm(t, prog)
		rnd := rand.New(rand.NewPCG(1, 2))
		for range 20000 {
			d := filter.Data{Nr: rnd.Int32N(512), Arch: sys.AMD64.AuditArch()}
			for i := range d.Args {
				d.Args[i] = rnd.Uint64() >> rnd.IntN(64)
			}
			if got, _ := filter.Run(prog, d); got != run(d) {
				t.Fatalf("%s: nr %d args %#x: %#x, x/net/bpf %#x", name, d.Nr, d.Args, got, run(d))
			}
		}
	}
}
