//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// env prints the environment, or changes it and becomes a command:
// env [-i] [-u NAME] [NAME=VALUE...] [COMMAND [ARG...]].
func env(io stdio, args []string) error {
	vars := os.Environ()
options:
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch {
		case args[0] == "-i" || args[0] == "-":
			vars = nil
		case args[0] == "-u" && len(args) > 1:
			vars = setVar(vars, args[1], "")
			args = args[1:]
		case args[0] == "--":
			args = args[1:]
			break options
		default:
			return errors.New("usage: env [-i] [-u NAME] [NAME=VALUE...] [COMMAND [ARG...]]")
		}
		args = args[1:]
	}
	for len(args) > 0 {
		name, _, ok := strings.Cut(args[0], "=")
		if !ok {
			break
		}
		vars = setVar(vars, name, args[0])
		args = args[1:]
	}
	if len(args) == 0 {
		w := bufio.NewWriter(io.out)
		for _, v := range vars {
			fmt.Fprintln(w, v)
		}
		return w.Flush()
	}
	path, code, err := lookPath("", pathOf(vars), args[0])
	if err == nil {
		err = syscall.Exec(path, args, vars)
		code = 126
	}
	fmt.Fprintf(io.err, "env: %s: %v\n", args[0], err)
	return status(code)
}

// setVar replaces name in vars by the whole text NAME=VALUE, or drops it.
func setVar(vars []string, name, text string) []string {
	kept := make([]string, 0, len(vars)+1)
	for _, v := range vars {
		if !strings.HasPrefix(v, name+"=") {
			kept = append(kept, v)
		}
	}
	if text != "" {
		kept = append(kept, text)
	}
	return kept
}
