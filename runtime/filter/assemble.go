package filter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/mcr/runtime/sys"
)

// x32Bit marks a number of the x32 ABI, which shares AMD64's architecture word.
const x32Bit = 1 << 30

// A leaf is what a number leads to: rules with conditions, and the action when
// none of them matches.
type leaf struct {
	rules []Rule
	final Action
}

// A span is a run of numbers that lead to the same leaf, which no other leaf equals.
type span struct {
	lo, hi uint32
	leaf   *leaf
}

// Assemble compiles a profile. The program checks the architecture, finds the
// number's span by comparisons, and tests arguments where a rule has them. The
// same profile gives the same program.
func Assemble(p *Profile) ([]Insn, error) {
	spans, err := p.spans()
	if err != nil {
		return nil, fmt.Errorf("profile %q: %w", p.Name, err)
	}
	g := newGraph()
	tree := newSearch(g, spans, p.Arch.MaxNr()).root()
	native := g.jump(jmpJEQ, p.Arch.AuditArch(), g.load(offNr, tree), g.ret(KillProcess))
	prog := g.emit(g.load(offArch, native))
	if len(prog) > MaxInsns {
		return nil, fmt.Errorf("profile %q: %d instructions, the kernel takes %d", p.Name, len(prog), MaxInsns)
	}
	return prog, nil
}

// spans returns the whole space of numbers, 0 to 1<<32 - 1, in order and with
// neighbours that decide the same merged.
func (p *Profile) spans() ([]span, error) {
	rules, err := p.byNumber()
	if err != nil {
		return nil, err
	}
	nrs := make([]uint32, 0, len(rules))
	for nr := range rules {
		nrs = append(nrs, nr)
	}
	slices.Sort(nrs)

	var spans []span
	leaves := map[string]*leaf{}
	add := func(lo, hi uint32, rules []Rule, final Action) {
		l := intern(leaves, rules, final)
		if n := len(spans); n > 0 && spans[n-1].leaf == l {
			spans[n-1].hi = hi
			return
		}
		spans = append(spans, span{lo, hi, l})
	}
	for _, r := range p.regions() {
		next, done := r.lo, false
		for len(nrs) > 0 && nrs[0] <= r.hi {
			nr := nrs[0]
			nrs = nrs[1:]
			if nr > next {
				add(next, nr-1, nil, r.final)
			}
			add(nr, nr, rules[nr], r.final)
			next, done = nr+1, nr == r.hi
		}
		if !done {
			add(next, r.hi, nil, r.final)
		}
	}
	return spans, nil
}

// A region is a run of numbers, and what becomes of those without a rule.
type region struct {
	lo, hi uint32
	final  Action
}

func (p *Profile) regions() []region {
	last := uint32(p.Arch.MaxNr())
	if p.Arch != sys.AMD64 {
		return []region{{0, last, p.Default}, {last + 1, 1<<32 - 1, p.Above}}
	}
	return []region{
		{0, last, p.Default},
		{last + 1, x32Bit - 1, p.Above},
		{x32Bit, 2*x32Bit - 1, p.X32},
		{2 * x32Bit, 3*x32Bit - 1, p.Above},
		{3 * x32Bit, 1<<32 - 1, p.X32},
	}
}

// byNumber returns the rules of each number that has any, in order.
func (p *Profile) byNumber() (map[uint32][]Rule, error) {
	for _, a := range []Action{p.Default, p.Above, p.X32} {
		if !known(a) {
			return nil, fmt.Errorf("action %#x is not one of seccomp(2)", uint32(a))
		}
	}
	rules := map[uint32][]Rule{}
	for i, r := range p.Rules {
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("rule %d: %w", i, err)
		}
		nrs := slices.Clone(r.Nrs)
		for _, name := range r.Names {
			nr, ok := p.Arch.Number(name)
			if !ok {
				return nil, fmt.Errorf("rule %d: no system call %q on %s", i, name, p.Arch)
			}
			nrs = append(nrs, uint32(nr))
		}
		for _, nr := range nrs {
			rules[nr] = append(rules[nr], r)
		}
	}
	return rules, nil
}

func (r *Rule) check() error {
	if !known(r.Action) {
		return fmt.Errorf("action %#x is not one of seccomp(2)", uint32(r.Action))
	}
	for _, c := range r.Args {
		if c.Index < 0 || c.Index > 5 {
			return fmt.Errorf("argument %d: a system call has 0 to 5", c.Index)
		}
		if c.Op < NE || c.Op > MaskedEQ {
			return fmt.Errorf("%s is not a comparison", c.Op)
		}
	}
	return nil
}

func known(a Action) bool {
	_, ok := a.name()
	return ok
}

// intern returns the leaf for rules in order. It drops those that cannot decide:
// what follows a rule without conditions, and the last ones that say what happens
// anyway.
func intern(leaves map[string]*leaf, rules []Rule, final Action) *leaf {
	for i, r := range rules {
		if len(r.Args) == 0 {
			rules, final = rules[:i], r.Action
			break
		}
	}
	for n := len(rules); n > 0 && rules[n-1].Action == final; n-- {
		rules = rules[:n-1]
	}
	key := strconv.FormatUint(uint64(final), 16)
	if len(rules) > 0 {
		var b strings.Builder
		for _, r := range rules {
			fmt.Fprintf(&b, "%v %x;", r.Args, uint32(r.Action))
		}
		key = b.String() + key
	}
	l := leaves[key]
	if l == nil {
		l = &leaf{rules, final}
		leaves[key] = l
	}
	return l
}
