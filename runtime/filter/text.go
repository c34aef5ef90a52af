package filter

import "fmt"

// Text returns the instruction at an index in words, with the target of a jump
// as an index: "if A >= 0x9d goto 12, else goto 5".
func Text(prog []Insn, pc int) string {
	in := prog[pc]
	operand := fmt.Sprintf("%#x", in.K)
	if in.Code&srcX != 0 {
		operand = "X"
	}
	switch in.Code {
	case ldAbs:
		return "A = " + wordName(in.K)
	case retK:
		return "return " + Action(in.K).String()
	case retA:
		return "return A"
	case jmpJA:
		return fmt.Sprintf("goto %d", pc+1+int(in.K))
	case aluAnd, aluAnd | srcX:
		return "A &= " + operand
	}
	op := ""
	switch in.Code &^ srcX {
	case jmpJEQ:
		op = "=="
	case jmpJGT:
		op = ">"
	case jmpJGE:
		op = ">="
	case jmpJSET:
		op = "&"
	default:
		return fmt.Sprintf("code %#x, k %#x", in.Code, in.K)
	}
	return fmt.Sprintf("if A %s %s goto %d, else goto %d", op, operand, pc+1+int(in.JT), pc+1+int(in.JF))
}

// wordName names a word of struct seccomp_data.
func wordName(off uint32) string {
	half := "low"
	if off&4 != 0 {
		half = "high"
	}
	switch {
	case off == offNr:
		return "nr"
	case off == offArch:
		return "arch"
	case off < offArgs:
		return half + " word of the instruction pointer"
	}
	return fmt.Sprintf("%s word of arg%d", half, (off-offArgs)/8)
}
