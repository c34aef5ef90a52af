package caller

import "runtime"

// A start is short, and half of what it costs is memory that is touched for
// the first time. Whatever is initialised before these makes them dearer.
var (
	// With one processor no idle thread is woken to look for work that is not there.
	_ = runtime.GOMAXPROCS(1)
	// The stack is made as large as a start needs: grown by doubling, each size is paid for, page by page.
	_ = deepen(1)
)

//go:noinline
func deepen(i int) byte {
	var room [16 << 10]byte
	room[i] = 1
	return room[2*i]
}
