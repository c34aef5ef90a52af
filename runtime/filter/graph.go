package filter

import "slices"

// A node is an instruction whose successors are nodes, not distances. Nodes are
// made from the leaves to the root, so a successor is older than its user.
type node struct {
	code uint16
	k    uint32
	t, f int // successors; t alone for anything but a conditional jump
}

// A graph holds nodes, each once.
type graph struct {
	nodes []node
	index map[node]int
}

func newGraph() *graph { return &graph{index: map[node]int{}} }

func (g *graph) add(n node) int {
	i, ok := g.index[n]
	if !ok {
		i = len(g.nodes)
		g.nodes = append(g.nodes, n)
		g.index[n] = i
	}
	return i
}

func (g *graph) ret(a Action) int            { return g.add(node{code: retK, k: uint32(a)}) }
func (g *graph) load(off uint32, to int) int { return g.add(node{code: ldAbs, k: off, t: to}) }
func (g *graph) and(mask uint32, to int) int { return g.add(node{code: aluAnd, k: mask, t: to}) }

// jump adds a conditional jump, unless both ways lead to the same node.
func (g *graph) jump(code uint16, k uint32, t, f int) int {
	if t == f {
		return t
	}
	return g.add(node{code, k, t, f})
}

// An emitter lays a graph out. It works from the end of the program to its
// start, for all jumps go forward: where a target is, counted from the end, is
// then known and stays.
type emitter struct {
	g   *graph
	out []Insn      // the last instruction first
	at  map[int]int // node to its nearest place in out
}

// maxSkip is how far a conditional jump reaches.
const maxSkip = 255

// emit returns the program that starts at a node.
func (g *graph) emit(start int) []Insn {
	e := &emitter{g: g, at: map[int]int{}}
	e.place(start)
	slices.Reverse(e.out)
	return e.out
}

// place puts a node, and all it leads to, before what there is.
func (e *emitter) place(i int) {
	if _, ok := e.at[i]; ok {
		return
	}
	n := e.g.nodes[i]
	switch n.code {
	case retK:
		e.put(i, Insn{Code: retK, K: n.k})
	case ldAbs, aluAnd:
		e.place(n.t)
		e.follow(n.t)
		e.put(i, Insn{Code: n.code, K: n.k})
	default:
		e.place(n.t)
		e.place(n.f)
		e.branch(i)
	}
}

// branch writes a conditional jump whose targets are placed.
func (e *emitter) branch(i int) {
	n := e.g.nodes[i]
	e.reach(n.t, maxSkip-1) // room for what reaching n.f may add
	e.reach(n.f, maxSkip)
	e.put(i, Insn{Code: n.code, K: n.k, JT: uint8(e.skip(n.t)), JF: uint8(e.skip(n.f))})
}

// follow makes a node the next instruction, as a load needs it, which cannot
// jump: a jump or a return is repeated, a load is jumped to.
func (e *emitter) follow(i int) {
	if e.skip(i) == 0 {
		return
	}
	switch n := e.g.nodes[i]; n.code {
	case retK:
		e.put(i, Insn{Code: retK, K: n.k})
	case ldAbs, aluAnd:
		e.put(i, Insn{Code: jmpJA, K: uint32(e.skip(i))})
	default:
		e.branch(i)
	}
}

// put writes an instruction that stands for a node from here on.
func (e *emitter) put(i int, in Insn) {
	e.at[i] = len(e.out)
	e.out = append(e.out, in)
}

// skip is the distance from the next instruction written to a node.
func (e *emitter) skip(i int) int { return len(e.out) - e.at[i] - 1 }

// reach brings a node within a distance: a return by a copy, any other by a
// jump that reaches further.
func (e *emitter) reach(i, limit int) {
	if e.skip(i) <= limit {
		return
	}
	in := Insn{Code: jmpJA, K: uint32(e.skip(i))}
	if n := e.g.nodes[i]; n.code == retK {
		in = Insn{Code: retK, K: n.k}
	}
	e.put(i, in)
}
