// Package signals collects signals in a pipe. Package os/signal starts two
// threads and hands every signal number from one to the other before it
// returns, which costs as much as all the mounts of a start; this is one
// sigaction(2) a signal, and a write(2) for each that comes.
//
// Rests on sigaction(2), signal-safety(7), pipe(7).
package signals

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

var (
	pipe   uintptr //nolint:unused // the end that the handler writes to, in assembly
	deadly uint64  // the signals, a bit each, for which it ends the process
)

// addresses are those of the handler and of what the kernel returns to after
// it. They are assembly: a signal comes between any two instructions, on any
// thread, where no code of Go's may run.
func addresses() (handler, restorer uintptr)

// sigaction is the kernel's structure, rt_sigaction(2).
type sigaction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

const (
	ignored = 1          // SIG_IGN
	flags   = 0x0c000000 // SA_RESTORER | SA_ONSTACK, which Go wants of every handler; not SA_RESTART: a start that hangs is to notice
)

// Catch begins to collect signals: each is a byte, its number, to be read from
// the descriptor. Those of ending do not wait until then: they end the process
// at once, with the status 128 and their number, until Live is called. Signals
// that the caller ignores stay ignored, nohup(1)'s for one: a handler would
// undo its wish.
func Catch(ending, others []unix.Signal) (fd int, err error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return -1, fmt.Errorf("pipe for signals: %w", err)
	}
	pipe = uintptr(p[1])
	h, r := addresses()
	act := sigaction{h, flags, r, ^uint64(0)}
	for _, s := range ending {
		deadly |= 1 << s
	}
	for _, s := range append(ending, others...) {
		var old sigaction
		if errno := rtSigaction(s, nil, &old); errno != 0 || old.handler == ignored {
			continue
		}
		if errno := rtSigaction(s, &act, nil); errno != 0 {
			return -1, fmt.Errorf("catch signal %d: %w", int(s), errno)
		}
	}
	return p[0], nil
}

// Live ends the time in which a signal ends the process.
func Live() { atomic.StoreUint64(&deadly, 0) }

func rtSigaction(s unix.Signal, act, old *sigaction) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(act)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
	return errno
}
