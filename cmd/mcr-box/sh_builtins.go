//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/interp"
)

// ownPrefix marks a call of one of our builtins on its way through the
// interpreter, which knows the names and would refuse them.
const ownPrefix = "mcr-box:"

// jobCommand tells the shell the $! of the job that it is called for.
const jobCommand = ownPrefix + "job"

// A builtin is a command that has to be done in the shell's own process.
type builtin func(s *shell, ctx context.Context, hc interp.HandlerContext, args []string) error

var builtins map[string]builtin

func init() {
	builtins = map[string]builtin{
		"help":  (*shell).help,
		"job":   (*shell).noteJob,
		"kill":  (*shell).kill,
		"umask": (*shell).umask,
	}
}

// rewrite sees every call before the interpreter does.
func (s *shell) rewrite(ctx context.Context, args []string) ([]string, error) {
	hc := interp.HandlerCtx(ctx)
	if len(args) > 1 && (args[0] == "command" || args[0] == "builtin") && builtins[args[1]] != nil {
		args = args[1:]
	}
	switch {
	case builtins[args[0]] != nil && args[0] != "job":
		return append([]string{ownPrefix + args[0]}, args[1:]...), nil
	case args[0] == "read":
		return args, patient(ctx, func() bool { return readable(hc) })
	case args[0] == "wait":
		jobs := s.background(args[1:])
		return args, patient(ctx, func() bool { return !s.children.busy(jobs) })
	case args[0] == "exec" && len(args) > 1 && hc.Pos == jobOf(ctx).replace:
		// If it fails, the interpreter's exec says why.
		_ = s.become(hc, args[1:])
	}
	return args, nil
}

// background returns the jobs that wait is to wait for.
func (s *shell) background(names []string) map[*job]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	jobs := map[*job]bool{}
	for name, j := range s.jobs {
		if len(names) == 0 || slices.Contains(names, name) {
			jobs[j] = true
		}
	}
	return jobs
}

func (s *shell) noteJob(ctx context.Context, _ interp.HandlerContext, args []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs[args[0]] = jobOf(ctx)
	return nil
}

// kill is the tool, and it understands $! too: the interpreter's jobs are
// goroutines, whose numbers (g1, g2) are no processes.
func (s *shell) kill(_ context.Context, hc interp.HandlerContext, args []string) error {
	std := stdio{hc.Stdin, hc.Stdout, hc.Stderr}
	sig, pids, err := killArgs(std, args)
	if err != nil {
		return toolStatus(std, "kill", err)
	}
	if pids == nil {
		return nil
	}
	code := 0
	for _, pid := range pids {
		s.mu.Lock()
		j := s.jobs[pid]
		s.mu.Unlock()
		switch {
		case j != nil && s.children.signal(j, sig) > 0:
		case isJob(pid):
			fmt.Fprintf(hc.Stderr, "kill: %s: nothing runs for this job\n", pid)
			code = 1
		default:
			code = max(code, call("kill", []string{"-" + strconv.Itoa(int(sig)), "--", pid}, std))
		}
	}
	return exitStatus(code)
}

func isJob(text string) bool {
	number, ok := strings.CutPrefix(text, "g")
	_, err := strconv.Atoi(number)
	return ok && err == nil
}

// umask shows or sets the file mode creation mask: umask(2).
func (s *shell) umask(_ context.Context, hc interp.HandlerContext, args []string) error {
	if len(args) == 0 {
		old := unix.Umask(0)
		unix.Umask(old)
		fmt.Fprintf(hc.Stdout, "%04o\n", old)
		return nil
	}
	mask, err := strconv.ParseUint(args[0], 8, 9)
	if err != nil || len(args) > 1 {
		fmt.Fprintln(hc.Stderr, "umask: usage: umask [OCTAL]")
		return interp.ExitStatus(2)
	}
	unix.Umask(int(mask))
	return nil
}

func toolStatus(std stdio, name string, err error) error {
	if st, ok := err.(status); ok { //nolint:errorlint // never wrapped
		return exitStatus(int(st))
	}
	fmt.Fprintf(std.err, "%s: %v\n", name, err)
	return interp.ExitStatus(1)
}

func exitStatus(code int) error {
	if code == 0 {
		return nil
	}
	return interp.ExitStatus(code)
}
