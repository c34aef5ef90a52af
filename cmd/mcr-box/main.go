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
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
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
