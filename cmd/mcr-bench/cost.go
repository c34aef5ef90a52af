//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A program is something that starts the payload.
type program struct {
	name string
	argv []string
	env  []string
	fds  []*os.File // handed on as 3, 4, ...
	why  string     // why it cannot be measured; "" if it can

	costs []time.Duration
}

// adopt makes us the parent of whatever a program leaves behind, so that its
// processor time is counted too: prctl(2), PR_SET_CHILD_SUBREAPER.
func adopt() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// start runs the program once, to the end of its last descendant, and answers
// the processor time of them all. The exit status must be the payload's, 0.
func (p *program) start() (time.Duration, error) {
	before, err := children()
	if err != nil {
		return 0, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer null.Close() //nolint:errcheck // nothing was written
	files := []uintptr{null.Fd(), null.Fd(), null.Fd()}
	for _, f := range p.fds {
		if _, err := f.Seek(0, 0); err != nil {
			return 0, err
		}
		files = append(files, f.Fd())
	}
	pid, err := syscall.ForkExec(p.argv[0], p.argv, &syscall.ProcAttr{Env: p.env, Files: files})
	if err != nil {
		return 0, err
	}
	status, err := reap(pid)
	if err != nil {
		return 0, err
	}
	if status != 0 {
		return 0, fmt.Errorf("exit status %d", status)
	}
	after, err := children()
	return after - before, err
}

// reap waits for every descendant and answers the exit status of one.
func reap(pid int) (status int, err error) {
	for {
		var ws unix.WaitStatus
		got, err := unix.Wait4(-1, &ws, 0, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.ECHILD):
			return status, nil
		case err != nil:
			return 0, err
		case got == pid && ws.Signaled():
			status = 128 + int(ws.Signal())
		case got == pid:
			status = ws.ExitStatus()
		}
	}
}

// children is the processor time of all descendants that were waited for.
func children() (time.Duration, error) {
	var r unix.Rusage
	err := unix.Getrusage(unix.RUSAGE_CHILDREN, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()), err
}

// quartiles are the first, the second (the median) and the third.
func quartiles[T int64 | float64 | time.Duration](list []T) (q [3]T) {
	if len(list) == 0 {
		return q
	}
	s := slices.Sorted(slices.Values(list))
	for i := range q {
		q[i] = s[(len(s)-1)*(i+1)/4]
	}
	return q
}
