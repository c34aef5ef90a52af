package compile

// Rests on mount(2), mknod(2), pts(4), shm_overview(7), mq_overview(7), null(4), tty(4).

import (
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
)

// dev makes a /dev with a handful of devices. They are borrowed: a device
// node that is made in a user namespace is dead, one that is bound is not.
func (b *builder) dev() error {
	if b.spec.Profile == seed {
		b.enter("mount/dev_bind", "dev")
		b.do("mount/dev_bind", plan.MountFS("/dev", ".", "", sys.MS_BIND|sys.MS_REC, ""))
		b.note("note/seed_dev")
		return nil
	}
	b.over("mount/dev", "dev", "tmpfs", sys.MS_NOSUID|sys.MS_NOEXEC, "mode=755,size=65536,nr_inodes=64")
	b.reenter("mount/dev", "dev") // what was entered before lies under the mount
	for _, name := range b.facts.Devices {
		b.do("mount/devices", plan.Mknodat(plan.CWD, name, 0o666))
		b.do("mount/devices", plan.MountFS("/dev/"+name, name, "", sys.MS_BIND, ""))
	}
	b.do("mount/devpts", plan.Mkdirat(plan.CWD, "pts", 0o755))
	options := "newinstance,ptmxmode=0666,mode=0620"
	if b.facts.Root {
		options += ",gid=5" // the group tty; a map of one id has no 5
	}
	b.do("mount/devpts", plan.MountFS("devpts", "pts", "devpts", sys.MS_NOSUID|sys.MS_NOEXEC, options)).Probe = &plan.Probe{File: "mountinfo", Field: "/dev/pts", Want: "devpts"}
	b.do("mount/devpts", plan.Symlinkat("pts/ptmx", plan.CWD, "ptmx"))
	b.do("mount/shm", plan.Mkdirat(plan.CWD, "shm", 0o1777))
	shm := b.spec.ShmSize
	if shm == 0 {
		shm = 64 * mebi
	}
	b.do("mount/shm", plan.MountFS("tmpfs", "shm", "tmpfs", closed, "mode=1777,size="+size(shm)))
	b.mqueue()
	for _, l := range [][2]string{{"/proc/self/fd", "fd"}, {"fd/0", "stdin"}, {"fd/1", "stdout"}, {"fd/2", "stderr"}} {
		b.do("mount/dev_links", plan.Symlinkat(l[0], plan.CWD, l[1]))
	}
	return nil
}

func (b *builder) mqueue() {
	if !b.facts.Mqueue {
		return
	}
	if b.spec.Namespaces.IPC == spec.Host && !b.hostUser() {
		b.note("note/no_mqueue") // the file system belongs to an IPC namespace that is not ours
		return
	}
	b.do("mount/mqueue", plan.Mkdirat(plan.CWD, "mqueue", 0o755))
	b.do("mount/mqueue", plan.MountFS("mqueue", "mqueue", "mqueue", closed, "")).Probe = &plan.Probe{File: "mountinfo", Field: "/dev/mqueue", Want: "mqueue"}
}
