//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/interp"
)

const defaultPath = "/bin:/usr/bin:/sbin:/usr/sbin"

// exec runs a command that is neither a function nor a builtin of the interpreter.
func (s *shell) exec(ctx context.Context, args []string) error {
	hc := interp.HandlerCtx(ctx)
	if own, ok := builtins[strings.TrimPrefix(args[0], ownPrefix)]; ok && strings.HasPrefix(args[0], ownPrefix) {
		return own(s, ctx, hc, args[1:])
	}
	j := jobOf(ctx)
	path, argv, code, err := s.find(hc, args)
	if err == nil {
		cmd := command(hc, path, argv)
		if j.background {
			// Out of the reach of the terminal's interrupt.
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		}
		err = s.children.run(cmd, j)
		if errors.Is(err, unix.ENOEXEC) {
			// A script without a #! line.
			cmd = command(hc, self(), append([]string{"sh", path}, args[1:]...))
			err = s.children.run(cmd, j)
		}
		code = 126
	}
	var exited *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exited):
		ws := exited.Sys().(syscall.WaitStatus)
		if ws.Signaled() {
			return interp.ExitStatus(128 + int(ws.Signal()))
		}
		return interp.ExitStatus(ws.ExitStatus())
	}
	fmt.Fprintf(hc.Stderr, "sh: %s: %v\n", args[0], reason(err))
	return interp.ExitStatus(code)
}

// reason is the error number alone, if there is one.
func reason(err error) error {
	if no, ok := errors.AsType[syscall.Errno](err); ok {
		return no
	}
	return err
}

func command(hc interp.HandlerContext, path string, argv []string) *exec.Cmd {
	return &exec.Cmd{
		Path: path, Args: argv, Env: exported(hc.Env), Dir: hc.Dir,
		Stdin: hc.Stdin, Stdout: hc.Stdout, Stderr: hc.Stderr,
	}
}

// find looks a command up; a tool is found even where PATH does not lead to it.
func (s *shell) find(hc interp.HandlerContext, args []string) (path string, argv []string, code int, err error) {
	path, code, err = lookPath(hc.Dir, hc.Env.Get("PATH").String(), args[0])
	if err != nil && code == 127 && tools[args[0]] != nil {
		return self(), args, 0, nil
	}
	return path, args, code, err
}

// self is this program.
func self() string {
	if _, err := os.Stat("/proc/self/exe"); err == nil {
		return "/proc/self/exe"
	}
	return "/bin/mcr-box"
}

// lookPath finds the file of a command as execvp(3) does. On an error, code is
// 127 for none and 126 for one that cannot be executed.
func lookPath(dir, path, name string) (file string, code int, err error) {
	if strings.Contains(name, "/") {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return executable(name)
	}
	err, code = errors.New("not found"), 127
	for _, d := range filepath.SplitList(path) {
		if !filepath.IsAbs(d) {
			d = filepath.Join(dir, d)
		}
		// One that may not be executed is passed over, but remembered.
		file, c, e := executable(filepath.Join(d, name))
		if e == nil {
			return file, 0, nil
		}
		if errors.Is(e, unix.EACCES) {
			err, code = e, c
		}
	}
	return "", code, err
}

// executable asks whether file is one that execve(2) would take.
func executable(file string) (string, int, error) {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, unix.EACCES):
		return "", 126, unix.EACCES
	case err != nil:
		return "", 127, errors.New("not found")
	case info.IsDir():
		return "", 126, unix.EISDIR
	}
	if err := unix.Faccessat(unix.AT_FDCWD, file, unix.X_OK, unix.AT_EACCESS); err != nil {
		return "", 126, unix.EACCES
	}
	return file, 0, nil
}

// pathOf returns the PATH in a list of NAME=VALUE.
func pathOf(vars []string) string {
	return expand.ListEnviron(vars...).Get("PATH").String()
}

// exported is the environment of a command.
func exported(env expand.Environ) []string {
	seen := map[string]string{}
	var order []string
	env.Each(func(name string, v expand.Variable) bool {
		if _, ok := seen[name]; !ok {
			order = append(order, name)
		}
		delete(seen, name)
		if v.IsSet() && v.Exported && v.Kind == expand.String {
			seen[name] = v.String()
		} else {
			seen[name] = "\x00"
		}
		return true
	})
	list := make([]string, 0, len(order))
	for _, name := range order {
		if seen[name] != "\x00" {
			list = append(list, name+"="+seen[name])
		}
	}
	return list
}

// become replaces the shell by a command, as exec promises: execve(2). It
// returns only if that cannot be done.
func (s *shell) become(hc interp.HandlerContext, args []string) error {
	path, argv, _, err := s.find(hc, args)
	if err != nil {
		return err
	}
	var high [3]int
	for fd, f := range []any{hc.Stdin, hc.Stdout, hc.Stderr} {
		file, ok := f.(*os.File)
		if !ok || file == nil {
			return errors.New("not a file")
		}
		// All out of the way first: 2>&1 1>&2 must not lose one of them.
		if high[fd], err = unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 10); err != nil {
			return err
		}
	}
	for fd, h := range high {
		if err := unix.Dup3(h, fd, 0); err != nil {
			return err
		}
	}
	if err := unix.Chdir(hc.Dir); err != nil {
		return err
	}
	signal.Reset() // what is ignored would stay ignored
	return syscall.Exec(path, argv, exported(hc.Env))
}
