#include "textflag.h"

// if deadly&(1<<signum) != 0 { exit_group(128+signum) }
// write(pipe, &signum, 1)
TEXT handler<>(SB), NOSPLIT|NOFRAME, $0
	MOVQ ·deadly(SB), AX
	BTQ  DI, AX
	JCC  collect
	ADDL $128, DI
	MOVL $231, AX
	SYSCALL

collect:
	SUBQ $8, SP
	MOVQ DI, 0(SP)
	MOVQ ·pipe(SB), DI
	MOVQ SP, SI
	MOVL $1, DX
	MOVL $1, AX
	SYSCALL
	ADDQ $8, SP
	RET

// rt_sigreturn(2)
TEXT restorer<>(SB), NOSPLIT|NOFRAME, $0
	MOVL $15, AX
	SYSCALL
	INT  $3

// func addresses() (handler, restorer uintptr)
TEXT ·addresses(SB), NOSPLIT, $0-16
	MOVQ $handler<>(SB), AX
	MOVQ AX, handler+0(FP)
	MOVQ $restorer<>(SB), AX
	MOVQ AX, restorer+8(FP)
	RET
