package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/kernel"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
	"example.org/mcr/runtime/trace"
)

// start runs a plan to its end and answers the exit status.
func (o *options) start(lang string, p *plan.Plan, out *os.File) int {
	if err := standardStreams(); err != nil {
		return failed(lang, err)
	}
	if len(p.Broken) > 0 {
		trace.Broken(os.Stderr, p, traceOptions(lang, o.verbose))
	}
	forward := catch()
	c, err := kernel.Start(p)
	if o.trace != "" {
		if e := trace.Run(out, p, c.Run(), o.trace, traceOptions(lang, o.verbose)); e != nil {
			say(e.Error())
		}
	}
	if err != nil {
		return refused(lang, p, c.Run(), err)
	}
	if o.verbose || isTerminal(2) {
		notice(lang, p, c.Pid, o.verbose)
	}
	return forward.until(c)
}

// refused prints why a start was stopped, in three lines: the call, why it is
// there, and what to do.
func refused(lang string, p *plan.Plan, r plan.Run, err error) int {
	var k *kernel.Error
	if !errors.As(err, &k) {
		return failed(lang, err)
	}
	a := *k.Action
	if k.List == plan.HostList {
		a.Call = p.HostCall(k.Index)
	}
	ev := plan.Event{List: k.List, Index: k.Index, Ret: k.Ret, Errno: k.Errno}
	result := "= " + trace.Answer(a.Call.Sys, ev)
	if k.Signal != 0 {
		result = "= ? " + sys.SigName.Text(uint64(k.Signal))
	}
	status := exitFailure
	key := string(a.Why)
	if a.Call.Sys == sys.Execve {
		status = execStatus(p, r)
		if status == exitNotFound && a.Why == "exec/search" {
			say(explain.Text(lang, "msg/not_found", string(a.Call.Args[1].(plan.Strings)[0])))
			say(explain.Text(lang, "word/hint") + ": " + explain.Text(lang, "hint/not_found"))
			return status
		}
	}
	say(trace.Brief(a.Call, trace.Values{Names: p.Regs}) + " " + result)
	e, _ := explain.Lookup(lang, key)
	say(explain.Text(lang, "word/why") + ": " + place(lang, p, k.List, k.Index, a.Why) + ": " + e.Why)
	name := k.Errno.Name()
	if k.Errno == 0 {
		name = "short"
	}
	cause, remedy := hereHint(lang, p, &a, k.Errno)
	if cause == "" {
		cause, remedy = e.Hint(name)
	}
	hint := cause
	if remedy != "" {
		hint += "; " + remedy
	}
	see := explain.Text(lang, "word/see", a.Call.Sys.Man(), key)
	if hint == "" {
		say(explain.Text(lang, "word/hint") + ": " + see)
	} else {
		say(explain.Text(lang, "word/hint") + ": " + hint + "; " + see)
	}
	return status
}

// execStatus is 127 where the program was not found, 126 where one was found,
// in any directory of PATH, and cannot be run.
func execStatus(p *plan.Plan, r plan.Run) int {
	for _, ev := range r.Events {
		a := p.Action(ev.List, ev.Index)
		if a.Call.Sys == sys.Execve && ev.Errno != sys.ENOENT && ev.Errno != sys.ENOTDIR {
			return exitCannotExec
		}
	}
	return exitNotFound
}

// hereHint is a cause that fits this host, where its facts give one away.
func hereHint(lang string, p *plan.Plan, a *plan.Action, errno sys.Errno) (cause, remedy string) {
	key := ""
	births := a.Why == "host/clone"
	maps := a.Why == "user/uid_map" || a.Why == "user/setgroups" || a.Why == "user/gid_map"
	switch {
	case births && errno == sys.ENOSPC && p.Facts.MaxUserNS == 0:
		key = "here/max_user_namespaces"
	case (births || maps) && errno == sys.EPERM && p.Facts.AppArmor:
		key = "here/apparmor"
	case maps && errno == sys.EACCES:
		key = "here/not_readable"
	default:
		return "", ""
	}
	return explain.Text(lang, key), ""
}

// standardStreams refuses descriptors 0 to 2 through which the payload could
// reach the host: a directory leads everywhere, whatever "/" is.
func standardStreams() error {
	for fd := range 3 {
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			continue // closed: Go opens /dev/null there
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		kind := ""
		switch {
		case err == nil && flags&unix.O_PATH != 0:
			kind = "O_PATH"
		case st.Mode&unix.S_IFMT == unix.S_IFDIR:
			kind = "S_IFDIR"
		case st.Mode&unix.S_IFMT == unix.S_IFBLK:
			kind = "S_IFBLK"
		}
		if kind != "" {
			return wrong("msg/stream", strconv.Itoa(fd), kind)
		}
	}
	return nil
}

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

// hostFacts reads the facts, and tries what cannot be read: whether the root's
// owners can be shifted.
func hostFacts(c *spec.Container) (*host.Facts, error) {
	f, err := host.Read(c.Rootfs)
	if err != nil {
		return nil, err
	}
	if f.Root && c.Namespaces.User == "" {
		f.Rootfs.Idmap, f.Rootfs.Why = kernel.TryIdmap(c.Rootfs, f.Range, c.Storage == spec.Through)
	}
	return f, nil
}

// checkRootfs says what is wrong with a root directory in words of its own.
func checkRootfs(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("--rootfs: %w", err)
	}
	if !info.IsDir() {
		return wrong("msg/rootfs_file", dir)
	}
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("--rootfs: %w", err)
	}
	defer d.Close() //nolint:errcheck // it was only read
	if names, err := d.Readdirnames(1); err != nil || len(names) == 0 {
		return wrong("msg/rootfs_empty", dir)
	}
	return nil
}

// writers says who besides the caller and root could have written a file; ""
// if nobody.
func writers(f *os.File) string {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return err.Error()
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return "S_IFMT"
	case st.Uid != 0 && int(st.Uid) != os.Geteuid():
		return "uid " + strconv.Itoa(int(st.Uid))
	case st.Mode&0o002 != 0:
		return "o+w"
	case st.Mode&0o020 != 0 && int(st.Gid) != os.Getegid():
		return "g+w, gid " + strconv.Itoa(int(st.Gid))
	}
	return ""
}

// defaultRoot is the root made from mcr-box, laid down now if it is not there.
func defaultRoot(lang string) (string, error) {
	box, err := host.Companion("mcr-box")
	if err != nil {
		return "", wrong("msg/no_box")
	}
	cache, err := host.CacheDir(os.Getenv)
	if err != nil {
		return "", wrong("msg/no_cache")
	}
	dir, err := host.BoxRoot(cache, box)
	if err != nil {
		return "", fmt.Errorf("default root: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "bin", "sh")); err == nil {
		return dir, nil
	}
	maker, err := host.Companion("mcr-root")
	if err != nil {
		return "", wrong("msg/no_box")
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // where the root is, we know already
	if err != nil {
		return "", fmt.Errorf("default root: %w", err)
	}
	defer null.Close() //nolint:errcheck // nothing was written
	pid, err := syscall.ForkExec(maker, []string{"mcr-root", "default", "--lang", lang}, &syscall.ProcAttr{Env: os.Environ(), Files: []uintptr{0, null.Fd(), 2}})
	if err != nil {
		return "", fmt.Errorf("run %s: %w", maker, err)
	}
	var ws syscall.WaitStatus
	for {
		if _, err = syscall.Wait4(pid, &ws, 0, nil); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil || ws.ExitStatus() != 0 {
		return "", wrong("msg/no_default_root", dir)
	}
	return dir, nil
}
