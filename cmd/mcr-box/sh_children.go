//go:build linux

package main

import (
	"os"
	"os/exec"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// children are the processes that the shell has started and waits for.
//
// As PID 1 it is also the parent of every orphan, and must wait(2) for those
// without taking away a status that os/exec waits for. So all children are
// started under the lock and known by number before it is let go, and reap,
// which holds it too, looks at a dead process first (WNOWAIT) and takes it
// only if it is not one of them.
type children struct {
	mu   sync.Mutex
	live map[int]*child
}

// A child is one process and what it was started for.
type child struct {
	process *os.Process
	job     *job
}

// run starts cmd for a job and waits for its end.
func (c *children) run(cmd *exec.Cmd, j *job) error {
	c.mu.Lock()
	err := cmd.Start()
	if err != nil {
		c.mu.Unlock()
		return err
	}
	c.live[cmd.Process.Pid] = &child{cmd.Process, j}
	j.started = true
	if j.pending != 0 {
		_ = cmd.Process.Signal(j.pending)
		j.pending = 0
	}
	if j.interrupted {
		_ = cmd.Process.Signal(unix.SIGINT) // it came while this one was being started
	}
	c.mu.Unlock()

	err = cmd.Wait()
	c.mu.Lock()
	delete(c.live, cmd.Process.Pid)
	c.mu.Unlock()
	if os.Getpid() == 1 {
		c.reap() // an orphan may have stood behind it in the queue of the dead
	}
	return err
}

// signal sends sig to the processes of j and returns how many there were. A
// job in the background may not have got as far as its first: it gets the
// signal then, and counts.
func (c *children) signal(j *job, sig syscall.Signal) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, ch := range c.live {
		if ch.job == j && ch.process.Signal(sig) == nil {
			n++
		}
	}
	if j.background && !j.started {
		j.pending = sig
		n++
	}
	return n
}

// interrupt sends SIGINT to the processes of j, unless the terminal has done so,
// and to those that are being started.
func (c *children) interrupt(j *job, sent bool) {
	c.mu.Lock()
	j.interrupted = true
	c.mu.Unlock()
	if !sent {
		c.signal(j, unix.SIGINT)
	}
}

// busy reports whether a process runs for one of jobs.
func (c *children) busy(jobs map[*job]bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, ch := range c.live {
		if jobs[ch.job] {
			return true
		}
	}
	return false
}

// reap waits for the dead that are nobody's: waitid(2), wait4(2).
func (c *children) reap() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		pid, err := nextDead()
		if err != nil || pid == 0 || c.live[pid] != nil {
			return // run calls again when it has taken its own
		}
		var ws unix.WaitStatus
		if _, err := unix.Wait4(pid, &ws, unix.WNOHANG, nil); err != nil {
			return
		}
	}
}

// nextDead returns the next dead child and leaves it as it is.
func nextDead() (int, error) {
	// siginfo_t of SIGCHLD: three int32, on 64 bits one of padding, then the pid.
	var info [128 / 4]int32
	err := unix.Waitid(unix.P_ALL, 0, (*unix.Siginfo)(unsafe.Pointer(&info)), unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return int(info[4]), err
}
