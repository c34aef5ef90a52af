package filter

// allowed holds what the profiles default and docker let through on either
// architecture. It was made from the list of moby, which programs in containers
// have met for ten years; what is newer, or needs a reason, is an exception.
var allowed = [...]string{
	// files and directories
	"access", "chdir", "chmod", "chown", "chroot", "close", "close_range", "copy_file_range", "creat", "dup",
	"dup2", "dup3", "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fchmod", "fchmodat",
	"fchmodat2", "fchown", "fchownat", "fcntl", "fdatasync", "flock", "fstat", "fstatfs", "fsync", "ftruncate",
	"futimesat", "getcwd", "getdents", "getdents64", "lchown", "link", "linkat", "lseek", "lstat", "mkdir",
	"mkdirat", "mknod", "mknodat", "name_to_handle_at", "newfstatat", "open", "openat", "openat2", "readlink",
	"readlinkat", "rename", "renameat", "renameat2", "rmdir", "stat", "statfs", "statx", "symlink", "symlinkat",
	"sync", "sync_file_range", "syncfs", "truncate", "umask", "unlink", "unlinkat", "utime", "utimensat", "utimes",
	// extended attributes
	"fgetxattr", "flistxattr", "fremovexattr", "fsetxattr", "getxattr", "lgetxattr", "listxattr", "llistxattr",
	"lremovexattr", "lsetxattr", "removexattr", "setxattr",
	// input and output
	"io_cancel", "io_destroy", "io_getevents", "io_pgetevents", "io_setup", "io_submit", "pipe", "pipe2",
	"pread64", "preadv", "preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readv", "sendfile",
	"splice", "tee", "vmsplice", "write", "writev",
	// waiting for events
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old", "epoll_pwait", "epoll_pwait2", "epoll_wait",
	"epoll_wait_old", "eventfd", "eventfd2", "fanotify_mark", "inotify_add_watch", "inotify_init",
	"inotify_init1", "inotify_rm_watch", "poll", "ppoll", "pselect6", "select", "signalfd", "signalfd4",
	// sockets
	"accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen", "recvfrom",
	"recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown", "socketpair",
	// memory
	"brk", "madvise", "membarrier", "memfd_create", "mincore", "mlock", "mlock2", "mlockall", "mmap", "mprotect",
	"mremap", "msync", "munlock", "munlockall", "munmap", "pkey_alloc", "pkey_free", "pkey_mprotect",
	"process_mrelease", "remap_file_pages",
	// System V and POSIX IPC
	"mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink", "msgctl", "msgget",
	"msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop", "shmat", "shmctl", "shmdt", "shmget",
	// processes and threads
	"arch_prctl", "execve", "execveat", "exit", "exit_group", "fork", "futex", "get_robust_list",
	"get_thread_area", "getcpu", "getpgid", "getpgrp", "getpid", "getppid", "getpriority", "getrlimit",
	"getrusage", "getsid", "gettid", "ioprio_get", "ioprio_set", "modify_ldt", "pidfd_open", "prctl", "prlimit64",
	"process_vm_readv", "process_vm_writev", "ptrace", "restart_syscall", "rseq", "sched_get_priority_max",
	"sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler",
	"sched_rr_get_interval", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler",
	"sched_yield", "seccomp", "set_robust_list", "set_thread_area", "set_tid_address", "setpgid", "setpriority",
	"setrlimit", "setsid", "sysinfo", "times", "uname", "vfork", "wait4", "waitid",
	// signals
	"kill", "pause", "pidfd_send_signal", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo",
	"rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_tgsigqueueinfo", "sigaltstack", "tgkill", "tkill",
	// ids and capabilities
	"capget", "capset", "getegid", "geteuid", "getgid", "getgroups", "getresgid", "getresuid", "getuid",
	"setfsgid", "setfsuid", "setgid", "setgroups", "setregid", "setresgid", "setresuid", "setreuid", "setuid",
	// time
	"adjtimex", "alarm", "clock_adjtime", "clock_getres", "clock_gettime", "clock_nanosleep", "getitimer",
	"gettimeofday", "nanosleep", "setitimer", "time", "timer_create", "timer_delete", "timer_getoverrun",
	"timer_gettime", "timer_settime", "timerfd_create", "timerfd_gettime", "timerfd_settime",
	// randomness
	"getrandom",
}

// seedAllowed holds the 133 calls of the C original, in its groups.
var seedAllowed = [...]string{
	// I/O
	"read", "write", "close", "lseek", "pread64", "pwrite64", "readv", "writev", "ioctl", "pipe", "pipe2", "dup",
	"dup2", "dup3",
	// Files
	"open", "openat", "creat", "stat", "fstat", "lstat", "newfstatat", "access", "faccessat", "getcwd", "chdir",
	"fchdir", "rename", "renameat", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "symlink", "symlinkat",
	"readlink", "readlinkat", "chmod", "fchmod", "chown", "fchown", "lchown", "truncate", "ftruncate", "getdents",
	"getdents64", "fcntl", "flock", "fsync", "fdatasync",
	// Memory
	"mmap", "munmap", "mprotect", "brk", "mremap", "msync", "madvise",
	// Process
	"clone", "clone3", "fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4", "waitid", "getpid",
	"getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getgroups", "setgroups", "setpgid", "getpgrp",
	"getpgid", "getsid", "setsid", "getresuid", "getresgid",
	// Signals
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "kill", "tgkill", "pause",
	// Time
	"gettimeofday", "clock_gettime", "clock_nanosleep", "nanosleep", "times",
	// Network
	"socket", "connect", "accept", "accept4", "bind", "listen", "getsockname", "getpeername", "sendto",
	"recvfrom", "sendmsg", "recvmsg", "setsockopt", "getsockopt", "shutdown", "socketpair", "poll", "ppoll",
	"select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
	// Misc
	"uname", "prctl", "arch_prctl", "set_tid_address", "set_robust_list", "futex", "sched_yield", "getrlimit",
	"setrlimit", "prlimit64", "umask", "sigaltstack", "statx",
}
