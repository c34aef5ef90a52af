package compile

// Rests on clone(2), namespaces(7), socketpair(2), prctl(2), pidfd_open(2).

import (
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
)

// hostUser reports whether the container stays in the user namespace of the host.
func (b *builder) hostUser() bool { return b.spec.Namespaces.User == spec.Host }

// birth opens the way between parent and child and clones the child.
func (b *builder) birth() error {
	ns := &b.spec.Namespaces
	for _, n := range []struct {
		name, value string
		flag        uint64
	}{
		{"user", ns.User, sys.CLONE_NEWUSER},
		{"ns", "", sys.CLONE_NEWNS},
		{"pid", ns.PID, sys.CLONE_NEWPID},
		{"uts", ns.UTS, sys.CLONE_NEWUTS},
		{"ipc", ns.IPC, sys.CLONE_NEWIPC},
		{"net", ns.Net, sys.CLONE_NEWNET},
		{"cgroup", ns.Cgroup, sys.CLONE_NEWCGROUP},
	} {
		switch {
		case n.value == spec.Host:
			b.note(plan.Key("note/host_" + n.name))
		case n.name == "cgroup" && !b.facts.CgroupNS:
			b.note("note/no_cgroup_namespace")
		default:
			b.plan.Clone = append(b.plan.Clone, plan.Birth{Flag: n.flag, Why: plan.Key("start/new" + n.name)})
		}
	}
	if ns.Time && ns.Offset == 0 {
		b.plan.Clone = append(b.plan.Clone, plan.Birth{Flag: sys.CLONE_NEWTIME, Why: "start/newtime"})
	}
	b.parent, b.child, b.pidfd = b.reg("parent_end"), b.reg("child_end"), b.reg("pidfd")
	b.host("host/socketpair", plan.Socketpair(b.parent, b.child))
	b.plan.Host = append(b.plan.Host, plan.Step{Action: plan.Action{Why: "host/clone", Save: b.pidfd}, Forks: plan.InsideList})
	b.host("host/close_child_end", plan.Close(b.child))
	return nil
}

// start is what the child does before anything else: it is still a copy of
// its parent.
func (b *builder) start() error {
	// Whoever holds the parent's end would keep the child waiting for a parent that is gone.
	b.do("start/close_parent_end", plan.Close(b.parent))
	handled := b.facts.Ignored
	if b.facts.LegacyClone {
		handled = append(append([]int(nil), b.facts.Handled...), handled...)
	}
	for _, sig := range handled {
		b.do("start/sigaction", plan.DefaultSignal(sig)).Probe = &plan.Probe{File: "status", Field: "SigIgn", Want: "0000000000000000"}
	}
	// Only now: a signal that arrives meets no handler of the parent's.
	b.do("start/sigmask", plan.Sigmask()).Probe = &plan.Probe{File: "status", Field: "SigBlk", Want: "0000000000000000"}
	b.do("start/umask", plan.Umask(0o022)).Probe = &plan.Probe{File: "status", Field: "Umask", Want: "0022"}
	return nil
}

// watch gives birth to the watcher and lets the child go on when it stands.
// It belongs to the end of the host list: until then the child waits anyway.
func (b *builder) watch() error {
	ours, theirs, watcher := b.reg("watch_end"), b.reg("watcher_end"), b.reg("watcher_pidfd")
	b.host("host/watch_socketpair", plan.Socketpair(ours, theirs))
	b.plan.Host = append(b.plan.Host, plan.Step{Action: plan.Action{Why: "host/watch_clone", Save: watcher}, Forks: plan.AfterList})
	b.host("host/watch_close_end", plan.Close(theirs))
	b.host("host/watch_ready", plan.Read(ours, "r")).Want = plan.Exactly(1)
	b.host("host/go", plan.Write(b.parent, "g")).Want = plan.Exactly(1)
	// The child's end closes when execve(2) succeeds, or when the child dies.
	b.host("host/started", plan.Read(b.parent, "?")).Want = plan.Exactly(0)

	// A session of its own first: what kills the parent's process group, or hangs up its terminal, must not take the watcher along.
	b.after("after/setsid", plan.Setsid())
	b.after("after/name", plan.SetName("watch-payload"))
	// It holds copies of everything the parent had open. What it keeps moves to 0 and 1; the rest is closed, its own copy of the parent's end too.
	b.after("after/keep", plan.Dup3(theirs, 0))
	b.after("after/keep", plan.Dup3(b.pidfd, 1))
	b.after("after/close_range", plan.CloseRange(2, 0))
	// If the parent is gone already there is nobody to tell, and all the more reason to go on: a child that is stopped does not end by itself.
	ready := b.after("after/ready", plan.WriteTo(0, "r"))
	ready.Want, ready.Allow = plan.Exactly(1), []sys.Errno{sys.EPIPE}
	// A parent that died before it read our word is not the end of the socket but a reset of it, unix(7).
	wait := b.after("after/wait", plan.ReadFrom(0, "?"))
	wait.Want, wait.Allow = plan.Exactly(0), []sys.Errno{sys.ECONNRESET}
	b.after("after/kill", plan.KillThrough(1, 9)).Allow = []sys.Errno{sys.ESRCH}
	return nil
}

// death makes the payload die with its parent, however that dies.
func (b *builder) death() error {
	// A byte that was written before the parent died can still be read; the hang-up afterwards cannot be missed.
	b.do("caps/go", plan.Read(b.child, "g")).Want = plan.Exactly(1)
	b.do("caps/pdeathsig", plan.Pdeathsig(9))
	b.do("caps/parent_alive", plan.Hangup(b.child)).Want = plan.Exactly(0)
	return nil
}
