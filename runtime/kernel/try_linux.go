package kernel

import (
	"errors"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TryIdmap tries whether the owners of a root directory can be shifted into a
// range of ids, and says why not: it makes the mount calls of a start, of
// which nothing stays. The user namespace they need is that of a process that
// has ended and is not waited for yet.
func TryIdmap(dir string, first int, whole bool) (ok bool, why string) {
	pid, err := stillborn(unix.CLONE_NEWUSER)
	if err != nil {
		return refusedTry("clone", err)
	}
	defer wait(pid) //nolint:errcheck // it has ended
	proc := "/proc/" + itoa(pid) + "/"
	for _, file := range []string{"uid_map", "gid_map"} {
		if err := writeTo(proc+file, "0 "+itoa(first)+" 65536\n"); err != nil {
			return refusedTry("write", err)
		}
	}
	ns, err := unix.Open(proc+"ns/user", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return refusedTry("openat", err)
	}
	defer unix.Close(ns) //nolint:errcheck // it was only read
	flags := uint(unix.AT_EMPTY_PATH)
	if whole {
		flags |= unix.AT_RECURSIVE
	}
	tree, err := unix.OpenTree(unix.AT_FDCWD, dir, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|flags&unix.AT_RECURSIVE)
	if err != nil {
		return refusedTry("open_tree", err)
	}
	defer unix.Close(tree) //nolint:errcheck // the copy goes with it
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_IDMAP, Userns_fd: uint64(ns)}
	if err := unix.MountSetattr(tree, "", flags, &attr); err != nil {
		return refusedTry("mount_setattr", err)
	}
	return true, ""
}

func refusedTry(call string, err error) (ok bool, why string) {
	var errno syscall.Errno
	errors.As(err, &errno) // package unix has no other errors
	return false, call + "(2): " + unix.ErrnoName(errno)
}

func writeTo(file, text string) error {
	fd, err := unix.Open(file, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd) //nolint:errcheck // a map is written whole, by one write(2)
	_, err = unix.Write(fd, []byte(text))
	return err
}

// stillborn clones a process that ends at once, in namespaces of its own,
// which last until it is waited for. It shares our memory and leaves it alone:
// a copy of it would cost more than all else here.
func stillborn(flags uintptr) (pid int, err error) {
	var old uint64
	all := ^uint64(0)
	// A signal would find it with our handlers, on our stack.
	syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&all)), uintptr(unsafe.Pointer(&old)), 8, 0, 0)
	r := cloneExit(flags | unix.CLONE_VM | uintptr(unix.SIGCHLD))
	syscall.RawSyscall6(syscall.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&old)), 0, 8, 0, 0)
	if r < 0 {
		return 0, syscall.Errno(-r)
	}
	return r, nil
}

// cloneExit is clone(2), after which the child calls exit(2) without a look
// at any memory. It answers what the kernel does: below 0, an error number.
func cloneExit(flags uintptr) int
