//go:build linux

package main

import (
	"context"
	"fmt"

	"mvdan.cc/sh/v3/interp"
)

const helpText = `This is mcr's default root: one program, mcr-box, under many names.

tools:    %s
builtins: . : [ alias break cd command continue echo eval exec exit export
          getopts help kill local printf pwd read readonly return set shift
          source test trap type umask unalias unset wait

The shell is mvdan.cc/sh and understands POSIX and most of bash. It lacks
  jobs, fg, bg and Ctrl-Z: there is no job control; $! is a number for wait
    and kill only, and of a job started at the top level, not in a function;
  traps of signals: trap knows EXIT and ERR;
  line editing, history and completion; ulimit; PS1;
  subshells as processes: $$ and umask are the shell's own in ( ) too.
exec in a function, a list or a subshell runs its command as a child.
The root is read-only or its changes are thrown away, as mcr was told;
mcr run --rootfs DIR gives you a whole distribution instead.
`

// help says what there is, and what there is not.
func help(io stdio, _ []string) error {
	_, err := fmt.Fprintf(io.out, helpText, wrapped(toolNames()))
	return err
}

// wrapped breaks a list of words for the column of helpText.
func wrapped(words string) string {
	const width, indent = 66, "\n          "
	out, used := []byte{}, 0
	for i := range len(words) {
		if words[i] == ' ' && used > width-10 {
			out, used = append(out, indent...), 0
			continue
		}
		out, used = append(out, words[i]), used+1
	}
	return string(out)
}

func (s *shell) help(_ context.Context, hc interp.HandlerContext, args []string) error {
	return help(stdio{hc.Stdin, hc.Stdout, hc.Stderr}, args)
}
