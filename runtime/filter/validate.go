package filter

import "fmt"

// MaxInsns is the longest program that the kernel takes: BPF_MAXINSNS.
const MaxInsns = 4096

// Validate says whether the kernel would take a program, and if not, which
// instruction it would refuse and why. The rules are those of seccomp(2): words
// of struct seccomp_data only, jumps forward, a return at the end, and no
// scratch memory read before it is written.
func Validate(prog []Insn) error {
	switch n := len(prog); {
	case n == 0:
		return fmt.Errorf("empty program")
	case n > MaxInsns:
		return fmt.Errorf("program of %d instructions: the kernel takes %d", n, MaxInsns)
	}
	for pc, in := range prog {
		if why := refuse(in, len(prog)-pc-1); why != "" {
			return fmt.Errorf("instruction %d (code %#x, k %#x): %s", pc, in.Code, in.K, why)
		}
	}
	if last := prog[len(prog)-1].Code; last != retK && last != retA {
		return fmt.Errorf("instruction %d: the last must be a return", len(prog)-1)
	}
	return checkMem(prog)
}

// refuse says what is wrong with an instruction after which there are `after`
// more; "" if nothing is.
func refuse(in Insn, after int) string {
	switch in.Code {
	case ldAbs:
		if in.K >= dataSize || in.K%4 != 0 {
			return "not a word of struct seccomp_data"
		}
	case ldMem, ldxMem, stA, stX:
		if in.K >= memWords {
			return "scratch memory has 16 words"
		}
	case aluDiv:
		if in.K == 0 {
			return "division by zero"
		}
	case aluLsh, aluRsh:
		if in.K >= 32 {
			return "shift by more than 31"
		}
	case jmpJA:
		if uint64(in.K) >= uint64(after) {
			return "jump past the end"
		}
	case jmpJEQ, jmpJEQ | srcX, jmpJGT, jmpJGT | srcX, jmpJGE, jmpJGE | srcX, jmpJSET, jmpJSET | srcX:
		if int(in.JT) >= after || int(in.JF) >= after {
			return "jump past the end"
		}
	case ldImm, ldLen, ldxImm, ldxLen, tax, txa, retK, retA,
		aluAdd, aluAdd | srcX, aluSub, aluSub | srcX, aluMul, aluMul | srcX, aluDiv | srcX,
		aluOr, aluOr | srcX, aluAnd, aluAnd | srcX, aluXor, aluXor | srcX,
		aluLsh | srcX, aluRsh | srcX, aluNeg:
	default:
		return "not an instruction that seccomp takes"
	}
	return ""
}

// checkMem finds reads of scratch words that some path has not written.
func checkMem(prog []Insn) error {
	const all = 1<<memWords - 1
	written := make([]uint16, len(prog)) // on every path that arrives here
	for i := range written {
		written[i] = all
	}
	written[0] = 0
	for pc, in := range prog {
		have := written[pc]
		var next []int
		switch in.Code {
		case ldMem, ldxMem:
			if have&(1<<in.K) == 0 {
				return fmt.Errorf("instruction %d: reads scratch word %d before it is written", pc, in.K)
			}
			next = []int{pc + 1}
		case stA, stX:
			have |= 1 << in.K
			next = []int{pc + 1}
		case retK, retA:
		case jmpJA:
			next = []int{pc + 1 + int(in.K)}
		default:
			next = []int{pc + 1}
			if in.Code&7 == jmpJA {
				next = []int{pc + 1 + int(in.JT), pc + 1 + int(in.JF)}
			}
		}
		for _, n := range next {
			written[n] &= have
		}
	}
	return nil
}
