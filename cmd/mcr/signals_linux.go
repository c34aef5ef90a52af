package main

import (
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/kernel"
	"example.org/mcr/runtime/signals"
)

// A forwarder passes the signals that mcr gets on to the payload.
type forwarder struct {
	signals int  // where they are read, one byte each
	watched bool // the watcher stands
	ended   int  // the signal we ended the payload for; 0: none
}

// catch begins to collect signals, before the container is born: none is lost.
// One that comes before the payload is there to be told ends mcr, and what was
// made so far ends with it: the child waits for a word from us, and reads the
// end of the socket instead.
func catch() (*forwarder, error) {
	ending := []unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM}
	fd, err := signals.Catch(ending, []unix.Signal{unix.SIGTSTP, unix.SIGWINCH})
	return &forwarder{signals: fd}, err
}

// until waits for the container's end and answers mcr's exit status. One
// thread does both, waiting and forwarding.
func (f *forwarder) until(c *kernel.Container) int {
	fds := []unix.PollFd{{Fd: int32(c.Pidfd), Events: unix.POLLIN}, {Fd: int32(f.signals), Events: unix.POLLIN}}
	for fds[0].Revents == 0 {
		if _, err := unix.Ppoll(fds, nil, nil); err != nil && !errors.Is(err, unix.EINTR) {
			say(err.Error())
			break
		}
		f.collected(c)
	}
	ws, err := c.Wait()
	if err != nil {
		say(err.Error())
	}
	return f.status(ws)
}

// interrupted is called when a signal comes during the start. Before the
// watcher stands nobody would end a child that we stopped, if we were killed
// then: what has come waits.
func (f *forwarder) interrupted(c *kernel.Container) {
	if f.watched {
		f.collected(c)
	}
}

// collected passes on the signals that have come.
func (f *forwarder) collected(c *kernel.Container) {
	var b [64]byte
	n, _ := unix.Read(f.signals, b[:]) // nothing to read: none has come
	for _, s := range b[:max(n, 0)] {
		f.pass(c, unix.Signal(s))
	}
}

func (f *forwarder) status(ws unix.WaitStatus) int {
	switch {
	case ws.Signaled() && f.ended != 0:
		return 128 + f.ended
	case ws.Signaled():
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}

// pass hands a signal on. The kernel drops one that the first process of a PID
// namespace has no handler for, so a signal that should end it is made to.
func (f *forwarder) pass(c *kernel.Container, s unix.Signal) {
	switch s {
	case unix.SIGTSTP:
		f.stop(c)
	case unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM:
		if !wanted(c.Pid, s) {
			f.ended = int(s)
			s = unix.SIGKILL
		}
		_ = c.Kill(s) // it may be gone: then there is nobody to tell
	default:
		_ = c.Kill(s) // likewise
	}
}

// wanted reports whether a process has a handler for a signal, or wishes to
// ignore it.
func wanted(pid int, s unix.Signal) bool {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return true
	}
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(line, ":")
		if key != "SigCgt" && key != "SigIgn" && key != "NSpid" {
			continue
		}
		if key == "NSpid" && len(strings.Fields(value)) == 1 {
			return true // not the first of a PID namespace: the kernel delivers
		}
		if set, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64); key != "NSpid" && err == nil && set&(1<<(s-1)) != 0 {
			return true
		}
	}
	return false
}

// stop stops every process of the container, then mcr itself, as a shell
// expects of a job; when it is continued, so are they.
func (f *forwarder) stop(c *kernel.Container) {
	var stopped []int
	for range 100 { // they may fork meanwhile: until nobody new is found
		before := len(stopped)
		for _, pid := range family(c.Pid) {
			if !slices.Contains(stopped, pid) {
				stopped = append(stopped, pid)
				_ = unix.Kill(pid, unix.SIGSTOP) // gone in the meantime: as good
			}
		}
		if len(stopped) == before {
			break
		}
		time.Sleep(time.Millisecond)
	}
	_ = unix.Kill(os.Getpid(), unix.SIGSTOP) // cannot fail: it is ourselves
	for _, pid := range stopped {
		_ = unix.Kill(pid, unix.SIGCONT)
	}
}

// family is a process and all that descend from it. In a PID namespace an
// orphan becomes a child of the first process, so that nobody is missed.
func family(pid int) []int {
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		dir := "/proc/" + strconv.Itoa(all[i]) + "/task"
		tasks, err := os.ReadDir(dir)
		if err != nil {
			continue // gone in the meantime
		}
		for _, t := range tasks {
			b, err := os.ReadFile(dir + "/" + t.Name() + "/children")
			if err != nil {
				continue // likewise
			}
			for f := range strings.FieldsSeq(string(b)) {
				if n, err := strconv.Atoi(f); err == nil {
					all = append(all, n)
				}
			}
		}
	}
	return all
}
