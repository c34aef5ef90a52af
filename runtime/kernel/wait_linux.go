package kernel

import (
	"errors"
	"slices"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// childError is the refusal that ended the container's first process before
// it became the payload; nil if it is the payload now, or still on its way.
func (c *Container) childError() error {
	if c.Pid == 0 {
		return nil
	}
	if c.inside.n == 0 {
		return c.diedIn(0)
	}
	r := c.record(int(c.inside.n) - 1)
	last := c.event(plan.InsideList, c.inside, r)
	a := &c.plan.Inside[last.Index]
	if r.done == 0 {
		if a.Call.Sys == sys.Execve {
			return nil // it never came back from execve(2): it is the payload
		}
		return c.diedIn(last.Index)
	}
	if err := judge(plan.InsideList, last.Index, a, last); err != nil {
		return err
	}
	if last.Index == len(c.plan.Inside)-1 && a.Call.Sys != sys.Execve {
		return &Error{List: plan.InsideList, Index: last.Index, Action: a, Ended: true}
	}
	return c.diedIn(last.Index)
}

// Failure is why the payload never ran, if it did not: what a plan without its
// last steps would otherwise hide. It is asked after Wait.
func (c *Container) Failure() error { return c.childError() }

// diedIn is the error of a child that was killed between two records; nil if
// it is alive.
func (c *Container) diedIn(i int) error {
	ws, err := waitid(c.Pidfd)
	if err != nil || !ws.Signaled() {
		return nil //nolint:nilerr // it has not ended: there is nothing to report
	}
	return &Error{List: plan.InsideList, Index: i, Action: &c.plan.Inside[i], Signal: int(ws.Signal())}
}

// waitid asks how a child has ended and leaves it to be waited for; 0: it has not.
func waitid(pidfd int) (unix.WaitStatus, error) {
	var info struct {
		signo, errno, code int32
		_                  int32
		pid, uid, status   int32
		_                  [100]byte
	}
	si := (*unix.Siginfo)(ptr(&info))
	if err := unix.Waitid(unix.P_PIDFD, pidfd, si, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); err != nil || info.pid == 0 {
		return 0, err
	}
	const cldExited = 1
	if info.code == cldExited {
		return unix.WaitStatus(info.status << 8), nil
	}
	return unix.WaitStatus(info.status), nil
}

// Wait waits for the container's end and for the watcher's, and answers how
// its first process ended. Nothing of the container is left after it.
func (c *Container) Wait() (unix.WaitStatus, error) {
	if c.waited || c.Pid == 0 {
		return c.status, nil
	}
	ws, err := wait(c.Pid)
	c.status, c.waited = ws, true
	c.dismiss()
	return ws, err
}

// Kill sends a signal to the container's first process.
func (c *Container) Kill(sig unix.Signal) error {
	if c.Pidfd < 0 {
		return unix.ESRCH
	}
	return unix.PidfdSendSignal(c.Pidfd, sig, nil, 0)
}

// abandon takes down what was made before a call failed.
func (c *Container) abandon() {
	if c.Pid != 0 {
		_ = c.Kill(unix.SIGKILL) // it may be gone already: that is what is wanted
		_, _ = c.Wait()
	}
	c.dismiss()
	for _, u := range slices.Backward(c.undo) {
		_, _ = c.do(u)
	}
	c.closeAll()
}

// closeAll closes what the host list opened and did not close. A descriptor
// that it closed itself may have been given to somebody else by now.
func (c *Container) closeAll() {
	closed := map[plan.Reg]bool{}
	for i := range c.host {
		call := &c.plan.Host[i].Call
		if call.Sys == sys.Close && c.host[i].Errno == 0 {
			if fd, ok := call.Args[0].(plan.FD); ok {
				closed[plan.Reg(fd)] = true
			}
		}
	}
	for r := range c.plan.Regs {
		if fd := int(c.regs[r]); fd > 2 && !closed[plan.Reg(r)] && c.plan.Opened(plan.Reg(r)) {
			_ = unix.Close(fd)
		}
	}
}

// dismiss ends the watcher, which has nothing left to watch.
func (c *Container) dismiss() {
	if c.watcher == 0 {
		return
	}
	_ = unix.PidfdSendSignal(c.watch, unix.SIGKILL, nil, 0)
	_, _ = wait(c.watcher)
	c.watcher = 0
}

func wait(pid int) (ws unix.WaitStatus, err error) {
	for {
		if _, err = unix.Wait4(pid, &ws, 0, nil); !errors.Is(err, unix.EINTR) {
			return ws, err
		}
	}
}

// Run is the trace: what the kernel answered to every call so far, list by
// list, and the registers that the calls filled.
func (c *Container) Run() plan.Run {
	r := plan.Run{Pids: map[plan.List]int{plan.InsideList: c.Pid, plan.AfterList: c.watcher}, Regs: map[plan.List][]uint64{}}
	r.Events = append(r.Events, c.host...)
	r.Regs[plan.HostList] = words(c.regs)
	for list, sh := range map[plan.List]*shared{plan.InsideList: c.inside, plan.AfterList: c.after} {
		if sh == nil || sh.n == 0 {
			continue
		}
		r.Events = append(r.Events, c.events(list, sh)...)
		r.Regs[list] = words(sh.regs)
	}
	r.Events.Sort()
	return r
}

func words(regs [maxRegs]uintptr) []uint64 {
	w := make([]uint64, len(regs))
	for i, v := range regs {
		w[i] = uint64(v)
	}
	return w
}
