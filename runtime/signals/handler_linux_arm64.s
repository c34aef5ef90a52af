#include "textflag.h"

// if deadly&(1<<signum) != 0 { exit_group(128+signum) }
// write(pipe, &signum, 1)
TEXT handler<>(SB), NOSPLIT|NOFRAME, $0
	MOVD ·deadly(SB), R1
	LSR  R0, R1, R1
	TBZ  $0, R1, collect
	ADD  $128, R0, R0
	MOVD $94, R8
	SVC

collect:
	SUB  $16, RSP
	MOVD R0, 8(RSP)
	MOVD ·pipe(SB), R0
	ADD  $8, RSP, R1
	MOVD $1, R2
	MOVD $64, R8
	SVC
	ADD  $16, RSP
	RET

// rt_sigreturn(2)
TEXT restorer<>(SB), NOSPLIT|NOFRAME, $0
	MOVD $139, R8
	SVC
	BRK

// func addresses() (handler, restorer uintptr)
TEXT ·addresses(SB), NOSPLIT, $0-16
	MOVD $handler<>(SB), R0
	MOVD R0, handler+0(FP)
	MOVD $restorer<>(SB), R0
	MOVD R0, restorer+8(FP)
	RET
