#include "textflag.h"

// func prlimit(resource int, old *[2]uint64)
TEXT ·prlimit(SB), NOSPLIT, $0-16
	MOVD $261, R8 // prlimit64
	MOVD $0, R0
	MOVD resource+0(FP), R1
	MOVD $0, R2
	MOVD old+8(FP), R3
	SVC
	RET
