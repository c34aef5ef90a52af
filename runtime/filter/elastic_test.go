package filter_test

import (
	"math/bits"
	"runtime"
	"testing"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"

	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/sys"
)

// conditions says a rule's conditions in the words of go-seccomp-bpf, which has
// no masked-equal: no bit of the mask that should be clear, and each that should
// be set.
func conditions(args []filter.Cond) seccomp.ArgumentConditions {
	ops := map[filter.Op]seccomp.Operation{
		filter.NE: seccomp.NotEqual, filter.LT: seccomp.LessThan, filter.LE: seccomp.LessOrEqual,
		filter.EQ: seccomp.Equal, filter.GE: seccomp.GreaterOrEqual, filter.GT: seccomp.GreaterThan,
	}
	var conds seccomp.ArgumentConditions
	for _, c := range args {
		arg := uint32(c.Index)
		if c.Op != filter.MaskedEQ {
			conds = append(conds, seccomp.Condition{Argument: arg, Operation: ops[c.Op], Value: c.Value})
			continue
		}
		if unset := c.Value &^ c.ValueTwo; unset != 0 {
			conds = append(conds, seccomp.Condition{Argument: arg, Operation: seccomp.BitsNotSet, Value: unset})
		}
		for set := c.Value & c.ValueTwo; set != 0; set &= set - 1 {
			conds = append(conds, seccomp.Condition{Argument: arg, Operation: seccomp.BitsSet, Value: 1 << bits.TrailingZeros64(set)})
		}
	}
	return conds
}

// A policy is a profile as go-seccomp-bpf assembles it. When a rule with
// conditions does not match, v1.6.0 leaves the argument where the number was, and
// takes it for the number in what follows; so each such rule is a program of its
// own, and they are run in order.
type policy struct {
	main  []filter.Insn              // calls without conditions
	rules map[uint32][][]filter.Insn // of each other call
	lacks map[string]bool            // names that its table lacks
}

// noMatch is what the program of one rule answers when it does not match.
const noMatch = filter.Trap

func assemble(t *testing.T, def filter.Action, groups ...seccomp.SyscallGroup) []filter.Insn {
	t.Helper()
	if def == filter.Errno|filter.EPERM {
		def = filter.Errno // it adds EPERM itself, and refuses it in a default
	}
	p := seccomp.Policy{DefaultAction: seccomp.Action(def), Syscalls: groups}
	insns, err := p.Assemble()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := bpf.Assemble(insns)
	if err != nil {
		t.Fatal(err)
	}
	var prog []filter.Insn
	for _, in := range raw {
		prog = append(prog, filter.Insn{Code: in.Op, JT: in.Jt, JF: in.Jf, K: in.K})
	}
	return prog
}

func theirs(t *testing.T, p *filter.Profile) *policy {
	t.Helper()
	table, err := arch.GetInfo("")
	if err != nil {
		t.Skip(err)
	}
	th := &policy{rules: map[uint32][][]filter.Insn{}, lacks: map[string]bool{}}
	for _, r := range p.Rules {
		if len(r.Args) > 0 {
			th.rules[uint32(table.SyscallNames[r.Names[0]])] = nil
		}
	}
	var groups []seccomp.SyscallGroup
	for _, r := range p.Rules {
		g := seccomp.SyscallGroup{Action: seccomp.Action(r.Action)}
		for _, name := range r.Names {
			nr, ok := table.SyscallNames[name]
			if !ok {
				th.lacks[name] = true
				continue
			}
			if _, split := th.rules[uint32(nr)]; !split {
				g.Names = append(g.Names, name)
				continue
			}
			one := seccomp.SyscallGroup{Action: g.Action}
			if len(r.Args) == 0 {
				one.Names = []string{name}
			} else {
				one.NamesWithCondtions = []seccomp.NameWithConditions{{Name: name, Conditions: conditions(r.Args)}}
			}
			th.rules[uint32(nr)] = append(th.rules[uint32(nr)], assemble(t, noMatch, one))
		}
		groups = append(groups, g)
	}
	th.main = assemble(t, p.Default, groups...)
	return th
}

func (th *policy) verdict(d filter.Data) filter.Action {
	for _, prog := range th.rules[uint32(d.Nr)] {
		if v, _ := filter.Run(prog, d); filter.Action(v) != noMatch {
			return filter.Action(v)
		}
	}
	v, _ := filter.Run(th.main, d)
	return filter.Action(v)
}

// Another assembler gives the same verdicts. It answers ENOSYS to x32 always,
// lets a foreign architecture fall to the default, and knows no highest number:
// there ours alone is looked at.
func TestSameAsGoSeccompBPF(t *testing.T) {
	a := sys.NativeArch()
	if a.String() != runtime.GOARCH {
		t.Skipf("go-seccomp-bpf assembles for the native architecture, and %s has no table", runtime.GOARCH)
	}
	for _, name := range filter.Names() {
		t.Run(name, func(t *testing.T) {
			p, err := filter.Builtin(name, a)
			if err != nil {
				t.Skip(err)
			}
			ours, err := filter.Program(name, a)
			if err != nil {
				t.Fatal(err)
			}
			other := theirs(t, p)
			if len(other.lacks) > 8 {
				t.Errorf("go-seccomp-bpf lacks %v", other.lacks)
			}
			t.Logf("%d instructions; go-seccomp-bpf %d, argument rules not counted", len(ours), len(other.main))
			for _, nr := range numbers() {
				d := filter.Data{Nr: int32(nr), Arch: a.AuditArch()}
				v, _ := filter.Run(ours, d)
				got := filter.Action(v)
				known, _ := a.Name(int(nr))
				switch {
				case nr > uint32(a.MaxNr()):
					want := filter.Errno | filter.ENOSYS
					if name == "seed" {
						want = filter.KillThread
					}
					if got != want {
						t.Errorf("nr %#x: %s, want %s", nr, got, want)
					}
				case !other.lacks[known]:
					sameVerdict(t, ours, other, d)
				}
				d.Arch = archI386
				if v, _ := filter.Run(ours, d); filter.Action(v) != filter.KillProcess {
					t.Errorf("nr %#x of i386: %s", nr, filter.Action(v))
				}
			}
			for _, r := range p.Rules {
				for _, c := range r.Args {
					nr, _ := a.Number(r.Names[0])
					for _, val := range edges(p) {
						d := filter.Data{Nr: int32(nr), Arch: a.AuditArch()}
						d.Args[c.Index] = val
						sameVerdict(t, ours, other, d)
					}
				}
			}
		})
	}
}

func sameVerdict(t *testing.T, ours []filter.Insn, other *policy, d filter.Data) {
	t.Helper()
	got, _ := filter.Run(ours, d)
	if want := other.verdict(d); filter.Action(got) != want {
		t.Errorf("nr %#x args %#x: %s, go-seccomp-bpf %s", uint32(d.Nr), d.Args, filter.Action(got), want)
	}
}
