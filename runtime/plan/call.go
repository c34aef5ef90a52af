package plan

import "example.org/mcr/runtime/sys"

// The functions below write a system call down. Each is named after its call
// and takes its arguments in the man page's order.

func call(s *sys.Sysent, args ...Arg) Call { return Call{s, args} }

// OrNil is a string's address, or NULL if it is empty.
func orNil(s string) Arg {
	if s == "" {
		return Nil{}
	}
	return Path(s)
}

// CWD is AT_FDCWD, openat(2).
var CWD = Flags{sys.AT_FDCWD, sys.Dirfd}

// Close is close(2).
func Close(fd Reg) Call { return call(sys.Close, FD(fd)) }

// CloseRange is close_range(2), from first to the last there is; Linux 5.9.
func CloseRange(first int, flags uint64) Call {
	return call(sys.CloseRange, Int(first), Int(0xffffffff), Flags{flags, sys.RangeFlags})
}

// Openat is openat(2) without O_CREAT. The flags are those of a.
func Openat(a sys.Arch, dir Arg, path string, flags uint64) Call {
	return call(sys.Openat, dir, Path(path), Flags{flags | sys.O_CLOEXEC, a.OpenFlags()})
}

// Create is openat(2) of a file that must not be there yet.
func Create(a sys.Arch, dir Arg, path string, mode uint64) Call {
	return call(sys.Openat, dir, Path(path),
		Flags{sys.O_WRONLY | sys.O_CREAT | sys.O_EXCL | a.ONofollow() | sys.O_CLOEXEC, a.OpenFlags()}, Flags{mode, sys.FileMode})
}

// OpenIn is openat2(2) of a directory below root, which no symbolic link and
// no ".." leads out of; Linux 5.6.
func OpenIn(a sys.Arch, root Reg, path string) Call {
	how := Struct{Size: 24, Fields: []Field{
		{Name: "flags", Size: 8, Val: Flags{sys.O_PATH | sys.O_CLOEXEC | a.ODirectory(), a.OpenFlags()}},
		{Name: "mode", Off: 8, Size: 8, Val: Int(0), Form: Silent},
		{Name: "resolve", Off: 16, Size: 8, Val: Flags{sys.RESOLVE_IN_ROOT | sys.RESOLVE_NO_SYMLINKS, sys.ResolveFlags}},
	}}
	return call(sys.Openat2, FD(root), Path(path), how, Int(how.Size))
}

// Read is read(2) of as many bytes as want has, which it should read.
func Read(fd Reg, want string) Call { return call(sys.Read, FD(fd), Bytes(want), Int(len(want))) }

// Write is write(2).
func Write(fd Reg, b string) Call { return call(sys.Write, FD(fd), Bytes(b), Int(len(b))) }

// Mkdirat is mkdirat(2).
func Mkdirat(dir Arg, path string, mode uint64) Call {
	return call(sys.Mkdirat, dir, Path(path), Flags{mode, sys.FileMode})
}

// Mknodat is mknodat(2) of an empty regular file.
func Mknodat(dir Arg, path string, mode uint64) Call {
	return call(sys.Mknodat, dir, Path(path), Flags{sys.S_IFREG | mode, sys.FileMode})
}

// Symlinkat is symlinkat(2).
func Symlinkat(target string, dir Arg, path string) Call {
	return call(sys.Symlinkat, Path(target), dir, Path(path))
}

// Unlinkat is unlinkat(2) of a file.
func Unlinkat(dir Arg, path string) Call { return call(sys.Unlinkat, dir, Path(path), Int(0)) }

// MountFS is mount(2).
func MountFS(source, target, fstype string, flags uint64, data string) Call {
	return call(sys.Mount, orNil(source), Path(target), orNil(fstype), Flags{flags, sys.MountFlags}, orNil(data))
}

// MountSetattr is mount_setattr(2), Linux 5.12, with a whole tree in mind.
// userns is the register of a user namespace, for MOUNT_ATTR_IDMAP.
func MountSetattr(dir Arg, path string, flags, set uint64, userns Reg) Call {
	var ns Arg = Int(0)
	if userns != 0 {
		ns = FD(userns)
	}
	attr := Struct{Size: 32, Fields: []Field{
		{Name: "attr_set", Size: 8, Val: Flags{set, sys.MountAttr}},
		{Name: "attr_clr", Off: 8, Size: 8, Val: Flags{0, sys.MountAttr}},
		{Name: "propagation", Off: 16, Size: 8, Val: Flags{0, sys.Propagation}},
		{Name: "userns_fd", Off: 24, Size: 8, Val: ns},
	}}
	return call(sys.MountSetattr, dir, Path(path), Flags{flags, sys.AtFlags}, attr, Int(attr.Size))
}

// OpenTree is open_tree(2), Linux 5.2: a detached copy of a tree of mounts.
func OpenTree(dir Arg, path string, flags uint64) Call {
	return call(sys.OpenTree, dir, Path(path), Flags{flags, sys.OpenTreeFlags})
}

// MoveMount is move_mount(2), Linux 5.2, of a detached tree.
func MoveMount(tree Reg, path string) Call {
	return call(sys.MoveMount, FD(tree), Path(""), CWD, Path(path), Flags{sys.MOVE_MOUNT_F_EMPTY_PATH, sys.MoveMountFlags})
}

// PivotRoot is pivot_root(2).
func PivotRoot(newRoot, putOld string) Call {
	return call(sys.PivotRoot, Path(newRoot), Path(putOld))
}

// Umount is umount2(2).
func Umount(target string, flags uint64) Call {
	return call(sys.Umount2, Path(target), Flags{flags, sys.UmountFlags})
}

// Chdir is chdir(2).
func Chdir(path string) Call { return call(sys.Chdir, Path(path)) }

// Fchdir is fchdir(2).
func Fchdir(fd Reg) Call { return call(sys.Fchdir, FD(fd)) }

// Chroot is chroot(2).
func Chroot(path string) Call { return call(sys.Chroot, Path(path)) }

// SetHostname is sethostname(2).
func SetHostname(name string) Call { return call(sys.Sethostname, Bytes(name), Int(len(name))) }

// Umask is umask(2).
func Umask(mask uint64) Call { return call(sys.Umask, Flags{mask, sys.FileMode}) }

// Setsid is setsid(2).
func Setsid() Call { return call(sys.Setsid) }

// Execve is execve(2).
func Execve(path string, argv, env []string) Call {
	return call(sys.Execve, Path(path), Strings(argv), Strings(env))
}

// Dup3 is dup3(2) to a fixed number.
func Dup3(fd Reg, to int) Call { return call(sys.Dup3, FD(fd), Int(to), Int(0)) }

// WriteTo is write(2) to a descriptor whose number is fixed.
func WriteTo(fd int, b string) Call { return call(sys.Write, Int(fd), Bytes(b), Int(len(b))) }

// ReadFrom is read(2) from a descriptor whose number is fixed.
func ReadFrom(fd int, want string) Call {
	return call(sys.Read, Int(fd), Bytes(want), Int(len(want)))
}
