//go:build amd64 || arm64

package caller

const rlimitNoFile = 7

func noFile() (limits [2]uint64) {
	prlimit(rlimitNoFile, &limits)
	return limits
}

// prlimit is prlimit(2) of this process, old limits only. It is in assembly
// because whatever has system calls is initialised too late.
//
//go:noescape
func prlimit(resource int, old *[2]uint64)
