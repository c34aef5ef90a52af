//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// A shell is mvdan.cc/sh's interpreter with what a first process needs around
// it: signals, orphans, and a prompt.
type shell struct {
	io          stdio
	runner      *interp.Runner
	children    *children
	interactive bool
	interrupted chan struct{} // SIGINT came while nothing ran

	mu      sync.Mutex
	current *job            // what runs in the foreground
	jobs    map[string]*job // what runs in the background, by its $!
}

// A job is one statement at the top of a script or at the prompt, and the
// processes started for it.
type job struct {
	cancel     context.CancelFunc
	background bool
	replace    syntax.Pos // where an exec stands that may replace the shell itself

	// Guarded by children.mu: whether a process was started, and the signal
	// that it is to get when it is.
	started     bool
	pending     syscall.Signal
	interrupted bool // SIGINT came for it
}

type jobKey struct{}

// jobOf returns the job on whose behalf a handler is called.
func jobOf(ctx context.Context) *job { return ctx.Value(jobKey{}).(*job) }

// newShell makes a shell whose $0 is name. The options are those of set.
func newShell(io stdio, name string, interactive bool, options []string) (*shell, error) {
	s := &shell{
		io:          io,
		children:    &children{live: map[int]*child{}},
		interactive: interactive,
		interrupted: make(chan struct{}, 1),
		jobs:        map[string]*job{},
	}
	dir, err := os.Getwd()
	if err != nil {
		dir = "/" // the working directory is gone, or outside the root
	}
	s.runner, err = interp.New(
		interp.Env(environ{expand.ListEnviron(startEnv()...), name}),
		interp.Dir(dir),
		interp.Interactive(interactive),
		interp.StdIO(io.in, io.out, io.err),
		interp.CallHandler(s.rewrite),
		interp.ExecHandlers(func(interp.ExecHandlerFunc) interp.ExecHandlerFunc { return s.exec }),
		interp.Params(options...),
	)
	return s, err
}

// startEnv is the environment, with a PATH and a HOME if there are none.
func startEnv() []string {
	vars := os.Environ()
	if os.Getenv("PATH") == "" {
		vars = append(vars, "PATH="+defaultPath)
	}
	if os.Getenv("HOME") == "" {
		vars = append(vars, "HOME=/")
	}
	return vars
}

// run runs one statement and returns its exit status, and whether it ended the shell.
func (s *shell) run(node syntax.Node) (code int, exit bool) {
	ctx, cancel := context.WithCancel(context.Background())
	j := &job{cancel: cancel}
	if st, ok := node.(*syntax.Stmt); ok {
		j.background = st.Background
		if call, ok := st.Cmd.(*syntax.CallExpr); ok && !st.Background {
			j.replace = call.Pos()
		}
	}
	ctx = context.WithValue(ctx, jobKey{}, j)
	if j.background {
		// The job goes on when Run has returned, so its context is not cancelled.
		code, exit = s.result(s.runner.Run(ctx, node))
		s.do(ctx, jobCommand+` "$!"`)
		return code, exit
	}
	s.setCurrent(j)
	err := s.runner.Run(ctx, node)
	s.setCurrent(nil)
	if ctx.Err() != nil {
		s.do(context.WithValue(context.Background(), jobKey{}, j), "(exit 130)")
		return 130, !s.interactive
	}
	return s.result(err)
}

// do runs a line of our own making.
func (s *shell) do(ctx context.Context, text string) {
	file, err := syntax.NewParser().Parse(stringReader(text), "")
	if err == nil {
		_ = s.runner.Run(ctx, file.Stmts[0])
	}
}

// result is the exit status that the interpreter's error stands for.
func (s *shell) result(err error) (code int, exit bool) {
	exit = s.runner.Exited()
	var st interp.ExitStatus
	switch {
	case err == nil:
		return 0, exit
	case errors.As(err, &st):
		return int(st), exit
	}
	fmt.Fprintf(s.io.err, "sh: %v\n", err)
	// What the interpreter cannot do ends a script, but not a session.
	return 1, exit && !s.interactive
}

func (s *shell) setCurrent(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = j
}

// finish ends the shell as the exit builtin does, which runs an EXIT trap.
func (s *shell) finish() int {
	file, _ := syntax.NewParser().Parse(stringReader("exit"), "")
	code, _ := s.run(file.Stmts[0])
	return code
}
