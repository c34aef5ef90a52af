package filter_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/sys"
)

const archI386 = 0x40000003

// oracle says what a profile means, rule by rule, with nothing clever.
func oracle(p *filter.Profile, d filter.Data) filter.Action {
	if d.Arch != p.Arch.AuditArch() {
		return filter.KillProcess
	}
	nr := uint32(d.Nr)
	for _, r := range p.Rules {
		if covers(p, r, nr) && holds(r, d) {
			return r.Action
		}
	}
	switch {
	case p.Arch == sys.AMD64 && nr&(1<<30) != 0:
		return p.X32
	case nr > uint32(p.Arch.MaxNr()):
		return p.Above
	}
	return p.Default
}

func covers(p *filter.Profile, r filter.Rule, nr uint32) bool {
	if slices.Contains(r.Nrs, nr) {
		return true
	}
	name, ok := p.Arch.Name(int(nr))
	return ok && slices.Contains(r.Names, name)
}

func holds(r filter.Rule, d filter.Data) bool {
	for _, c := range r.Args {
		a := d.Args[c.Index]
		var ok bool
		switch c.Op {
		case filter.NE:
			ok = a != c.Value
		case filter.LT:
			ok = a < c.Value
		case filter.LE:
			ok = a <= c.Value
		case filter.EQ:
			ok = a == c.Value
		case filter.GE:
			ok = a >= c.Value
		case filter.GT:
			ok = a > c.Value
		case filter.MaskedEQ:
			ok = a&c.Value == c.ValueTwo&c.Value
		}
		if !ok {
			return false
		}
	}
	return true
}

// edges returns the values around those that a profile's rules compare with.
func edges(p *filter.Profile) []uint64 {
	vals := []uint64{0, 1, 1 << 32, 1<<64 - 1}
	for _, r := range p.Rules {
		for _, c := range r.Args {
			for _, v := range []uint64{c.Value, c.ValueTwo, c.ValueTwo | ^c.Value} {
				vals = append(vals, v, v-1, v+1, v+1<<32, v-1<<32, v^1<<32, v^1<<63, v&(1<<32-1), ^v)
			}
			for bit := range 64 {
				vals = append(vals, c.ValueTwo^1<<bit)
			}
		}
	}
	slices.Sort(vals)
	return slices.Compact(vals)
}

// numbers returns the numbers worth a look: all low ones, the edges of the
// regions, and those of x32.
func numbers() []uint32 {
	var nrs []uint32
	for nr := range uint32(1024) {
		nrs = append(nrs, nr)
	}
	for nr := uint32(0); nr < 1024; nr += 13 {
		nrs = append(nrs, nr|1<<30)
	}
	for _, edge := range []uint32{1 << 30, 1<<30 + 1024, 1 << 31, 3 << 30} {
		nrs = append(nrs, edge-1, edge, edge+1)
	}
	return append(nrs, 1<<32-1)
}

// check compares a program with the oracle, at no more than some of the edges of
// each argument.
func check(t *testing.T, p *filter.Profile, prog []filter.Insn, some int) {
	t.Helper()
	if err := filter.Validate(prog); err != nil {
		t.Fatal(err)
	}
	compare := func(d filter.Data) {
		t.Helper()
		got, _ := filter.Run(prog, d)
		if want := oracle(p, d); filter.Action(got) != want {
			t.Fatalf("nr %#x arch %#x args %#x: %s, want %s", uint32(d.Nr), d.Arch, d.Args, filter.Action(got), want)
		}
	}
	arch := p.Arch.AuditArch()
	for _, nr := range numbers() {
		compare(filter.Data{Nr: int32(nr), Arch: arch})
		compare(filter.Data{Nr: int32(nr), Arch: archI386})
	}
	vals := edges(p)
	for _, r := range p.Rules {
		if len(r.Args) == 0 {
			continue
		}
		nrs := slices.Clone(r.Nrs)
		for _, name := range r.Names {
			nr, _ := p.Arch.Number(name)
			nrs = append(nrs, uint32(nr))
		}
		for _, nr := range nrs {
			rnd := rand.New(rand.NewPCG(1, uint64(nr)))
			for i, v := range vals {
				if len(vals) > some {
					if i == some {
						break
					}
					v = vals[rnd.IntN(len(vals))]
				}
				d := filter.Data{Nr: int32(nr), Arch: arch}
				for i := range d.Args { // the others at an edge, too
					d.Args[i] = vals[rnd.IntN(len(vals))]
				}
				for _, c := range r.Args {
					d.Args[c.Index] = v
					compare(d)
				}
			}
		}
	}
}

func TestAssembleMeansTheProfile(t *testing.T) {
	for _, name := range filter.Names() {
		for _, arch := range []sys.Arch{sys.AMD64, sys.ARM64} {
			t.Run(name+"/"+arch.String(), func(t *testing.T) {
				p, err := filter.Builtin(name, arch)
				if err != nil {
					t.Skip(err)
				}
				prog, err := filter.Assemble(p)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%d instructions", len(prog))
				check(t, p, prog, 10000)
			})
		}
	}
}

// A conditional jump reaches 255 instructions. Programs of all lengths around
// that put targets just within reach, and just out of it.
func TestLongJumps(t *testing.T) {
	for n := uint32(60); n < 320; n++ {
		p := &filter.Profile{Name: "long", Default: filter.Allow, Above: filter.KillProcess, X32: filter.KillThread}
		for nr := range n {
			r := filter.Rule{Nrs: []uint32{nr}, Action: filter.Errno | filter.Action(nr%7)}
			if nr%3 == 0 {
				r.Action = filter.Errno | filter.Action(nr)
				r.Args = []filter.Cond{{Index: int(nr % 6), Op: filter.EQ, Value: uint64(nr) << 31}}
			}
			p.Rules = append(p.Rules, r)
		}
		prog, err := filter.Assemble(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := filter.Validate(prog); err != nil {
			t.Fatalf("%d rules: %v", n, err)
		}
		for nr := range n + 2 {
			for _, arg := range []uint64{0, uint64(nr) << 31} {
				d := filter.Data{Nr: int32(nr), Arch: p.Arch.AuditArch()}
				d.Args[nr%6] = arg
				got, _ := filter.Run(prog, d)
				if want := oracle(p, d); filter.Action(got) != want {
					t.Fatalf("%d rules: nr %d arg %#x: %s, want %s", n, nr, arg, filter.Action(got), want)
				}
			}
		}
	}
}

// random makes a profile out of bytes, and more rules than a real one has.
func random(seed []byte) *filter.Profile {
	var key [32]byte
	copy(key[:], seed)
	rnd := rand.New(rand.NewChaCha8(key))
	actions := []filter.Action{
		filter.Allow, filter.KillProcess, filter.KillThread, filter.Errno | 1,
		filter.Errno | 38, filter.Log, filter.Trap, filter.Trace | 7,
	}
	actions = actions[:1+rnd.IntN(len(actions))]
	action := func() filter.Action { return actions[rnd.IntN(len(actions))] }
	values := []uint64{0, 1, 2, 0x7e020000, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1<<63 + 5, 1<<64 - 1}
	value := func() uint64 {
		if rnd.IntN(4) == 0 {
			return rnd.Uint64() >> rnd.IntN(64)
		}
		return values[rnd.IntN(len(values))]
	}
	p := &filter.Profile{Name: "random", Arch: sys.Arch(rnd.IntN(2)), Default: action(), Above: action(), X32: action()}
	for range rnd.IntN(1 << rnd.IntN(7)) {
		r := filter.Rule{Action: action()}
		first := rnd.Uint32N(600)
		for nr := range 1 + rnd.Uint32N(1+rnd.Uint32N(20)) {
			r.Nrs = append(r.Nrs, first+nr)
		}
		if rnd.IntN(40) == 0 {
			r.Nrs = append(r.Nrs, rnd.Uint32())
		}
		if rnd.IntN(2) == 0 {
			for range 1 + rnd.IntN(3) {
				r.Args = append(r.Args, filter.Cond{Index: rnd.IntN(6), Op: filter.Op(1 + rnd.IntN(7)), Value: value(), ValueTwo: value()})
			}
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}

func FuzzAssemble(f *testing.F) {
	for i := range 60 {
		f.Add([]byte{byte(i), byte(i >> 3), 1})
	}
	f.Fuzz(func(t *testing.T, seed []byte) {
		p := random(seed)
		prog, err := filter.Assemble(p)
		if err != nil {
			if len(p.Rules) < 60 {
				t.Fatal(err)
			}
			t.Skip(err) // more than 4096 instructions
		}
		again, err := filter.Assemble(p)
		if err != nil || !slices.Equal(prog, again) {
			t.Fatal("a second Assemble gives another program")
		}
		check(t, p, prog, 12)
	})
}
