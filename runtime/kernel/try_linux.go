package kernel

import (
	"errors"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// TryIdmap tries whether the owners of a root directory can be shifted into a
// range of ids, and says why not. It is a small plan: a process that waits in
// a user namespace, and the mount calls of a start, of which nothing stays.
func TryIdmap(dir string, first int, whole bool) (ok bool, why string) {
	arch := sys.NativeArch()
	const (
		ours, theirs, pidfd, proc, procOurs, uidMap, gidMap, ns, tree = 1, 2, 3, 4, 5, 6, 7, 8, 9
	)
	p := &plan.Plan{
		Facts: host.Facts{Arch: arch.String()},
		Regs:  []string{"", "ours", "theirs", "pidfd", "proc", "proc_ours", "uid_map", "gid_map", "ns", "tree"},
		Clone: []plan.Birth{{Flag: sys.CLONE_NEWUSER, Why: "start/newuser"}},
	}
	do := func(c plan.Call, save plan.Reg) {
		p.Host = append(p.Host, plan.Step{Action: plan.Action{Why: "try", Call: c, Save: save}})
	}
	child := func(c plan.Call, save plan.Reg) {
		p.Inside = append(p.Inside, plan.Action{Why: "try", Call: c, Save: save})
	}
	flags := uint64(0)
	if whole {
		flags = sys.AT_RECURSIVE
	}
	do(plan.Socketpair(ours, theirs), 0)
	p.Host = append(p.Host, plan.Step{Action: plan.Action{Why: "try", Save: pidfd}, Forks: plan.InsideList})
	do(plan.Close(theirs), 0)
	do(plan.RecvFD(ours, "p", procOurs), 0)
	text := "0 " + itoa(first) + " 65536\n"
	for reg, file := range map[plan.Reg]string{uidMap: "uid_map", gidMap: "gid_map"} {
		do(plan.Openat(arch, plan.FD(procOurs), file, sys.O_WRONLY), reg)
		do(plan.Write(reg, text), 0)
	}
	do(plan.Openat(arch, plan.FD(procOurs), "ns/user", 0), ns)
	do(plan.OpenTree(plan.CWD, dir, sys.OPEN_TREE_CLONE|sys.OPEN_TREE_CLOEXEC|flags), tree)
	do(plan.MountSetattr(plan.FD(tree), "", sys.AT_EMPTY_PATH|flags, sys.MOUNT_ATTR_IDMAP, ns), 0)
	child(plan.Close(ours), 0)
	child(plan.Openat(arch, plan.CWD, "/proc/self", sys.O_PATH|arch.ODirectory()), proc)
	child(plan.SendFD(theirs, "p", proc), 0)
	child(plan.Read(theirs, "x"), 0) // waits for a parent that will only go away

	c, err := Start(p, nil)
	if e, ok := errors.AsType[*Error](err); ok {
		if e.List == plan.HostList {
			return false, p.HostCall(e.Index).Sys.Name + "(2): " + e.Errno.Name()
		}
		return false, e.Error()
	}
	if err != nil {
		return false, err.Error()
	}
	_ = c.Kill(unix.SIGKILL) // it waits for nothing else
	_, _ = c.Wait()
	c.closeAll()
	return true, ""
}
