package trace

import (
	"strconv"
	"strings"

	"example.org/mcr/runtime/sys"
)

var (
	bpfClasses = []string{"BPF_LD", "BPF_LDX", "BPF_ST", "BPF_STX", "BPF_ALU", "BPF_JMP", "BPF_RET", "BPF_MISC"}
	bpfModes   = []string{"BPF_IMM", "BPF_ABS", "BPF_IND", "BPF_MEM", "BPF_LEN", "BPF_MSH"}
	bpfALU     = []string{
		"BPF_ADD", "BPF_SUB", "BPF_MUL", "BPF_DIV", "BPF_OR", "BPF_AND", "BPF_LSH", "BPF_RSH", "BPF_NEG", "BPF_MOD", "BPF_XOR",
	}
	bpfJumps = []string{"BPF_JA", "BPF_JEQ", "BPF_JGT", "BPF_JGE", "BPF_JSET"}
	actions  = &sys.FlagSet{Mask: 0xffff0000, Enum: []sys.Flag{
		{Val: 0x80000000, Name: "SECCOMP_RET_KILL_PROCESS"},
		{Val: 0x00000000, Name: "SECCOMP_RET_KILL_THREAD"},
		{Val: 0x00030000, Name: "SECCOMP_RET_TRAP"},
		{Val: 0x00050000, Name: "SECCOMP_RET_ERRNO"},
		{Val: 0x7fc00000, Name: "SECCOMP_RET_USER_NOTIF"},
		{Val: 0x7ff00000, Name: "SECCOMP_RET_TRACE"},
		{Val: 0x7ffc0000, Name: "SECCOMP_RET_LOG"},
		{Val: 0x7fff0000, Name: "SECCOMP_RET_ALLOW"},
	}}
)

// instruction writes one instruction of a classic BPF program, with the macros
// of linux/filter.h.
func instruction(code uint16, jt, jf uint8, k uint32) string {
	class, k64 := code&7, uint64(k)
	names := []string{bpfClasses[class]}
	value := hex(k64)
	switch class {
	case 0, 1: // BPF_LD, BPF_LDX
		names = append(names, "BPF_W", name(bpfModes, code>>5))
	case 4, 5: // BPF_ALU, BPF_JMP
		ops := bpfALU
		if class == 5 {
			ops = bpfJumps
		}
		names = append(names, "BPF_"+[]string{"K", "X"}[code>>3&1], name(ops, code>>4))
	case 6: // BPF_RET
		names = append(names, "BPF_"+[]string{"K", "X", "A", "?"}[code>>3&3])
		value = actions.Text(k64)
	case 7: // BPF_MISC
		names = append(names, []string{"BPF_TAX", "BPF_TXA"}[code>>7&1])
	}
	if class == 5 && (jt != 0 || jf != 0) {
		return "BPF_JUMP(" + strings.Join(names, "|") + ", " + value + ", " + hex(uint64(jt)) + ", " + hex(uint64(jf)) + ")"
	}
	return "BPF_STMT(" + strings.Join(names, "|") + ", " + value + ")"
}

func name(list []string, i uint16) string {
	if int(i) < len(list) {
		return list[i]
	}
	return "0x" + strconv.FormatUint(uint64(i), 16)
}

func hex(v uint64) string {
	if v == 0 {
		return "0"
	}
	return "0x" + strconv.FormatUint(v, 16)
}
