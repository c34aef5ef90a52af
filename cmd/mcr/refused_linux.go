package main

import (
	"errors"

	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/kernel"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
	"example.org/mcr/runtime/trace"
)

// refused prints why a start was stopped, in three lines: the call, why it is
// there, and what to do.
func refused(lang string, p *plan.Plan, r plan.Run, err error) int {
	var k *kernel.Error
	if !errors.As(err, &k) {
		return failed(lang, err)
	}
	if k.Ended {
		return fail(lang, "msg/ended", k.List.String())
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
			say(explain.Text(lang, "msg/not_found", a.Call.Args[1].(plan.Strings)[0]))
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
	hint := hereHint(lang, p, &a, k)
	if hint == "" {
		cause, remedy := e.Hint(name)
		hint = cause
		if remedy != "" {
			hint += "; " + remedy
		}
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
func hereHint(lang string, p *plan.Plan, a *plan.Action, k *kernel.Error) string {
	if k.Denied {
		return "" // not this host's doing
	}
	errno := k.Errno
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
	case births && errno == sys.EPERM:
		key = "here/userns_denied"
	default:
		return ""
	}
	return explain.Text(lang, key)
}
