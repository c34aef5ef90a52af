package kernel

import (
	"syscall"
	"unsafe"
)

// maxRegs is how many registers a plan may have.
const maxRegs = 96

// shared is memory that parent and child both see: the registers, and what
// became of each call so far.
type shared struct {
	clock uintptr // 1: the processor's counter may be read
	n     uintptr // records begun
	regs  [maxRegs]uintptr
	recs  [1]record // as many as the list can need; memory behind it is theirs
}

// A record is the kernel's answer to one call.
type record struct {
	index, done uint32
	ret, errno  uintptr
	begin, end  uint64 // of the processor's counter
}

// fork makes the clone call of birth. The child does the calls of ops and
// never returns: its last call is execve(2), or it exits.
//
// In the child nothing may be allocated, locked or scheduled and the stack may
// not grow: it is a copy of one thread of a Go program that has none of the
// others. TestChildReach holds this function to it.
//
//go:norace
//go:noinline
func fork(birth *op, ops []op, sh *shared) (pid uintptr, errno syscall.Errno) {
	var (
		all   = ^uint64(0)
		old   uint64
		o     *op
		rec   *record
		a     [6]uintptr
		i, j  uintptr
		tries uint8
	)
	// No signal may find the child with handlers that belong to Go; it opens its mask itself, start/sigmask.
	syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 2, uintptr(unsafe.Pointer(&all)), uintptr(unsafe.Pointer(&old)), 8, 0, 0)
	pid, _, errno = syscall.RawSyscall6(birth.nr, birth.a[0], birth.a[1], birth.a[2], birth.a[3], birth.a[4], 0)
	if errno != 0 || pid != 0 {
		syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, 2, uintptr(unsafe.Pointer(&old)), 0, 8, 0, 0)
		return pid, errno
	}
	for i < uintptr(len(ops)) {
		o = &ops[i]
		a = o.a
		for j = 0; j < 6; j++ { // no new variables after clone(2)
			if o.regs&(1<<j) != 0 {
				a[j] = sh.regs[a[j]%maxRegs]
			}
		}
		for j = 0; j < 2 && o.in[j].addr != nil; j++ {
			*(*uint32)(o.in[j].addr) = uint32(sh.regs[o.in[j].reg%maxRegs])
		}
		rec = (*record)(unsafe.Add(unsafe.Pointer(&sh.recs), sh.n*unsafe.Sizeof(*rec)))
		rec.index = uint32(i)
		if sh.clock != 0 {
			rec.begin = counter()
		}
		sh.n++
		rec.ret, errno = o.denyRet, o.denyErrno
		if !o.deny {
			rec.ret, _, errno = syscall.RawSyscall6(o.nr, a[0], a[1], a[2], a[3], a[4], a[5])
		}
		rec.errno = uintptr(errno)
		if sh.clock != 0 {
			rec.end = counter()
		}
		rec.done = 1
		if errno == syscall.EAGAIN && tries < o.again {
			tries++
			continue
		}
		tries = 0
		if errno == 0 {
			if o.exact && rec.ret != o.want {
				break
			}
			sh.regs[o.save%maxRegs] = rec.ret
			for j = 0; j < 2 && o.out[j].addr != nil; j++ {
				sh.regs[o.out[j].reg%maxRegs] = uintptr(*(*uint32)(o.out[j].addr))
			}
		} else if errno != syscall.Errno(o.allow[0]) && errno != syscall.Errno(o.allow[1]) &&
			errno != syscall.Errno(o.allow[2]) && errno != syscall.Errno(o.allow[3]) {
			break
		}
		i++
	}
	for {
		syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 125, 0, 0)
	}
}

// counter reads the processor's counter, which needs no system call.
//
//go:noescape
func counter() uint64
