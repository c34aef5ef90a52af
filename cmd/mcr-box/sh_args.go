//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// An invocation is what the arguments of sh ask for.
type invocation struct {
	name        string   // $0
	params      []string // $1 ...
	options     []string // of set: -e, -x, -o pipefail
	command     string   // after -c
	isCommand   bool
	file        string
	interactive bool
}

// sh is the shell: sh [-eux] [-c COMMAND [NAME [ARG...]] | FILE [ARG...]].
func sh(std stdio, args []string) error {
	inv, err := parseArgs(args)
	if err != nil {
		fmt.Fprintln(std.err, "sh:", err)
		return status(2)
	}
	input, isFile := std.in.(*os.File)
	if !inv.isCommand && inv.file == "" && isFile && isTerminal(input) {
		inv.interactive = true
	}
	s, err := newShell(std, inv.name, inv.interactive, append(append(inv.options, "--"), inv.params...))
	if err != nil {
		fmt.Fprintln(std.err, "sh:", err)
		return status(2)
	}
	stop := s.watch()
	defer stop()
	switch {
	case inv.isCommand:
		return status(s.script(stringReader(inv.command), inv.name))
	case inv.file != "":
		f, err := os.Open(inv.file)
		if err != nil {
			fmt.Fprintf(std.err, "sh: %v\n", plain(err))
			return status(127)
		}
		defer f.Close()
		return status(s.script(f, inv.file))
	case inv.interactive:
		return status(s.session())
	}
	return status(s.stream())
}

// parseArgs reads the arguments as sh(1p) has them.
func parseArgs(args []string) (invocation, error) {
	inv := invocation{name: "sh"}
	stdin := false
	for len(args) > 0 && len(args[0]) > 1 && (args[0][0] == '-' || args[0][0] == '+') {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		for _, c := range arg[1:] {
			switch c {
			case 'c':
				inv.isCommand = true
			case 'i':
				inv.interactive = true
			case 's':
				stdin = true
			case 'l': // a login shell: there is no profile to read
			case 'o':
				if len(args) == 0 {
					return inv, fmt.Errorf("%s needs the name of an option", arg)
				}
				inv.options = append(inv.options, arg[:1]+"o", args[0])
				args = args[1:]
			default:
				if !strings.ContainsRune("aefnux", c) {
					return inv, fmt.Errorf("no such option: %s", arg)
				}
				inv.options = append(inv.options, arg[:1]+string(c))
			}
		}
	}
	if inv.isCommand {
		if len(args) == 0 {
			return inv, fmt.Errorf("-c needs a command")
		}
		inv.interactive = false
		inv.command, args = args[0], args[1:]
		if len(args) > 0 {
			inv.name, args = args[0], args[1:]
		}
	} else if !stdin && len(args) > 0 {
		inv.file, args = args[0], args[1:]
		inv.name, inv.interactive = inv.file, false
	}
	inv.params = args
	return inv, nil
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

func stringReader(text string) io.Reader { return strings.NewReader(text) }

// zero stands for $0, which the interpreter keeps for whole files only.
const zero = "mcr_box_0"

// nameZero makes every $0 in node the variable zero.
func nameZero(node syntax.Node) {
	syntax.Walk(node, func(n syntax.Node) bool {
		if p, ok := n.(*syntax.ParamExp); ok && p.Param != nil && p.Param.Value == "0" {
			p.Param.Value = zero
		}
		return true
	})
}

// An environ is the environment and, for the shell alone, zero.
type environ struct {
	expand.Environ
	name string
}

// Get implements expand.Environ.
func (e environ) Get(name string) expand.Variable {
	if name == zero {
		return expand.Variable{Set: true, Kind: expand.String, Str: e.name}
	}
	return e.Environ.Get(name)
}
