//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// call runs the tool name and returns its exit status.
func call(name string, args []string, io stdio) int {
	run, ok := tools[name]
	if !ok {
		fmt.Fprintf(io.err, "mcr-box: no such tool: %s; there are: %s\n", name, toolNames())
		return 127
	}
	err := run(io, args)
	var st status
	switch {
	case err == nil:
		return 0
	case errors.As(err, &st):
		return int(st)
	}
	fmt.Fprintf(io.err, "%s: %v\n", name, plain(err))
	return 1
}

// plain is err without the name of the Go function that met it: the tool and
// the file say enough.
func plain(err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return fmt.Errorf("%s: %w", pe.Path, pe.Err)
	}
	return err
}

// errno returns the name of the error number in err, if it has one: the
// lessons speak of EPERM, and so do the tools that ask the kernel for much.
func errno(err error) error {
	if no, ok := errors.AsType[syscall.Errno](err); ok {
		return fmt.Errorf("%s (%w)", errnoName(no), err)
	}
	return err
}

// obeySignals makes a tool that is process 1 end on the signals that end any
// other: Go's own handler raises the signal anew, which the kernel drops there.
func obeySignals() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		if s, ok := (<-c).(syscall.Signal); ok {
			os.Exit(128 + int(s))
		}
	}()
}
