package filter

import "slices"

// An Exception is a system call that the default profile neither lets through
// with the others nor kills for: an answer, and the reason for it. Several rows
// for one call are tried in order. Programs are killed only for calls that no
// ordinary program makes; those that programs try and do without get the errno
// that they know to expect.
type Exception struct {
	Name   string
	Action Action
	Errno  int // with Action Errno
	Reason string
	Args   []Cond // all must hold; none: always
}

// Verdict returns the action with its errno.
func (e Exception) Verdict() Action { return e.Action | Action(e.Errno) }

// Exceptions returns the table, a copy, in the order in which the rows are tried.
func Exceptions() []Exception { return slices.Clone(exceptions[:]) }

// Arguments that the rules look at. The kernel takes them as 32-bit numbers, so
// the rules look at the low half alone: a test of all 64 bits is passed by a
// bit in the half that the kernel throws away.
const (
	low32 = 1<<32 - 1

	// cloneSpaces are the namespace flags of clone(2), CLONE_NEWUSER among them.
	cloneSpaces = 0x7e020000
	// unshareSpaces adds CLONE_NEWTIME, which clone(2) reads as a signal.
	unshareSpaces = cloneSpaces | 0x80

	tiocsti   = 0x5412
	tioclinux = 0x541c
	afVsock   = 40

	perLinux32   = 0x0008
	uname26      = 0x0020000
	personaQuery = 0xffffffff
)

// Reasons that several rows share.
const (
	newMount   = "a mount call of Linux 5.2 and later; mount programs take the refusal as that of an unprivileged caller"
	numa       = "NUMA placement is the host's business; allocators and databases try it and go on"
	keyring    = "keyrings are not all divided by namespaces, and had holes (CVE-2016-0728); login programs go on without"
	uring      = "a long line of kernel holes, and its work passes no filter; libuv falls back to epoll on ENOSYS"
	landlock   = "a program takes rights from itself with it; it can only lose"
	oneDir     = "does what the call without at does, from a directory descriptor"
	askLSM     = "tools go on with /proc/self/attr"
	askMounts  = "findmnt and others fall back to /proc/self/mountinfo"
	newFutex   = "futex(2) in separate calls, Linux 6.7; they reach no further"
	probe      = "the kernel itself sends probed programs through it; newer kernels do not even ask the filter"
	inodeFlags = "chattr has the ioctl of the file system for it"
)

var exceptions = [...]Exception{
	// Arguments decide.
	{"clone", Allow, 0, "threads and children, without a new namespace", []Cond{{0, MaskedEQ, cloneSpaces, 0}}},
	{"clone", Errno, EPERM, "a new user namespace would give all capabilities back", nil},
	{"unshare", Allow, 0, "giving up shared descriptors or directories makes no namespace", []Cond{{0, MaskedEQ, unshareSpaces, 0}}},
	{"unshare", Errno, EPERM, "a new user namespace would give all capabilities back", nil},
	{"clone3", Errno, ENOSYS, "its flags are in memory, where a filter cannot look; on ENOSYS, not on EPERM, libc uses clone(2)", nil},
	{"ioctl", Errno, EPERM, "TIOCSTI types into the terminal for whoever reads it next, a shell outside (CVE-2017-5226)", []Cond{{1, MaskedEQ, low32, tiocsti}}},
	{"ioctl", Errno, EPERM, "TIOCLINUX pastes into a virtual console (CVE-2023-1523)", []Cond{{1, MaskedEQ, low32, tioclinux}}},
	{"ioctl", Allow, 0, "all other requests: the driver behind the descriptor decides", nil},
	{"personality", Allow, 0, "PER_LINUX, PER_LINUX32 and UNAME26: 0, 8, 0x20000 and 0x20008", []Cond{{0, MaskedEQ, low32 &^ (perLinux32 | uname26), 0}}},
	{"personality", Allow, 0, "0xffffffff asks for the current one", []Cond{{0, MaskedEQ, low32, personaQuery}}},
	{"personality", Errno, EPERM, "the others turn protections off, such as ADDR_NO_RANDOMIZE; gdb goes on and setarch reports it", nil},
	{"socket", Errno, EPERM, "AF_VSOCK reaches the host of a virtual machine and has no namespace", []Cond{{0, MaskedEQ, low32, afVsock}}},
	{"socket", Allow, 0, "all other families: the network namespace divides them", nil},

	// Tried by programs that go on when refused.
	{"mount", Errno, EPERM, "apk mounts /proc to run its scripts, and goes on without", nil},
	{"umount2", Errno, EPERM, "apk unmounts what it could not mount", nil},
	{"pivot_root", Errno, EPERM, "runtimes started inside try it, and some fall back to chroot(2)", nil},
	{"setns", Errno, EPERM, "nsenter and ip report it; nothing is to be joined from inside", nil},
	{"fsopen", Errno, EPERM, newMount, nil},
	{"fsconfig", Errno, EPERM, newMount, nil},
	{"fsmount", Errno, EPERM, newMount, nil},
	{"fspick", Errno, EPERM, newMount, nil},
	{"move_mount", Errno, EPERM, newMount, nil},
	{"open_tree", Errno, EPERM, newMount, nil},
	{"open_tree_attr", Errno, EPERM, newMount, nil},
	{"mount_setattr", Errno, EPERM, newMount, nil},
	{"syslog", Errno, EPERM, "dmesg reads the host's kernel log, which has no namespace", nil},
	{"keyctl", Errno, EPERM, keyring, nil},
	{"add_key", Errno, EPERM, keyring, nil},
	{"request_key", Errno, EPERM, keyring, nil},
	{"bpf", Errno, EPERM, "libbpf and systemd try it; programs for the kernel are the host's", nil},
	{"perf_event_open", Errno, EPERM, "profilers in run-time systems try it; it sees other processes", nil},
	{"mbind", Errno, EPERM, numa, nil},
	{"set_mempolicy", Errno, EPERM, numa, nil},
	{"get_mempolicy", Errno, EPERM, numa, nil},
	{"migrate_pages", Errno, EPERM, numa, nil},
	{"move_pages", Errno, EPERM, numa, nil},
	{"set_mempolicy_home_node", Errno, EPERM, numa, nil},
	{"userfaultfd", Errno, EPERM, "stops the kernel in the middle of a copy, which exploits use; EPERM is also the kernel's answer to an ordinary user", nil},
	{"open_by_handle_at", Errno, EPERM, "opens files by inode past the root directory (the Shocker exploit of 2014)", nil},
	{"fanotify_init", Errno, EPERM, "file watchers fall back to inotify(7)", nil},
	{"kcmp", Errno, EPERM, "compares the kernel objects of two processes; Mesa goes on without", nil},
	{"pidfd_getfd", Errno, EPERM, "takes descriptors out of other processes; supervisors report it", nil},
	{"process_madvise", Errno, EPERM, "jemalloc tries it and falls back to madvise(2)", nil},
	{"io_uring_setup", Errno, ENOSYS, uring, nil},
	{"io_uring_enter", Errno, ENOSYS, uring, nil},
	{"io_uring_register", Errno, ENOSYS, uring, nil},
	{"_sysctl", Errno, ENOSYS, "old libraries ask it for random bytes; Linux 5.5 took it away", nil},

	// Newer calls, which current libraries and tools try first.
	{"landlock_create_ruleset", Allow, 0, landlock, nil},
	{"landlock_add_rule", Allow, 0, landlock, nil},
	{"landlock_restrict_self", Allow, 0, landlock, nil},
	{"futex_waitv", Allow, 0, "Wine waits for several futexes with it, Linux 5.16", nil},
	{"futex_wake", Allow, 0, newFutex, nil},
	{"futex_wait", Allow, 0, newFutex, nil},
	{"futex_requeue", Allow, 0, newFutex, nil},
	{"memfd_secret", Allow, 0, "memory for keys that the kernel itself cannot read, within RLIMIT_MEMLOCK", nil},
	{"map_shadow_stack", Allow, 0, "libc with shadow stacks makes one for each thread; a mapping like others", nil},
	{"mseal", Allow, 0, "makes mappings unchangeable; a program can only lose by it", nil},
	{"setxattrat", Allow, 0, oneDir, nil},
	{"getxattrat", Allow, 0, oneDir, nil},
	{"listxattrat", Allow, 0, oneDir, nil},
	{"removexattrat", Allow, 0, oneDir, nil},
	{"rseq_slice_yield", Allow, 0, "the end of a time slice that rseq(2) lengthened; it only gives the processor up", nil},
	{"uretprobe", Allow, 0, probe, nil},
	{"uprobe", Allow, 0, probe, nil},
	{"cachestat", Errno, ENOSYS, "showed the page cache of files that may not be read (CVE-2025-21691); fincore uses mincore(2)", nil},
	{"statmount", Errno, ENOSYS, askMounts, nil},
	{"listmount", Errno, ENOSYS, askMounts, nil},
	{"listns", Errno, ENOSYS, "lsns has /proc to read", nil},
	{"lsm_get_self_attr", Errno, ENOSYS, askLSM, nil},
	{"lsm_set_self_attr", Errno, ENOSYS, askLSM, nil},
	{"lsm_list_modules", Errno, ENOSYS, askLSM, nil},
	{"file_getattr", Errno, ENOSYS, inodeFlags, nil},
	{"file_setattr", Errno, ENOSYS, inodeFlags, nil},
}
