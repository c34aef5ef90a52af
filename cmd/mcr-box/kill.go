//go:build linux

package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// kill sends a signal to processes: kill(2), signal(7).
func kill(io stdio, args []string) error {
	sig, pids, err := killArgs(io, args)
	if err != nil || pids == nil {
		return err
	}
	var failed error
	for _, arg := range pids {
		pid, err := strconv.Atoi(arg)
		if err == nil {
			err = unix.Kill(pid, sig)
		} else {
			err = errors.New("no number of a process")
		}
		if err != nil {
			fmt.Fprintf(io.err, "kill: %s: %v\n", arg, errno(err))
			failed = status(1)
		}
	}
	return failed
}

// killArgs takes the signal off the arguments of kill. It returns no
// processes if it has done all there is to do, for -l.
func killArgs(io stdio, args []string) (unix.Signal, []string, error) {
	sig := unix.SIGTERM
	if len(args) > 0 && args[0] == "-l" {
		return 0, nil, listSignals(io, args[1:])
	}
	if len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' && args[0] != "--" {
		name := args[0][1:]
		args = args[1:]
		if name == "s" && len(args) > 0 {
			name = args[0]
			args = args[1:]
		}
		var err error
		if sig, err = signalNamed(name); err != nil {
			return 0, nil, err
		}
	}
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	if len(args) == 0 {
		return 0, nil, errors.New("usage: kill [-SIGNAL] PID...; kill -l lists the signals")
	}
	return sig, args, nil
}

// signalNamed understands 9, KILL and SIGKILL.
func signalNamed(name string) (unix.Signal, error) {
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n <= 64 {
		return unix.Signal(n), nil
	}
	sig := unix.SignalNum("SIG" + strings.TrimPrefix(strings.ToUpper(name), "SIG"))
	if sig == 0 {
		return 0, fmt.Errorf("no such signal: %s; kill -l lists them", name)
	}
	return sig, nil
}

// listSignals prints all names, or those of the given numbers or exit statuses.
func listSignals(io stdio, numbers []string) error {
	if len(numbers) == 0 {
		for n := unix.Signal(1); n < 32; n++ {
			fmt.Fprintf(io.out, "%2d %s\n", int(n), unix.SignalName(n))
		}
		return nil
	}
	for _, arg := range numbers {
		n, err := strconv.Atoi(arg)
		if sig, e := signalNamed(arg); err != nil && e == nil {
			fmt.Fprintln(io.out, int(sig))
			continue
		}
		name := unix.SignalName(unix.Signal(n & 0x7f))
		if err != nil || name == "" {
			return fmt.Errorf("no such signal: %s", arg)
		}
		fmt.Fprintln(io.out, strings.TrimPrefix(name, "SIG"))
	}
	return nil
}
