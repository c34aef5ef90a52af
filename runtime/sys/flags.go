package sys

const all = ^uint64(0) // the mask of a set of which one value holds

// The sets of names that arguments have, in the order strace(1) prints them.
var (
	CloneFlags = &FlagSet{Name: "clone", Bits: []Flag{
		{CLONE_PIDFD, "CLONE_PIDFD"},
		{CLONE_NEWNS, "CLONE_NEWNS"},
		{CLONE_NEWCGROUP, "CLONE_NEWCGROUP"},
		{CLONE_NEWUTS, "CLONE_NEWUTS"},
		{CLONE_NEWIPC, "CLONE_NEWIPC"},
		{CLONE_NEWUSER, "CLONE_NEWUSER"},
		{CLONE_NEWPID, "CLONE_NEWPID"},
		{CLONE_NEWNET, "CLONE_NEWNET"},
		{CLONE_NEWTIME, "CLONE_NEWTIME"},
		{CLONE_CLEAR_SIGHAND, "CLONE_CLEAR_SIGHAND"},
	}}
	// LegacyCloneFlags are those of clone(2), which has the signal in its low byte.
	LegacyCloneFlags = &FlagSet{Name: "clone2", Mask: 0xff, Enum: []Flag{{17, "SIGCHLD"}}, Bits: CloneFlags.Bits}
	MountFlags       = &FlagSet{Name: "mount", Bits: []Flag{
		{MS_RDONLY, "MS_RDONLY"},
		{MS_NOSUID, "MS_NOSUID"},
		{MS_NODEV, "MS_NODEV"},
		{MS_NOEXEC, "MS_NOEXEC"},
		{MS_REMOUNT, "MS_REMOUNT"},
		{MS_BIND, "MS_BIND"},
		{MS_REC, "MS_REC"},
		{MS_PRIVATE, "MS_PRIVATE"},
		{MS_SLAVE, "MS_SLAVE"},
	}}
	UmountFlags = &FlagSet{Name: "umount", Bits: []Flag{{MNT_DETACH, "MNT_DETACH"}}}
	OpenAMD64   = &FlagSet{Name: "open/amd64", Mask: 3, Enum: accessModes, Bits: []Flag{
		{O_CREAT, "O_CREAT"},
		{O_EXCL, "O_EXCL"},
		{0x20000, "O_NOFOLLOW"},
		{O_CLOEXEC, "O_CLOEXEC"},
		{O_PATH, "O_PATH"},
		{0x10000, "O_DIRECTORY"},
	}}
	OpenARM64 = &FlagSet{Name: "open/arm64", Mask: 3, Enum: accessModes, Bits: []Flag{
		{O_CREAT, "O_CREAT"},
		{O_EXCL, "O_EXCL"},
		{0x8000, "O_NOFOLLOW"},
		{O_CLOEXEC, "O_CLOEXEC"},
		{O_PATH, "O_PATH"},
		{0x4000, "O_DIRECTORY"},
	}}
	ResolveFlags = &FlagSet{Name: "resolve", Bits: []Flag{
		{RESOLVE_NO_MAGICLINKS, "RESOLVE_NO_MAGICLINKS"},
		{RESOLVE_NO_SYMLINKS, "RESOLVE_NO_SYMLINKS"},
		{RESOLVE_IN_ROOT, "RESOLVE_IN_ROOT"},
	}}
	OpenTreeFlags = &FlagSet{Name: "open_tree", Bits: []Flag{
		{OPEN_TREE_CLONE, "OPEN_TREE_CLONE"},
		{OPEN_TREE_CLOEXEC, "OPEN_TREE_CLOEXEC"},
		{AT_EMPTY_PATH, "AT_EMPTY_PATH"},
		{AT_RECURSIVE, "AT_RECURSIVE"},
	}}
	MoveMountFlags = &FlagSet{Name: "move_mount", Bits: []Flag{
		{MOVE_MOUNT_F_EMPTY_PATH, "MOVE_MOUNT_F_EMPTY_PATH"},
		{MOVE_MOUNT_T_EMPTY_PATH, "MOVE_MOUNT_T_EMPTY_PATH"},
	}}
	MountAttr = &FlagSet{Name: "mount_attr", Bits: []Flag{
		{MOUNT_ATTR_RDONLY, "MOUNT_ATTR_RDONLY"},
		{MOUNT_ATTR_NOSUID, "MOUNT_ATTR_NOSUID"},
		{MOUNT_ATTR_NODEV, "MOUNT_ATTR_NODEV"},
		{MOUNT_ATTR_NOEXEC, "MOUNT_ATTR_NOEXEC"},
		{MOUNT_ATTR_IDMAP, "MOUNT_ATTR_IDMAP"},
	}}
	AtFlags     = &FlagSet{Name: "at", Bits: []Flag{{AT_EMPTY_PATH, "AT_EMPTY_PATH"}, {AT_RECURSIVE, "AT_RECURSIVE"}}}
	Propagation = &FlagSet{Name: "propagation", Bits: []Flag{{MS_PRIVATE, "MS_PRIVATE"}, {MS_SLAVE, "MS_SLAVE"}}, Unit: "MS_???"}
	Dirfd       = &FlagSet{Name: "dirfd", Mask: all, Enum: []Flag{{AT_FDCWD, "AT_FDCWD"}}, Rest: Decimal}
	FileMode    = &FlagSet{Name: "mode", Mask: 0o170000, Enum: []Flag{{S_IFREG, "S_IFREG"}}, Rest: Mode}
	PrctlOp     = &FlagSet{Name: "prctl", Mask: all, Enum: []Flag{
		{PR_SET_PDEATHSIG, "PR_SET_PDEATHSIG"},
		{PR_SET_DUMPABLE, "PR_SET_DUMPABLE"},
		{PR_SET_NAME, "PR_SET_NAME"},
		{PR_CAPBSET_DROP, "PR_CAPBSET_DROP"},
		{PR_SET_NO_NEW_PRIVS, "PR_SET_NO_NEW_PRIVS"},
		{PR_CAP_AMBIENT, "PR_CAP_AMBIENT"},
	}}
	AmbientOp  = &FlagSet{Name: "ambient", Mask: all, Enum: []Flag{{PR_CAP_AMBIENT_CLEAR_ALL, "PR_CAP_AMBIENT_CLEAR_ALL"}}}
	DumpOp     = &FlagSet{Name: "dumpable", Mask: all, Enum: []Flag{{SUID_DUMP_USER, "SUID_DUMP_USER"}}}
	SeccompOp  = &FlagSet{Name: "seccomp", Mask: all, Enum: []Flag{{SECCOMP_SET_MODE_FILTER, "SECCOMP_SET_MODE_FILTER"}}}
	KeyctlOp   = &FlagSet{Name: "keyctl", Mask: all, Enum: []Flag{{KEYCTL_JOIN_SESSION_KEYRING, "KEYCTL_JOIN_SESSION_KEYRING"}}}
	RangeFlags = &FlagSet{Name: "close_range", Bits: []Flag{{CLOSE_RANGE_CLOEXEC, "CLOSE_RANGE_CLOEXEC"}}}
	SigHow     = &FlagSet{Name: "sighow", Mask: all, Enum: []Flag{{SIG_SETMASK, "SIG_SETMASK"}}}
	SigHandler = &FlagSet{Name: "sighandler", Mask: all, Enum: []Flag{{0, "SIG_DFL"}, {1, "SIG_IGN"}}}
	CapVersion = &FlagSet{Name: "capversion", Mask: all, Enum: []Flag{{LINUX_CAPABILITY_VERSION_3, "_LINUX_CAPABILITY_VERSION_3"}}}
	Family     = &FlagSet{Name: "family", Mask: all, Enum: []Flag{{AF_UNIX, "AF_UNIX"}, {AF_INET, "AF_INET"}}}
	SockType   = &FlagSet{
		Name: "socktype", Mask: 0xf, Enum: []Flag{{SOCK_DGRAM, "SOCK_DGRAM"}, {SOCK_SEQPACKET, "SOCK_SEQPACKET"}},
		Bits: []Flag{{SOCK_CLOEXEC, "SOCK_CLOEXEC"}},
	}
	IPProto   = &FlagSet{Name: "ipproto", Mask: all, Enum: []Flag{{0, "IPPROTO_IP"}}}
	SockLevel = &FlagSet{Name: "socklevel", Mask: all, Enum: []Flag{{SOL_SOCKET, "SOL_SOCKET"}}}
	CmsgType  = &FlagSet{Name: "cmsgtype", Mask: all, Enum: []Flag{{SCM_RIGHTS, "SCM_RIGHTS"}}}
	MsgFlags  = &FlagSet{Name: "msg", Bits: []Flag{{MSG_NOSIGNAL, "MSG_NOSIGNAL"}, {MSG_CMSG_CLOEXEC, "MSG_CMSG_CLOEXEC"}}}
	IoctlOp   = &FlagSet{Name: "ioctl", Mask: all, Enum: []Flag{{SIOCSIFFLAGS, "SIOCSIFFLAGS"}}}
	IfFlags   = &FlagSet{Name: "iff", Bits: []Flag{{IFF_UP, "IFF_UP"}}}
	Limit     = &FlagSet{Name: "limit", Mask: all, Enum: []Flag{{RLIM64_INFINITY, "RLIM64_INFINITY"}}, Rest: Kilo}
	Resource  = &FlagSet{Name: "resource", Mask: all, Enum: resources}
	CapName   = &FlagSet{Name: "cap", Mask: all, Enum: capabilities}
	CapMask   = &FlagSet{Name: "capmask", Bits: capabilityBits}
	SigName   = &FlagSet{Name: "signal", Mask: all, Enum: signals, Rest: Decimal}
)

var accessModes = []Flag{{O_RDONLY, "O_RDONLY"}, {O_WRONLY, "O_WRONLY"}, {2, "O_RDWR"}}

// OpenFlags is the set of open(2)'s flags on a, some of which have numbers of
// their own on each architecture.
func (a Arch) OpenFlags() *FlagSet {
	if a == ARM64 {
		return OpenARM64
	}
	return OpenAMD64
}

var flagSets = []*FlagSet{
	CloneFlags, LegacyCloneFlags, MountFlags, UmountFlags, OpenAMD64, OpenARM64, ResolveFlags, OpenTreeFlags, MoveMountFlags,
	MountAttr, AtFlags, Propagation, Dirfd, FileMode, PrctlOp, AmbientOp, DumpOp, SeccompOp, KeyctlOp, RangeFlags, SigHow,
	SigHandler, CapVersion, Family, SockType, IPProto, SockLevel, CmsgType, MsgFlags, IoctlOp, IfFlags, Limit, Resource,
	CapName, CapMask, SigName,
}
