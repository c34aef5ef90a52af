package filter

// noWord says that A holds no word of the call's data.
const noWord = ^uint32(0)

// tests turns the rules of one leaf into nodes. A point in the rules, and what
// A holds there, always becomes the same node.
type tests struct {
	*graph
	leaf *leaf
	memo map[point]int
}

// A point is before a condition of a rule, with the word at offset held in A.
type point struct {
	rule, cond int
	held       uint32
}

// leaf adds the tests of a leaf and returns where they start.
func (g *graph) leaf(l *leaf) int {
	t := tests{g, l, map[point]int{}}
	return t.from(point{held: noWord})
}

// from returns the node for a point: the first rule whose conditions all hold
// decides.
func (ts *tests) from(p point) int {
	if p.rule == len(ts.leaf.rules) {
		return ts.ret(ts.leaf.final)
	}
	r := ts.leaf.rules[p.rule]
	if p.cond == len(r.Args) {
		return ts.ret(r.Action)
	}
	i, ok := ts.memo[p]
	if !ok {
		pass := func(held uint32) int { return ts.from(point{p.rule, p.cond + 1, held}) }
		fail := func(held uint32) int { return ts.from(point{p.rule + 1, 0, held}) }
		i = ts.test(r.Args[p.cond], p.held, pass, fail)
		ts.memo[p] = i
	}
	return i
}

// A branch makes what follows a test, told what A holds then.
type branch func(held uint32) int

// test adds the test of one condition.
func (ts *tests) test(c Cond, held uint32, pass, fail branch) int {
	lo := uint32(offArgs + 8*c.Index)
	first := lo + 4
	var i int
	if off, ok := c.oneWord(lo); ok {
		first = off
		i = ts.word(c, off, pass, fail)
	} else if c.Op == MaskedEQ && c.Value == 0 {
		return pass(held)
	} else {
		i = ts.both(c, lo, pass, fail)
	}
	if first == held {
		return i
	}
	return ts.load(first, i)
}

// oneWord returns the offset of the only half that a condition looks at, if it
// looks at one only: under a mask, the other half may be anything.
func (c Cond) oneWord(lo uint32) (uint32, bool) {
	switch {
	case c.Op != MaskedEQ || c.Value == 0:
		return 0, false
	case c.Value>>32 == 0:
		return lo, true
	case uint32(c.Value) == 0:
		return lo + 4, true
	}
	return 0, false
}

// word adds the test of the half of a MaskedEQ that is in A.
func (ts *tests) word(c Cond, off uint32, pass, fail branch) int {
	shift := 8 * (off & 4)
	mask, value := uint32(c.Value>>shift), uint32((c.Value&c.ValueTwo)>>shift)
	oneBit := mask&(mask-1) == 0
	switch {
	case mask == ^uint32(0):
		return ts.jump(jmpJEQ, value, pass(off), fail(off))
	case value == 0:
		return ts.jump(jmpJSET, mask, fail(off), pass(off))
	case oneBit:
		return ts.jump(jmpJSET, mask, pass(off), fail(off))
	}
	t, f := pass(noWord), fail(noWord) // A loses the word
	if t == f {
		return t
	}
	return ts.and(mask, ts.jump(jmpJEQ, value, t, f))
}

// both adds a test of all 64 bits, the high half of which is in A: it decides,
// or else the low half does.
func (ts *tests) both(c Cond, lo uint32, pass, fail branch) int {
	hi := lo + 4
	h, l := uint32(c.Value>>32), uint32(c.Value)
	switch c.Op {
	case EQ:
		return ts.jump(jmpJEQ, h, ts.low(jmpJEQ, l, lo, pass, fail), fail(hi))
	case NE:
		return ts.jump(jmpJEQ, h, ts.low(jmpJEQ, l, lo, fail, pass), pass(hi))
	case GT:
		return ts.order(jmpJGT, c, lo, pass, fail)
	case GE:
		return ts.order(jmpJGE, c, lo, pass, fail)
	case LE:
		return ts.order(jmpJGT, c, lo, fail, pass)
	case LT:
		return ts.order(jmpJGE, c, lo, fail, pass)
	case MaskedEQ:
		rest := func(uint32) int { return ts.load(lo, ts.word(c, lo, pass, fail)) }
		return ts.word(c, hi, rest, fail)
	}
	return fail(hi) // Assemble lets no other operator through
}

// order adds a comparison by size: more by the high half, or the same there and
// decided in the low half by the given jump.
func (ts *tests) order(code uint16, c Cond, lo uint32, more, less branch) int {
	hi := lo + 4
	h, l := uint32(c.Value>>32), uint32(c.Value)
	same := ts.jump(jmpJEQ, h, ts.low(code, l, lo, more, less), less(hi))
	return ts.jump(jmpJGT, h, more(hi), same)
}

// low adds a load of the low half, and a jump on it.
func (ts *tests) low(code uint16, l, lo uint32, t, f branch) int {
	return ts.load(lo, ts.jump(code, l, t(lo), f(lo)))
}
