package compile

// Rests on mount(2), mount_namespaces(7), pivot_root(2), the kernel's
// Documentation/filesystems/overlayfs.rst, move_mount(2).

import (
	"strconv"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
)

// root puts the new root together, away from everything else, and leaves the
// working directory there.
func (b *builder) root() error {
	// Before any other mount: none of ours may reach the host, none of the host's may reach us.
	b.do("mount/private", plan.MountFS("", "/", "", sys.MS_REC|sys.MS_PRIVATE, ""))
	b.rootDir = b.reg("root")
	byName := b.rootTree == 0
	if byName {
		// The working directory holds on to the root's directory, even where the next mount hides its name.
		b.do("mount/rootfs", plan.Chdir(b.spec.Rootfs))
	}
	stage := b.facts.Stage
	b.do("mount/stage", plan.MountFS("tmpfs", stage, "tmpfs", sys.MS_NOSUID|sys.MS_NODEV, "mode=755,size="+size(b.upperSize())+",nr_inodes="+strconv.Itoa(b.upperInodes())))
	b.do("mount/stage", plan.Mkdirat(plan.CWD, stage+"/root", 0o755))
	lower := "."
	if !byName {
		lower = stage + "/root"
		if !b.through() {
			lower = stage + "/lower"
			b.do("mount/stage", plan.Mkdirat(plan.CWD, lower, 0o755))
		}
		b.do("mount/root_tree", plan.MoveMount(b.rootTree, lower))
		b.do("mount/root_tree", plan.Close(b.rootTree))
	}
	if b.through() {
		if byName {
			b.do("mount/bind_root", plan.MountFS(".", stage+"/root", "", sys.MS_BIND|sys.MS_REC, ""))
		}
		b.note("note/written_through", b.spec.Rootfs)
		if b.spec.Profile == seed {
			b.note("note/seed_storage")
		}
	} else {
		b.do("mount/overlay", plan.Mkdirat(plan.CWD, stage+"/upper", 0o755))
		b.do("mount/overlay", plan.Mkdirat(plan.CWD, stage+"/work", 0o755))
		options := "lowerdir=" + lower + ",upperdir=" + stage + "/upper,workdir=" + stage + "/work"
		if !b.hostUser() {
			options += ",userxattr" // Linux 5.11: overlay may not keep its notes in trusted.* here
		}
		b.do("mount/overlay", plan.MountFS("overlay", stage+"/root", "overlay", sys.MS_NOSUID|sys.MS_NODEV, options))
		b.note("note/thrown_away")
		if !b.hostUser() && !b.facts.AtLeast(6, 6) {
			b.note("note/no_xattr")
		}
	}
	b.do("mount/open_root", plan.Openat(b.arch, plan.CWD, stage+"/root", sys.O_PATH|b.arch.ODirectory())).Save = b.rootDir
	return nil
}

func (b *builder) through() bool { return b.spec.Storage == spec.Through }

// chroot reports whether "/" is changed without a pivot: auto is decided here,
// from facts.
func (b *builder) chroot() bool {
	return b.spec.Root == spec.Chroot || b.spec.Root == spec.Auto && b.facts.InInitramfs
}

// pivot makes the new root "/" and takes the old one away.
func (b *builder) pivot() error {
	b.do("root/enter", plan.Fchdir(b.rootDir))
	if b.spec.Storage == spec.ReadOnly {
		b.do("root/read_only", plan.MountFS("", ".", "", sys.MS_REMOUNT|sys.MS_BIND|sys.MS_RDONLY|sys.MS_NOSUID|sys.MS_NODEV, ""))
		b.note("note/read_only")
	}
	if b.chroot() {
		b.do("root/chroot", plan.Chroot("."))
		b.do("root/slash", plan.Chdir("/")).Probe = &plan.Probe{File: "cwd", Want: "/"}
		b.do("root/close", plan.Close(b.rootDir))
		b.note("note/chroot")
		return nil
	}
	if b.spec.Root == spec.Auto {
		b.note("note/root_auto_pivot")
	}
	// Both names are ".": the old root ends up on top of the new one, which needs no folder for it.
	b.do("root/pivot", plan.PivotRoot(".", "."))
	b.do("root/detach", plan.Umount(".", sys.MNT_DETACH)).Probe = &plan.Probe{File: "mountinfo", Want: "/"}
	b.do("root/slash", plan.Chdir("/")).Probe = &plan.Probe{File: "cwd", Want: "/"}
	b.do("root/close", plan.Close(b.rootDir))
	return nil
}

const mebi = 1 << 20

// eighth is an eighth of the machine's memory, the bound of what may be
// written to memory by default.
func (b *builder) eighth() uint64 { return max(b.facts.MemTotal/8/mebi*mebi, 16*mebi) }

func (b *builder) upperSize() uint64 {
	if b.spec.Upper != 0 {
		return b.spec.Upper
	}
	return b.eighth()
}

// upperInodes bounds the number of files too: each costs the kernel memory
// even when it is empty.
func (b *builder) upperInodes() int { return int(min(b.upperSize()/4096, 1<<20)) + 16 }

func size(n uint64) string { return strconv.FormatUint(n, 10) }
