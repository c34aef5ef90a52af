package filter

// An Insn is one instruction of classic BPF, laid out as struct sock_filter.
type Insn struct {
	Code   uint16
	JT, JF uint8
	K      uint32
}

// Data is what a filter sees of a system call: struct seccomp_data.
type Data struct {
	Nr   int32
	Arch uint32
	IP   uint64
	Args [6]uint64
}

// Offsets into struct seccomp_data, and its size.
const (
	offNr   = 0
	offArch = 4
	offIP   = 8
	offArgs = 16

	dataSize = 64
)

// The codes that seccomp(2) lets pass; all words are 32 bits wide.
const (
	ldAbs, ldImm, ldMem, ldLen = 0x20, 0x00, 0x60, 0x80
	ldxImm, ldxMem, ldxLen     = 0x01, 0x61, 0x81
	stA, stX                   = 0x02, 0x03

	aluAdd, aluSub, aluMul, aluDiv = 0x04, 0x14, 0x24, 0x34
	aluOr, aluAnd, aluLsh, aluRsh  = 0x44, 0x54, 0x64, 0x74
	aluNeg, aluXor                 = 0x84, 0xa4

	jmpJA, jmpJEQ, jmpJGT, jmpJGE, jmpJSET = 0x05, 0x15, 0x25, 0x35, 0x45

	retK, retA = 0x06, 0x16
	tax, txa   = 0x07, 0x87

	srcX = 0x08 // the operand is X, not K

	memWords = 16 // BPF_MEMWORDS
)

// word returns the 32 bits of the call's data at an offset, as a little-endian
// machine lays them out.
func (d *Data) word(off uint32) uint32 {
	half := func(v uint64) uint32 { return uint32(v >> (8 * (off & 4))) }
	switch {
	case off == offNr:
		return uint32(d.Nr)
	case off == offArch:
		return d.Arch
	case off < offArgs:
		return half(d.IP)
	case off < dataSize:
		return half(d.Args[(off-offArgs)/8])
	}
	return 0
}

// Run runs a program for one call, as the kernel would, and returns what it
// answers (an [Action]) and the indices of the instructions that were executed;
// the last of them decided. The program must pass [Validate]; one that does not
// answers SECCOMP_RET_KILL_THREAD where it goes wrong.
func Run(prog []Insn, d Data) (verdict uint32, path []int) {
	var a, x uint32
	var mem [memWords]uint32
	for pc := 0; pc < len(prog); pc++ {
		in := prog[pc]
		path = append(path, pc)
		operand := in.K
		if in.Code&srcX != 0 {
			operand = x
		}
		switch in.Code {
		case ldAbs:
			a = d.word(in.K)
		case ldImm:
			a = in.K
		case ldMem:
			a = mem[in.K%memWords]
		case ldLen:
			a = dataSize
		case ldxImm:
			x = in.K
		case ldxMem:
			x = mem[in.K%memWords]
		case ldxLen:
			x = dataSize
		case stA:
			mem[in.K%memWords] = a
		case stX:
			mem[in.K%memWords] = x
		case tax:
			x = a
		case txa:
			a = x
		case retK:
			return in.K, path
		case retA:
			return a, path
		case jmpJA:
			pc += int(in.K)
		case jmpJEQ, jmpJEQ | srcX, jmpJGT, jmpJGT | srcX, jmpJGE, jmpJGE | srcX, jmpJSET, jmpJSET | srcX:
			if jumps(in.Code&^srcX, a, operand) {
				pc += int(in.JT)
			} else {
				pc += int(in.JF)
			}
		case aluDiv, aluDiv | srcX:
			if operand == 0 { // the kernel ends the program and answers 0
				return 0, path
			}
			a /= operand
		default:
			a = compute(in.Code&^srcX, a, operand)
		}
	}
	return 0, path
}

func jumps(code uint16, a, b uint32) bool {
	switch code {
	case jmpJEQ:
		return a == b
	case jmpJGT:
		return a > b
	case jmpJGE:
		return a >= b
	}
	return a&b != 0 // jmpJSET
}

func compute(code uint16, a, b uint32) uint32 {
	switch code {
	case aluAdd:
		return a + b
	case aluSub:
		return a - b
	case aluMul:
		return a * b
	case aluOr:
		return a | b
	case aluAnd:
		return a & b
	case aluXor:
		return a ^ b
	case aluLsh:
		return a << (b & 31)
	case aluRsh:
		return a >> (b & 31)
	case aluNeg:
		return -a
	}
	return a
}
