//go:build linux

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/interp"
)

// watch handles the signals of the shell until it is stopped: signal(7).
//
// The first process of a PID namespace gets only signals it has a handler
// for, and one sent by kill(2) reaches it alone, none of its children. So an
// interrupt is handed on.
func (s *shell) watch() (stop func()) {
	signals := make(chan os.Signal, 16)
	for _, sig := range []os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT} {
		// What was ignored when the shell was started stays so, as under nohup.
		if !signal.Ignored(sig) {
			signal.Notify(signals, sig)
		}
	}
	if os.Getpid() == 1 {
		signal.Notify(signals, unix.SIGCHLD)
	}
	if s.interactive {
		// There is no job control that could continue a stopped command.
		signal.Ignore(unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU)
	}
	go func() {
		for sig := range signals {
			s.signalled(sig.(syscall.Signal))
		}
	}()
	return func() { signal.Stop(signals) }
}

func (s *shell) signalled(sig syscall.Signal) {
	switch sig {
	case unix.SIGCHLD:
		s.children.reap()
	case unix.SIGINT:
		s.interrupt()
	case unix.SIGQUIT:
		if !s.interactive {
			os.Exit(128 + int(sig))
		}
	default:
		os.Exit(128 + int(sig))
	}
}

// interrupt ends what runs in the foreground, or the line being typed.
func (s *shell) interrupt() {
	s.mu.Lock()
	j := s.current
	s.mu.Unlock()
	if j == nil {
		if !s.interactive {
			os.Exit(130)
		}
		select {
		case s.interrupted <- struct{}{}:
		default: // one is enough
		}
		return
	}
	j.cancel()
	// A terminal's own interrupt has reached the whole foreground process
	// group: a second one would surprise a program that handles it.
	s.children.interrupt(j, foreground())
}

// foreground reports whether one of 0 to 2 is our controlling terminal, and we
// are in its foreground: TIOCGPGRP in ioctl_tty(2).
func foreground() bool {
	for fd := range 3 {
		if pgrp, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err == nil && pgrp == unix.Getpgrp() {
			return true
		}
	}
	return false
}

// patient waits until ready, or for an interrupt: the interpreter's own read
// and wait cannot be interrupted.
func patient(ctx context.Context, ready func() bool) error {
	for first := true; ; first = false {
		if err := ctx.Err(); err != nil {
			return err
		}
		if !first && ready() {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// readable reports whether a read of the command's standard input would not block.
func readable(hc interp.HandlerContext) bool {
	f, ok := hc.Stdin.(*os.File)
	if !ok || f == nil {
		return true
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return true
	}
	n := 1
	err = raw.Control(func(fd uintptr) {
		n, _ = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	})
	return err != nil || n > 0 // not n != 0: a signal makes it -1, and the read would then block for ever
}
