package compile

// Rests on user_namespaces(7), credentials(7), setresuid(2), unix(7).

import (
	"strconv"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
)

// RangeSize is how many ids a container of root's has.
const RangeSize = 65536

// ownerMaps reports whether the child writes its id maps itself. Everybody may
// map the own id, and only that; a range takes CAP_SETUID outside.
func (b *builder) ownerMaps() bool { return !b.facts.Root }

// user gives the child its identity.
func (b *builder) user() error {
	switch {
	case b.hostUser():
		b.sendRoot()
		b.do("user/setgroups_none", plan.Setgroups()).Probe = &plan.Probe{File: "status", Field: "Groups", Want: ""}
	case b.ownerMaps():
		b.ownMaps(b.facts.UID, b.facts.GID)
		if len(b.facts.Groups) > 0 {
			b.note("note/groups_kept", strconv.Itoa(len(b.facts.Groups)))
		}
	default:
		b.rangeMaps()
	}
	if n := b.spec.Namespaces.Offset; n != 0 {
		// Clocks are set before anybody lives by them: the namespace is entered at execve(2), Linux 6.0.
		b.do("user/time_namespace", plan.Unshare(sys.CLONE_NEWTIME))
		s := strconv.FormatInt(n, 10)
		b.writeFile("user/time_offsets", "/proc/self/timens_offsets", "monotonic "+s+" 0\nboottime "+s+" 0\n", nil)
	}
	return nil
}

// ownMaps is the map of one id, written by the child.
func (b *builder) ownMaps(uid, gid int) {
	// setgroups(2) is given up first: without that the kernel refuses the map of groups, and leaving a group could open what a group is denied.
	b.writeFile("user/setgroups", "/proc/self/setgroups", "deny", &plan.Probe{File: "setgroups", Want: "deny"})
	b.writeFile("user/uid_map", "/proc/self/uid_map", idMap(uid, 1), &plan.Probe{File: "uid_map", Want: idMap(uid, 1)})
	b.writeFile("user/gid_map", "/proc/self/gid_map", idMap(gid, 1), &plan.Probe{File: "gid_map", Want: idMap(gid, 1)})
}

// rangeMaps is the map of many ids, which only the parent may write.
func (b *builder) rangeMaps() {
	first, size := b.facts.Range, RangeSize
	switch {
	case b.spec.Profile == seed:
		first, size = 0, 1
		b.note("note/seed_maps_root")
	case b.spec.Namespaces.User == spec.Identity:
		first = 0
		b.note("note/identity")
	}
	b.sendProc()
	if b.spec.Profile == seed {
		b.hostFile("host/setgroups", "setgroups", "deny", &plan.Probe{File: "setgroups", Want: "deny"})
	}
	b.hostFile("host/uid_map", "uid_map", idMap(first, size), &plan.Probe{File: "uid_map", Want: idMap(first, size)})
	b.hostFile("host/gid_map", "gid_map", idMap(first, size), &plan.Probe{File: "gid_map", Want: idMap(first, size)})
	b.sendRoot()
	if b.spec.Profile != seed {
		b.do("user/setgroups_none", plan.Setgroups()).Probe = &plan.Probe{File: "status", Field: "Groups", Want: ""}
	}
	// The group first: after the user has changed there may be no right left to.
	b.do("user/setresgid", plan.Setresgid(0))
	b.do("user/setresuid", plan.Setresuid(0))
	// A change of user makes the process one that must not be dumped, and its files below /proc root's.
	b.do("user/dumpable", plan.Dumpable())
}

func idMap(outside, n int) string {
	return "0 " + strconv.Itoa(outside) + " " + strconv.Itoa(n) + "\n"
}

// sendProc hands the child's own directory below /proc to the parent, which
// could not name it: its number is not known when the plan is made.
func (b *builder) sendProc() {
	fd := b.reg("proc_self")
	b.proc = b.reg("proc_pid")
	b.do("user/proc_self", plan.Openat(b.arch, plan.CWD, "/proc/self", sys.O_PATH|b.arch.ODirectory())).Save = fd
	b.do("user/proc_self", plan.SendFD(b.child, "p", fd)).Want = plan.Exactly(1)
	b.do("user/proc_self", plan.Close(fd))
	b.host("host/proc_pid", plan.RecvFD(b.parent, "p", b.proc)).Want = plan.Exactly(1)
}

// sendRoot hands the root directory to the child as a tree of mounts, with
// its owners shifted into the container's ids where that can be done. The
// child could not open it by name: it is nobody out here.
func (b *builder) sendRoot() {
	tree := b.reg("root_tree")
	open := b.host("host/open_tree", plan.OpenTree(plan.CWD, b.spec.Rootfs, sys.OPEN_TREE_CLONE|sys.OPEN_TREE_CLOEXEC|b.treeFlags()))
	open.Save = tree
	if b.shifted() {
		ns := b.reg("user_namespace")
		b.host("host/user_namespace", plan.Openat(b.arch, plan.FD(b.proc), "ns/user", 0)).Save = ns
		b.host("host/idmap", plan.MountSetattr(plan.FD(tree), "", sys.AT_EMPTY_PATH|b.treeFlags(), sys.MOUNT_ATTR_IDMAP, ns))
		b.host("host/user_namespace", plan.Close(ns))
	}
	b.host("host/send_root", plan.SendFD(b.parent, "t", tree)).Want = plan.Exactly(1)
	b.host("host/send_root", plan.Close(tree))
	b.rootTree = b.reg("root_tree_inside")
	b.do("user/root_tree", plan.RecvFD(b.child, "t", b.rootTree)).Want = plan.Exactly(1)
}

// treeFlags says how much of the root's mounts the container sees: under an
// overlay only the directory's own file system, written through all of it.
func (b *builder) treeFlags() uint64 {
	if b.through() {
		return sys.AT_RECURSIVE
	}
	return 0
}

// shifted reports whether the root's owners are shifted by an idmapped mount.
func (b *builder) shifted() bool {
	return b.facts.Root && b.spec.Namespaces.User == "" && b.spec.Profile != seed && b.facts.Rootfs.Idmap
}
