package sys

import "strings"

// The capabilities of capabilities(7), in the order of their numbers.
var capabilities = []Flag{
	{0, "CAP_CHOWN"},
	{1, "CAP_DAC_OVERRIDE"},
	{2, "CAP_DAC_READ_SEARCH"},
	{3, "CAP_FOWNER"},
	{4, "CAP_FSETID"},
	{5, "CAP_KILL"},
	{6, "CAP_SETGID"},
	{7, "CAP_SETUID"},
	{8, "CAP_SETPCAP"},
	{9, "CAP_LINUX_IMMUTABLE"},
	{10, "CAP_NET_BIND_SERVICE"},
	{11, "CAP_NET_BROADCAST"},
	{12, "CAP_NET_ADMIN"},
	{13, "CAP_NET_RAW"},
	{14, "CAP_IPC_LOCK"},
	{15, "CAP_IPC_OWNER"},
	{16, "CAP_SYS_MODULE"},
	{17, "CAP_SYS_RAWIO"},
	{18, "CAP_SYS_CHROOT"},
	{19, "CAP_SYS_PTRACE"},
	{20, "CAP_SYS_PACCT"},
	{21, "CAP_SYS_ADMIN"},
	{22, "CAP_SYS_BOOT"},
	{23, "CAP_SYS_NICE"},
	{24, "CAP_SYS_RESOURCE"},
	{25, "CAP_SYS_TIME"},
	{26, "CAP_SYS_TTY_CONFIG"},
	{27, "CAP_MKNOD"},
	{28, "CAP_LEASE"},
	{29, "CAP_AUDIT_WRITE"},
	{30, "CAP_AUDIT_CONTROL"},
	{31, "CAP_SETFCAP"},
	{32, "CAP_MAC_OVERRIDE"},
	{33, "CAP_MAC_ADMIN"},
	{34, "CAP_SYSLOG"},
	{35, "CAP_WAKE_ALARM"},
	{36, "CAP_BLOCK_SUSPEND"},
	{37, "CAP_AUDIT_READ"},
	{38, "CAP_PERFMON"},
	{39, "CAP_BPF"},
	{40, "CAP_CHECKPOINT_RESTORE"},
}

// The same as the bits of a set, as strace(1) writes them.
var capabilityBits = []Flag{
	{1 << 0, "1<<CAP_CHOWN"},
	{1 << 1, "1<<CAP_DAC_OVERRIDE"},
	{1 << 2, "1<<CAP_DAC_READ_SEARCH"},
	{1 << 3, "1<<CAP_FOWNER"},
	{1 << 4, "1<<CAP_FSETID"},
	{1 << 5, "1<<CAP_KILL"},
	{1 << 6, "1<<CAP_SETGID"},
	{1 << 7, "1<<CAP_SETUID"},
	{1 << 8, "1<<CAP_SETPCAP"},
	{1 << 9, "1<<CAP_LINUX_IMMUTABLE"},
	{1 << 10, "1<<CAP_NET_BIND_SERVICE"},
	{1 << 11, "1<<CAP_NET_BROADCAST"},
	{1 << 12, "1<<CAP_NET_ADMIN"},
	{1 << 13, "1<<CAP_NET_RAW"},
	{1 << 14, "1<<CAP_IPC_LOCK"},
	{1 << 15, "1<<CAP_IPC_OWNER"},
	{1 << 16, "1<<CAP_SYS_MODULE"},
	{1 << 17, "1<<CAP_SYS_RAWIO"},
	{1 << 18, "1<<CAP_SYS_CHROOT"},
	{1 << 19, "1<<CAP_SYS_PTRACE"},
	{1 << 20, "1<<CAP_SYS_PACCT"},
	{1 << 21, "1<<CAP_SYS_ADMIN"},
	{1 << 22, "1<<CAP_SYS_BOOT"},
	{1 << 23, "1<<CAP_SYS_NICE"},
	{1 << 24, "1<<CAP_SYS_RESOURCE"},
	{1 << 25, "1<<CAP_SYS_TIME"},
	{1 << 26, "1<<CAP_SYS_TTY_CONFIG"},
	{1 << 27, "1<<CAP_MKNOD"},
	{1 << 28, "1<<CAP_LEASE"},
	{1 << 29, "1<<CAP_AUDIT_WRITE"},
	{1 << 30, "1<<CAP_AUDIT_CONTROL"},
	{1 << 31, "1<<CAP_SETFCAP"},
	{1 << 32, "1<<CAP_MAC_OVERRIDE"},
	{1 << 33, "1<<CAP_MAC_ADMIN"},
	{1 << 34, "1<<CAP_SYSLOG"},
	{1 << 35, "1<<CAP_WAKE_ALARM"},
	{1 << 36, "1<<CAP_BLOCK_SUSPEND"},
	{1 << 37, "1<<CAP_AUDIT_READ"},
	{1 << 38, "1<<CAP_PERFMON"},
	{1 << 39, "1<<CAP_BPF"},
	{1 << 40, "1<<CAP_CHECKPOINT_RESTORE"},
}

// The resources of getrlimit(2).
var resources = []Flag{
	{0, "RLIMIT_CPU"},
	{1, "RLIMIT_FSIZE"},
	{2, "RLIMIT_DATA"},
	{3, "RLIMIT_STACK"},
	{4, "RLIMIT_CORE"},
	{5, "RLIMIT_RSS"},
	{6, "RLIMIT_NPROC"},
	{7, "RLIMIT_NOFILE"},
	{8, "RLIMIT_MEMLOCK"},
	{9, "RLIMIT_AS"},
	{10, "RLIMIT_LOCKS"},
	{11, "RLIMIT_SIGPENDING"},
	{12, "RLIMIT_MSGQUEUE"},
	{13, "RLIMIT_NICE"},
	{14, "RLIMIT_RTPRIO"},
	{15, "RLIMIT_RTTIME"},
}

// The signals of signal(7), as on amd64 and arm64. The kernel has real-time
// signals from 32 on; strace numbers them from there.
var signals = []Flag{
	{1, "SIGHUP"},
	{2, "SIGINT"},
	{3, "SIGQUIT"},
	{4, "SIGILL"},
	{5, "SIGTRAP"},
	{6, "SIGABRT"},
	{7, "SIGBUS"},
	{8, "SIGFPE"},
	{9, "SIGKILL"},
	{10, "SIGUSR1"},
	{11, "SIGSEGV"},
	{12, "SIGUSR2"},
	{13, "SIGPIPE"},
	{14, "SIGALRM"},
	{15, "SIGTERM"},
	{16, "SIGSTKFLT"},
	{17, "SIGCHLD"},
	{18, "SIGCONT"},
	{19, "SIGSTOP"},
	{20, "SIGTSTP"},
	{21, "SIGTTIN"},
	{22, "SIGTTOU"},
	{23, "SIGURG"},
	{24, "SIGXCPU"},
	{25, "SIGXFSZ"},
	{26, "SIGVTALRM"},
	{27, "SIGPROF"},
	{28, "SIGWINCH"},
	{29, "SIGIO"},
	{30, "SIGPWR"},
	{31, "SIGSYS"},
	{32, "SIGRTMIN"},
	{33, "SIGRT_1"},
	{34, "SIGRT_2"},
	{35, "SIGRT_3"},
	{36, "SIGRT_4"},
	{37, "SIGRT_5"},
	{38, "SIGRT_6"},
	{39, "SIGRT_7"},
	{40, "SIGRT_8"},
	{41, "SIGRT_9"},
	{42, "SIGRT_10"},
	{43, "SIGRT_11"},
	{44, "SIGRT_12"},
	{45, "SIGRT_13"},
	{46, "SIGRT_14"},
	{47, "SIGRT_15"},
	{48, "SIGRT_16"},
	{49, "SIGRT_17"},
	{50, "SIGRT_18"},
	{51, "SIGRT_19"},
	{52, "SIGRT_20"},
	{53, "SIGRT_21"},
	{54, "SIGRT_22"},
	{55, "SIGRT_23"},
	{56, "SIGRT_24"},
	{57, "SIGRT_25"},
	{58, "SIGRT_26"},
	{59, "SIGRT_27"},
	{60, "SIGRT_28"},
	{61, "SIGRT_29"},
	{62, "SIGRT_30"},
	{63, "SIGRT_31"},
	{64, "SIGRT_32"},
}

// LastCap is the highest capability known here: CAP_CHECKPOINT_RESTORE,
// Linux 5.9.
const LastCap = 40

// Capability is the number of a capability, with or without "CAP_" before its
// name, in either case.
func Capability(name string) (n int, ok bool) { return number(capabilities, "CAP_", name) }

// CapabilityName is the name of capability n: "CAP_CHOWN".
func CapabilityName(n int) string { return CapName.Text(uint64(n)) }

// ResourceNumber is the number of a resource limit, with or without "RLIMIT_"
// before its name.
func ResourceNumber(name string) (n int, ok bool) { return number(resources, "RLIMIT_", name) }

func number(list []Flag, prefix, name string) (int, bool) {
	name = strings.TrimPrefix(strings.ToUpper(name), prefix)
	for _, f := range list {
		if f.Name[len(prefix):] == name {
			return int(f.Val), true
		}
	}
	return 0, false
}
