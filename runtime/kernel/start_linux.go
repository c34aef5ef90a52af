// Package kernel hands plans to the kernel. It knows no mount from a hostname:
// it makes the calls of three lists, in the order the plan gives them, and
// stops at the first that is refused.
package kernel

import (
	"fmt"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// A Container is a container that was started, or the part of one that was
// made before a call failed.
type Container struct {
	Pid   int // of its first process, as the caller sees it; 0: none was born
	Pidfd int // of the same, pidfd_open(2)

	plan    *plan.Plan
	watcher int // pid; 0: none
	watch   int // pidfd of the watcher
	host    plan.Events
	inside  *shared
	after   *shared
	clock   clock
	regs    [maxRegs]uintptr // the parent's registers
	undo    []*op
	err     error
	waited  bool
	hooks   Hooks
	status  unix.WaitStatus
}

// Hooks are called in the middle of a start. Each may be nil.
type Hooks struct {
	// Watched is called when the watcher stands and the payload is as good as on
	// its way: what is printed now comes before anything of the payload's.
	Watched func(pid int)
	// Interrupted is called when a signal has come while the parent waited.
	Interrupted func(c *Container)
}

// Start does the plan's host list, and with it everything else. On an error
// nothing of the container is left, and the payload has not run; the Container
// still has the trace.
//
// The caller's goroutine must stay on the thread it is on until the container
// has ended (runtime.LockOSThread): PR_SET_PDEATHSIG speaks of that thread.
func Start(p *plan.Plan, h Hooks) (*Container, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := &Container{plan: p, hooks: h, Pidfd: -1, watch: -1, host: make(plan.Events, 0, len(p.Host))}
	host := make([]plan.Action, len(p.Host))
	for i := range p.Host {
		host[i] = p.Host[i].Action
		host[i].Call = p.HostCall(i)
		if p.Host[i].Forks != plan.NoList {
			host[i].Save = 0 // the register is the pidfd's, which the call puts into memory
		}
	}
	ops, mem, err := lower(p.Facts.Native(), host, p.Inside, p.After)
	if err != nil {
		return c, err
	}
	if c.inside, c.after, err = newShared(p); err != nil {
		return c, err
	}
	c.clock.begin(p.Facts.Clock)
	c.err = c.hostList(ops)
	c.clock.end()
	_ = unix.Munmap(mem) // the children have copies of their own
	if c.err != nil {
		c.abandon()
	}
	return c, c.err
}

// hostList does what the parent does, and gives birth to the others.
func (c *Container) hostList(ops [][]op) error {
	for i := range c.plan.Host {
		step, o := &c.plan.Host[i], &ops[0][i]
		ev := plan.Event{List: plan.HostList, Index: i, Start: c.clock.now()}
		var errno syscall.Errno
		switch {
		case o.deny:
			ev.Ret, errno = uint64(o.denyRet), o.denyErrno
		case step.Helper != nil:
			ev.Ret, errno = c.help(step.Helper)
		case step.Forks == plan.InsideList:
			ev.Ret, errno = c.birth(o, ops[1], c.inside)
			c.Pid = int(ev.Ret)
		case step.Forks == plan.AfterList:
			ev.Ret, errno = c.birth(o, ops[2], c.after)
			c.watcher = int(ev.Ret)
			if c.hooks.Watched != nil && errno == 0 {
				c.hooks.Watched(c.Pid)
			}
		default:
			ev.Ret, errno = c.do(o)
		}
		ev.Nanos = c.clock.now() - ev.Start
		ev.Errno = sys.Errno(errno)
		c.host = append(c.host, ev)
		if e := judge(plan.HostList, i, &step.Action, ev); e != nil {
			// The child's refusal is the cause, where there is one: we only saw it go away.
			if child := c.childError(); child != nil {
				return child
			}
			return e
		}
		if step.Undo != nil {
			u, _, err := lower(c.plan.Facts.Native(), []plan.Action{{Call: *step.Undo}})
			if err != nil {
				return err
			}
			c.undo = append(c.undo, &u[0][0])
		}
	}
	return c.childError()
}

func judge(l plan.List, i int, a *plan.Action, ev plan.Event) error {
	ok := ev.Errno == 0 && (!a.Want.Exact || ev.Ret == a.Want.Value)
	for _, e := range a.Allow {
		ok = ok || ev.Errno == e
	}
	if ok {
		return nil
	}
	return &Error{List: l, Index: i, Action: a, Ret: ev.Ret, Errno: ev.Errno, Denied: a.Deny != plan.Denial{}}
}

// birth clones a process that does ops. It begins with the registers as they are now.
func (c *Container) birth(o *op, ops []op, sh *shared) (uint64, syscall.Errno) {
	syscall.ForkLock.Lock() // nobody else's descriptors may be half open meanwhile
	sh.regs = c.regs
	pid, errno := fork(o, ops, sh)
	syscall.ForkLock.Unlock()
	if errno == 0 {
		c.load(o, pid)
		fd := int(c.regs[o.out[0].reg])
		if sh == c.inside {
			c.Pidfd = fd
		} else {
			c.watch = fd
		}
	}
	return uint64(pid), errno
}

// do makes one call of the host list.
func (c *Container) do(o *op) (uint64, syscall.Errno) {
	a := o.a
	for i := range a {
		if o.regs&(1<<i) != 0 {
			a[i] = c.regs[a[i]]
		}
	}
	for _, p := range o.in {
		if p.addr != nil {
			*(*uint32)(p.addr) = uint32(c.regs[p.reg])
		}
	}
	for {
		r, _, errno := syscall.Syscall6(o.nr, a[0], a[1], a[2], a[3], a[4], a[5])
		if errno == syscall.EINTR {
			if c.hooks.Interrupted != nil {
				c.hooks.Interrupted(c)
			}
			continue
		}
		if errno == 0 {
			c.load(o, r)
		}
		return uint64(r), errno
	}
}

// load puts the results of a call where the plan wants them.
func (c *Container) load(o *op, ret uintptr) {
	c.regs[o.save] = ret
	for _, p := range o.out {
		if p.addr != nil {
			c.regs[p.reg] = uintptr(*(*uint32)(p.addr))
		}
	}
}

// help runs a program of the host and answers its exit status.
func (c *Container) help(h *plan.Helper) (uint64, syscall.Errno) {
	argv := append([]string(nil), h.Argv...)
	for i := range argv {
		if argv[i] == "{pid}" {
			argv[i] = strconv.Itoa(c.Pid)
		}
	}
	pid, err := syscall.ForkExec(argv[0], argv, &syscall.ProcAttr{Files: []uintptr{0, 1, 2}, Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}})
	if err != nil {
		errno, _ := err.(syscall.Errno) //nolint:errorlint // ForkExec documents no wrapping
		return 0, errno
	}
	ws, err := wait(pid)
	if err != nil || ws.ExitStatus() != h.Status {
		return uint64(ws.ExitStatus()), syscall.EPERM
	}
	return uint64(h.Status), 0
}

func itoa(n int) string { return strconv.Itoa(n) }

// newShared maps the memory that the two children write to, one behind the other.
func newShared(p *plan.Plan) (inside, after *shared, err error) {
	first := sharedSize(p.Inside)
	mem, err := unix.Mmap(-1, 0, first+sharedSize(p.After), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, nil, fmt.Errorf("mmap the memory that parent and child share: %w", err)
	}
	inside, after = (*shared)(unsafe.Pointer(&mem[0])), (*shared)(unsafe.Pointer(&mem[first]))
	if p.Facts.Clock {
		inside.clock, after.clock = 1, 1
	}
	return inside, after, nil
}

func sharedSize(list []plan.Action) int {
	n := len(list)
	for i := range list {
		n += int(list[i].Again)
	}
	return int(unsafe.Sizeof(shared{})) + n*int(unsafe.Sizeof(record{}))
}

// A clock turns readings of the processor's counter into nanoseconds since
// the start, by two readings of both.
type clock struct {
	on     bool
	t0     time.Time
	c0     uint64
	perNan float64
}

func (k *clock) begin(on bool) {
	k.on, k.t0 = on, time.Now()
	if on {
		k.c0 = counter()
	}
}

func (k *clock) end() {
	if d := time.Since(k.t0); k.on && d > 0 {
		k.perNan = float64(counter()-k.c0) / float64(d)
	}
}

func (k *clock) now() int64 { return int64(time.Since(k.t0)) }

func (k *clock) at(c uint64) int64 {
	if k.perNan == 0 {
		return -1
	}
	return int64(float64(c-k.c0) / k.perNan)
}
