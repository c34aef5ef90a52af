package sys

// The system calls that plans are made of. The argument names are those of
// the man pages; section 2 of the manual says what each means.
var (
	Capset        = &Sysent{Name: "capset", Args: []string{"hdrp", "datap"}}
	Chdir         = &Sysent{Name: "chdir", Args: []string{"path"}}
	Chroot        = &Sysent{Name: "chroot", Args: []string{"path"}}
	Clone         = &Sysent{Name: "clone", Args: []string{"flags", "stack", "parent_tid", "child_tid", "tls"}, Ret: Process}
	Clone3        = &Sysent{Name: "clone3", Args: []string{"cl_args", "size"}, Ret: Process}
	Close         = &Sysent{Name: "close", Args: []string{"fd"}}
	CloseRange    = &Sysent{Name: "close_range", Args: []string{"first", "last", "flags"}}
	Dup3          = &Sysent{Name: "dup3", Args: []string{"oldfd", "newfd", "flags"}, Ret: Descriptor}
	Execve        = &Sysent{Name: "execve", Args: []string{"pathname", "argv", "envp"}}
	Fchdir        = &Sysent{Name: "fchdir", Args: []string{"fd"}}
	Ioctl         = &Sysent{Name: "ioctl", Args: []string{"fd", "op", "argp"}}
	Keyctl        = &Sysent{Name: "keyctl", Args: []string{"operation", "name"}}
	Mkdirat       = &Sysent{Name: "mkdirat", Args: []string{"dirfd", "pathname", "mode"}}
	Mknodat       = &Sysent{Name: "mknodat", Args: []string{"dirfd", "pathname", "mode"}}
	Mount         = &Sysent{Name: "mount", Args: []string{"source", "target", "filesystemtype", "mountflags", "data"}}
	MountSetattr  = &Sysent{Name: "mount_setattr", Args: []string{"dirfd", "pathname", "flags", "attr", "size"}}
	MoveMount     = &Sysent{Name: "move_mount", Args: []string{"from_dirfd", "from_pathname", "to_dirfd", "to_pathname", "flags"}}
	Openat        = &Sysent{Name: "openat", Args: []string{"dirfd", "pathname", "flags", "mode"}, Ret: Descriptor}
	Openat2       = &Sysent{Name: "openat2", Args: []string{"dirfd", "pathname", "how", "size"}, Ret: Descriptor}
	OpenTree      = &Sysent{Name: "open_tree", Args: []string{"dirfd", "pathname", "flags"}, Ret: Descriptor}
	PidfdSignal   = &Sysent{Name: "pidfd_send_signal", Args: []string{"pidfd", "sig", "info", "flags"}}
	PivotRoot     = &Sysent{Name: "pivot_root", Args: []string{"new_root", "put_old"}}
	Ppoll         = &Sysent{Name: "ppoll", Args: []string{"fds", "nfds", "tmo_p", "sigmask", "sigsetsize"}, Ret: Timeout}
	Prctl         = &Sysent{Name: "prctl", Args: []string{"op", "arg2", "arg3", "arg4", "arg5"}}
	Prlimit64     = &Sysent{Name: "prlimit64", Args: []string{"pid", "resource", "new_limit", "old_limit"}}
	Read          = &Sysent{Name: "read", Args: []string{"fd", "buf", "count"}, Out: 2}
	Recvmsg       = &Sysent{Name: "recvmsg", Args: []string{"sockfd", "msg", "flags"}}
	RtSigaction   = &Sysent{Name: "rt_sigaction", Args: []string{"signum", "act", "oldact", "sigsetsize"}}
	RtSigprocmask = &Sysent{Name: "rt_sigprocmask", Args: []string{"how", "set", "oldset", "sigsetsize"}}
	Seccomp       = &Sysent{Name: "seccomp", Args: []string{"operation", "flags", "args"}}
	Sendmsg       = &Sysent{Name: "sendmsg", Args: []string{"sockfd", "msg", "flags"}}
	Setgroups     = &Sysent{Name: "setgroups", Args: []string{"size", "list"}}
	Sethostname   = &Sysent{Name: "sethostname", Args: []string{"name", "len"}}
	Setresgid     = &Sysent{Name: "setresgid", Args: []string{"rgid", "egid", "sgid"}}
	Setresuid     = &Sysent{Name: "setresuid", Args: []string{"ruid", "euid", "suid"}}
	Setsid        = &Sysent{Name: "setsid", Ret: Process}
	Socket        = &Sysent{Name: "socket", Args: []string{"domain", "type", "protocol"}, Ret: Descriptor}
	Socketpair    = &Sysent{Name: "socketpair", Args: []string{"domain", "type", "protocol", "sv"}}
	Symlinkat     = &Sysent{Name: "symlinkat", Args: []string{"target", "newdirfd", "linkpath"}}
	Umask         = &Sysent{Name: "umask", Args: []string{"mask"}, Ret: Octal}
	Umount2       = &Sysent{Name: "umount2", Args: []string{"target", "flags"}}
	Unlinkat      = &Sysent{Name: "unlinkat", Args: []string{"dirfd", "pathname", "flags"}}
	Unshare       = &Sysent{Name: "unshare", Args: []string{"flags"}}
	Write         = &Sysent{Name: "write", Args: []string{"fd", "buf", "count"}}
)

// sysents are what saved plans may call by name; the clones are made of the
// plan's flags.
var sysents = []*Sysent{
	Capset, Chdir, Chroot, Close, CloseRange, Dup3, Execve, Fchdir, Ioctl, Keyctl, Mkdirat, Mknodat,
	Mount, MountSetattr, MoveMount, Openat, Openat2, OpenTree, PidfdSignal, PivotRoot, Ppoll, Prctl, Prlimit64, Read,
	Recvmsg, RtSigaction, RtSigprocmask, Seccomp, Sendmsg, Setgroups, Sethostname, Setresgid, Setresuid, Setsid,
	Socket, Socketpair, Symlinkat, Umask, Umount2, Unlinkat, Unshare, Write,
}
