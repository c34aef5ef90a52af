package filter

// A search finds the cheapest tree of comparisons over spans of numbers. Cheap
// has two sides when the kernel loads a filter: it checks, translates and
// compiles each instruction, and it runs the program for every number of the
// architecture, to remember the ones that are always allowed
// (Linux 5.11, seccomp_cache_prepare). So the cost of a tree is its instructions
// and, at a lower price, the comparisons that each number meets.
type search struct {
	g      *graph
	spans  []span
	weight []int32  // of the spans before each: prefix sums
	best   []choice // of the spans i to j of the window, at i*size + j
	first  int      // where the window starts
	size   int
}

const (
	insnCost = 256 // of an instruction, where a comparison met by one number is 1
	window   = 48  // spans that are searched together; the work grows with the cube
	longest  = 8   // chain of tests for single numbers
	never    = 1e9 // a cost out of reach
	chained  = -1  // split of a choice that is a chain
)

// A choice is how spans i to j are told apart, and what that costs: by a
// comparison at the start of span split or, if that is chained, by tests for
// single numbers, past which the leaf of span base is left.
type choice struct {
	cost        int32
	split, base int16
}

func newSearch(g *graph, spans []span, last int) *search {
	s := &search{g: g, spans: spans, weight: make([]int32, len(spans)+1)}
	for i, sp := range spans {
		w := int32(1) // numbers that no kernel has do not count
		if int64(sp.lo) <= int64(last) {
			w = int32(min(int64(sp.hi), int64(last)) - int64(sp.lo) + 1)
		}
		s.weight[i+1] = s.weight[i] + w
	}
	return s
}

func (s *search) root() int { return s.divide(0, len(s.spans)-1) }

// divide halves the spans i to j until a window holds them.
func (s *search) divide(i, j int) int {
	if j-i < window {
		s.solve(i, j)
		return s.tree(i, j)
	}
	half := (s.weight[i] + s.weight[j+1]) / 2
	k := i + 1
	for k < j && s.weight[k] < half {
		k++
	}
	above := s.divide(k, j)
	return s.g.jump(jmpJGE, s.spans[k].lo, above, s.divide(i, k-1))
}

// solve finds the best choice for all runs of spans from i to j, the short ones
// first.
func (s *search) solve(i, j int) {
	s.first, s.size = i, j-i+1
	s.best = make([]choice, s.size*s.size)
	for n := 1; n < s.size; n++ {
		for a := 0; a+n < s.size; a++ {
			b := a + n
			best := s.chain(i+a, i+b)
			here := insnCost + s.weight[i+b+1] - s.weight[i+a]
			for k := a + 1; k <= b; k++ {
				cost := here + s.best[a*s.size+k-1].cost + s.best[k*s.size+b].cost
				if cost < best.cost {
					best = choice{cost: cost, split: int16(k)}
				}
			}
			s.best[a*s.size+b] = best
		}
	}
}

// tree adds the comparisons for the spans i to j.
func (s *search) tree(i, j int) int {
	if i == j {
		return s.g.leaf(s.spans[i].leaf)
	}
	c := s.best[(i-s.first)*s.size+j-s.first]
	if c.split != chained {
		k := s.first + int(c.split)
		above := s.tree(k, j)
		return s.g.jump(jmpJGE, s.spans[k].lo, above, s.tree(i, k-1))
	}
	base := s.spans[s.first+int(c.base)].leaf
	n := s.g.leaf(base)
	for k := j; k >= i; k-- {
		if sp := s.spans[k]; sp.leaf != base {
			n = s.g.jump(jmpJEQ, sp.lo, s.g.leaf(sp.leaf), n)
		}
	}
	return n
}

// chain returns the best chain for the spans i to j.
func (s *search) chain(i, j int) choice {
	best := choice{cost: never}
	if j-i > 2*longest {
		return best
	}
	for b := i; b <= min(i+3, j); b++ { // a base further on has too long a chain
		c := choice{split: chained, base: int16(b - s.first)}
		met, rest := int32(0), int32(0)
		for k := i; k <= j && met <= longest; k++ {
			switch sp := s.spans[k]; {
			case sp.leaf == s.spans[b].leaf:
				rest += s.weight[k+1] - s.weight[k]
			case sp.lo != sp.hi:
				met = longest + 1
			default:
				met++
				c.cost += insnCost + met
			}
		}
		c.cost += met * rest
		if met <= longest && c.cost < best.cost {
			best = c
		}
	}
	return best
}
