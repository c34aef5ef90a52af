package sys

// Constants keep the kernel's spelling: they are looked up in headers and man
// pages. Values are those of linux/amd64 and linux/arm64; the few that differ
// are methods of Arch.

// Flags of clone(2), clone3(2) and unshare(2).
const (
	CLONE_PIDFD         = 0x1000
	CLONE_NEWTIME       = 0x80
	CLONE_NEWNS         = 0x20000
	CLONE_NEWCGROUP     = 0x2000000
	CLONE_NEWUTS        = 0x4000000
	CLONE_NEWIPC        = 0x8000000
	CLONE_NEWUSER       = 0x10000000
	CLONE_NEWPID        = 0x20000000
	CLONE_NEWNET        = 0x40000000
	CLONE_CLEAR_SIGHAND = 0x100000000 // Linux 5.5
)

// Flags of mount(2) and umount2(2).
const (
	MS_RDONLY  = 0x1
	MS_NOSUID  = 0x2
	MS_NODEV   = 0x4
	MS_NOEXEC  = 0x8
	MS_REMOUNT = 0x20
	MS_BIND    = 0x1000
	MS_REC     = 0x4000
	MS_PRIVATE = 0x40000
	MS_SLAVE   = 0x80000
	MNT_DETACH = 0x2
)

// Flags of open(2), openat2(2), open_tree(2), move_mount(2), mount_setattr(2).
const (
	AT_FDCWD                = 0xffffffffffffff9c // -100
	AT_EMPTY_PATH           = 0x1000
	AT_RECURSIVE            = 0x8000
	O_RDONLY                = 0x0
	O_WRONLY                = 0x1
	O_CREAT                 = 0x40
	O_EXCL                  = 0x80
	O_CLOEXEC               = 0x80000
	O_PATH                  = 0x200000
	RESOLVE_NO_MAGICLINKS   = 0x2
	RESOLVE_NO_SYMLINKS     = 0x4
	RESOLVE_IN_ROOT         = 0x10
	OPEN_TREE_CLONE         = 0x1
	OPEN_TREE_CLOEXEC       = O_CLOEXEC
	MOVE_MOUNT_F_EMPTY_PATH = 0x4
	MOVE_MOUNT_T_EMPTY_PATH = 0x40
	MOUNT_ATTR_RDONLY       = 0x1
	MOUNT_ATTR_NOSUID       = 0x2
	MOUNT_ATTR_NODEV        = 0x4
	MOUNT_ATTR_NOEXEC       = 0x8
	MOUNT_ATTR_IDMAP        = 0x100000
	S_IFREG                 = 0o100000
)

// Operations of prctl(2), seccomp(2) and keyctl(2).
const (
	PR_SET_PDEATHSIG            = 1
	PR_SET_DUMPABLE             = 4
	PR_SET_NAME                 = 15
	PR_CAPBSET_DROP             = 24
	PR_SET_NO_NEW_PRIVS         = 38
	PR_CAP_AMBIENT              = 47
	PR_CAP_AMBIENT_CLEAR_ALL    = 4
	SUID_DUMP_USER              = 1
	SECCOMP_SET_MODE_FILTER     = 1
	KEYCTL_JOIN_SESSION_KEYRING = 1
	CLOSE_RANGE_CLOEXEC         = 4
	LINUX_CAPABILITY_VERSION_3  = 0x20080522
)

// Sockets, and the interface that every network namespace has.
const (
	AF_UNIX          = 1
	AF_INET          = 2
	SOCK_DGRAM       = 2
	SOCK_SEQPACKET   = 5
	SOCK_CLOEXEC     = O_CLOEXEC
	SOL_SOCKET       = 1
	SCM_RIGHTS       = 1
	MSG_NOSIGNAL     = 0x4000
	MSG_CMSG_CLOEXEC = 0x40000000
	SIOCSIFFLAGS     = 0x8914
	IFF_UP           = 1
)

// How rt_sigprocmask(2) changes the mask, and no limit for prlimit(2).
const (
	SIG_SETMASK     = 2
	RLIM64_INFINITY = ^uint64(0)
)

// ODirectory is O_DIRECTORY, which differs between architectures.
func (a Arch) ODirectory() uint64 {
	if a == ARM64 {
		return 0x4000
	}
	return 0x10000
}

// ONofollow is O_NOFOLLOW, which differs between architectures.
func (a Arch) ONofollow() uint64 {
	if a == ARM64 {
		return 0x8000
	}
	return 0x20000
}
