//go:build linux

// Mcr-box is the userland of mcr's default root: a shell and a few dozen tools
// in one static program, which runs the tool it is called as.
//
//	/bin/ls -l        where /bin/ls is a link to mcr-box
//	mcr-box ls -l     the same
//	mcr-box --list    the tools, one a line
//
// The shell is mvdan.cc/sh and several tools are u-root's; the others are
// written here, in the form the lessons need: short, from /proc, no library C.
// Nothing has to be there for it: no /etc/passwd, no terminal, no HOME, no /proc
// (but for the tools that read it).
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// A stdio is where a tool reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// A status is an exit status whose message, if any, has been printed.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

func main() {
	args := os.Args
	if len(args) == 0 {
		args = []string{"mcr-box"}
	}
	// A login shell is called as "-sh".
	name := strings.TrimPrefix(filepath.Base(args[0]), "-")
	if name == "mcr-box" {
		if len(args) < 2 {
			fmt.Printf("usage: mcr-box TOOL [ARG...]; the tools are: %s\n", toolNames())
			return
		}
		args = args[1:]
		name = args[0]
		if name == "--list" {
			fmt.Println(strings.ReplaceAll(toolNames(), " ", "\n"))
			return
		}
	}
	if os.Getpid() == 1 && name != "sh" {
		obeySignals()
	}
	os.Exit(call(name, args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

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
