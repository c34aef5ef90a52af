package compile

// Rests on mount(2), proc(5), sysfs(5), tmpfs(5), mq_overview(7), cgroup_namespaces(7), openat2(2).

import (
	"slices"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
)

const (
	quiet  = sys.MS_NOSUID | sys.MS_NODEV // what a file system for data needs
	closed = quiet | sys.MS_NOEXEC
)

// mounts mounts what a Linux program expects to find. Proc comes first, while
// the old root's is still there: a user namespace gets a new one only where
// it can see an old one that hides nothing (mount_too_revealing).
func (b *builder) mounts() error {
	b.procfs()
	b.sysfs()
	if err := b.dev(); err != nil {
		return err
	}
	if b.spec.Profile != seed {
		b.over("mount/run", "run", "tmpfs", quiet, "mode=755,size="+size(64*mebi))
	}
	b.over("mount/tmp", "tmp", "tmpfs", quiet, "mode=1777,size="+size(b.eighth()))
	return nil
}

// enter makes a directory of the new root the working directory, so that "."
// names it for mount(2): no symbolic link of the root's can lead the mount
// elsewhere, and nobody can change the way between two calls.
func (b *builder) enter(why plan.Key, dir string) {
	if !b.through() {
		b.do(why, plan.Mkdirat(plan.FD(b.rootDir), dir, 0o755)).Allow = []sys.Errno{sys.EEXIST}
	} else if slices.Contains(b.facts.Rootfs.Missing, dir) {
		b.do(why, plan.Mkdirat(plan.FD(b.rootDir), dir, 0o755)).Allow = []sys.Errno{sys.EEXIST}
		b.note("note/made_mount_point", b.facts.Rootfs.Dir+"/"+dir)
	}
	b.reenter(why, dir)
}

// reenter is enter for a directory that is known to be there, such as the
// root of what was just mounted.
func (b *builder) reenter(why plan.Key, dir string) {
	fd := b.reg(string(why))
	open := b.do(why, plan.OpenIn(b.arch, b.rootDir, dir))
	open.Save, open.Again = fd, 32
	b.do(why, plan.Fchdir(fd))
	b.do(why, plan.Close(fd))
}

// over mounts a new file system over a directory of the new root.
func (b *builder) over(why plan.Key, dir, fstype string, flags uint64, data string) {
	b.enter(why, dir)
	b.do(why, plan.MountFS(fstype, ".", fstype, flags, data)).Probe = &plan.Probe{File: "mountinfo", Field: "/" + dir, Want: fstype}
}

func (b *builder) procfs() {
	// A proc of one's own shows a PID namespace that one's own user namespace owns.
	if b.spec.Namespaces.PID == spec.Host && !b.hostUser() {
		b.enter("mount/proc_bind", "proc")
		b.do("mount/proc_bind", plan.MountFS("/proc", ".", "", sys.MS_BIND|sys.MS_REC, ""))
		return
	}
	b.over("mount/proc", "proc", "proc", closed, "")
}

func (b *builder) sysfs() {
	if b.spec.Namespaces.Net == spec.Host && !b.hostUser() || b.facts.SysCovered {
		b.enter("mount/sys_bind", "sys")
		b.do("mount/sys_bind", plan.MountFS("/sys", ".", "", sys.MS_BIND|sys.MS_REC, ""))
		b.reenter("mount/sys_bind", "sys")
		b.do("mount/sys_bind", plan.MountSetattr(plan.CWD, ".", sys.AT_RECURSIVE, sys.MOUNT_ATTR_RDONLY|sys.MOUNT_ATTR_NOSUID|sys.MOUNT_ATTR_NODEV|sys.MOUNT_ATTR_NOEXEC, 0))
		b.note("note/sys_bind")
		return
	}
	flags := uint64(closed | sys.MS_RDONLY)
	if b.spec.Profile == seed {
		flags = closed
	}
	b.over("mount/sys", "sys", "sysfs", flags, "")
	if b.spec.Namespaces.Cgroup == "" && b.facts.CgroupNS && b.facts.Cgroup2 && b.spec.Profile != seed {
		b.reenter("mount/cgroup", "sys/fs/cgroup")
		b.do("mount/cgroup", plan.MountFS("cgroup2", ".", "cgroup2", closed|sys.MS_RDONLY, "")).Probe = &plan.Probe{File: "mountinfo", Field: "/sys/fs/cgroup", Want: "cgroup2"}
	}
}

// covers hides what the kernel shows to everybody but a container has no
// business with, as the OCI runtimes do. The new root is "/" now, and its
// /dev/null is at hand.
func (b *builder) covers() error {
	if b.spec.Profile == seed {
		return nil
	}
	for _, path := range b.facts.Masked {
		if slices.Contains(b.facts.MaskedDirs, path) {
			b.do("root/mask_dir", plan.MountFS("tmpfs", path, "tmpfs", closed|sys.MS_RDONLY, "nr_inodes=2,size=4096"))
		} else {
			b.do("root/mask_file", plan.MountFS("/dev/null", path, "", sys.MS_BIND, ""))
		}
	}
	for _, path := range b.facts.ReadOnly {
		b.do("root/read_only_paths", plan.MountFS(path, path, "", sys.MS_BIND|sys.MS_REC, ""))
		b.do("root/read_only_paths", plan.MountFS("", path, "", sys.MS_REMOUNT|sys.MS_BIND|sys.MS_RDONLY|closed, ""))
	}
	return nil
}
