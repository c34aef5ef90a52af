package trace_test

import (
	"testing"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
	"example.org/mcr/runtime/trace"
)

// TestCall holds the text of calls to lines that strace 6.1 printed.
func TestCall(t *testing.T) {
	regs := []uint64{0, 5, 6, 7}
	for _, test := range []struct {
		call plan.Call
		want string
	}{
		{plan.MountFS("", "/", "", sys.MS_REC|sys.MS_PRIVATE, ""), `mount(NULL, "/", NULL, MS_REC|MS_PRIVATE, NULL)`},
		{plan.OpenIn(sys.AMD64, 1, "proc"), `openat2(5, "proc", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_SYMLINKS|RESOLVE_IN_ROOT}, 24)`},
		{plan.OpenIn(sys.ARM64, 1, "proc"), `openat2(5, "proc", {flags=O_RDONLY|O_CLOEXEC|O_PATH|O_DIRECTORY, resolve=RESOLVE_NO_SYMLINKS|RESOLVE_IN_ROOT}, 24)`},
		{plan.Capset(3, 3|1<<40, 0), `capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_CHOWN|1<<CAP_DAC_OVERRIDE, permitted=1<<CAP_CHOWN|1<<CAP_DAC_OVERRIDE|1<<CAP_CHECKPOINT_RESTORE, inheritable=0})`},
		{plan.Prlimit(7, 1024, 8192), `prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=8*1024}, NULL)`},
		{plan.Prlimit(6, 1025, sys.RLIM64_INFINITY), `prlimit64(0, RLIMIT_NPROC, {rlim_cur=1025, rlim_max=RLIM64_INFINITY}, NULL)`},
		{plan.Hangup(1), `ppoll([{fd=5, events=0}], 1, {tv_sec=0, tv_nsec=0}, NULL, 0)`},
		{plan.Sigmask(), `rt_sigprocmask(SIG_SETMASK, [], NULL, 8)`},
		{plan.DefaultSignal(1), `rt_sigaction(SIGHUP, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, NULL, 8)`},
		{plan.SendFD(1, "t", 2), `sendmsg(5, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="t", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[6]}], msg_controllen=24, msg_flags=0}, MSG_NOSIGNAL)`},
		{plan.Mknodat(plan.CWD, "null", 0o666), `mknodat(AT_FDCWD, "null", S_IFREG|0666)`},
		{plan.InterfaceUp(1, "lo"), `ioctl(5, SIOCSIFFLAGS, {ifr_name="lo", ifr_flags=IFF_UP})`},
		{plan.MountSetattr(plan.FD(1), "", sys.AT_EMPTY_PATH|sys.AT_RECURSIVE, sys.MOUNT_ATTR_IDMAP, 2), `mount_setattr(5, "", AT_EMPTY_PATH|AT_RECURSIVE, {attr_set=MOUNT_ATTR_IDMAP, attr_clr=0, propagation=0 /* MS_??? */, userns_fd=6}, 32)`},
		{plan.CloseRange(3, sys.CLOSE_RANGE_CLOEXEC), `close_range(3, 4294967295, CLOSE_RANGE_CLOEXEC)`},
		{plan.Execve("/bin/true", []string{"true"}, []string{"X=a\tb\"\303\251"}), `execve("/bin/true", ["true"], ["X=a\tb\"\303\251"])`},
		{plan.Umask(0o22), `umask(022)`},
		{plan.CloneCall([]plan.Birth{{Flag: sys.CLONE_NEWPID}}, 3, true), `clone(child_stack=NULL, flags=CLONE_PIDFD|CLONE_NEWPID|SIGCHLD, parent_tid=[7])`},
		{
			plan.InstallFilter([]byte("\x20\x00\x00\x00\x04\x00\x00\x00" + "\x15\x00\x01\x00\x3e\x00\x00\xc0" + "\x06\x00\x00\x00\x26\x00\x05\x00" + "\x05\x00\x00\x00\x01\x00\x00\x00" + "\x54\x00\x00\x00\x00\x00\x00\x00" + "\x06\x00\x00\x00\x00\x00\xff\x7f")),
			`seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=6, filter=[BPF_STMT(BPF_LD|BPF_W|BPF_ABS, 0x4), BPF_JUMP(BPF_JMP|BPF_K|BPF_JEQ, 0xc000003e, 0x1, 0), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ERRNO|0x26), BPF_STMT(BPF_JMP|BPF_K|BPF_JA, 0x1), BPF_STMT(BPF_ALU|BPF_K|BPF_AND, 0), BPF_STMT(BPF_RET|BPF_K, SECCOMP_RET_ALLOW)]})`,
		},
	} {
		if got := trace.Call(test.call, trace.Values{Regs: regs}); got != test.want {
			t.Errorf("%s", got)
			t.Errorf("want\n%s", test.want)
		}
	}
}

// TestLine checks where the result stands and what it says.
func TestLine(t *testing.T) {
	for _, test := range []struct {
		call plan.Call
		ev   plan.Event
		want string
	}{
		{plan.Chdir("/"), plan.Event{}, `chdir("/")                              = 0`},
		{plan.Chdir("/x"), plan.Event{Errno: sys.ENOENT}, `chdir("/x")                             = -1 ENOENT (No such file or directory)`},
		{plan.Umask(0o22), plan.Event{Ret: 0o77}, `umask(022)                              = 077`},
		{plan.Read(1, "g"), plan.Event{Ret: 1}, `read(5, "g", 1)                         = 1`},
		{plan.Read(1, "g"), plan.Event{Ret: 0}, `read(5, "", 1)                          = 0`},
	} {
		if got := trace.Line(test.call, trace.Values{Regs: []uint64{0, 5}}, test.ev); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	if got := trace.Call(plan.Read(1, "g"), trace.Values{Names: []string{"", "door"}}); got != `read(<door>, "g", 1)` {
		t.Errorf("before the call: %s", got)
	}
}

// TestQuote holds strings to strace's escapes, the octal ones as short as can
// be.
func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"":               `""`,
		"a\n\x00\x01":    `"a\n\0\1"`,
		"\x007":          `"\0007"`,
		"\x0018\x80":     `"\00018\200"`,
		"\x009":          `"\09"`,
		"\t\v\f\r\"\\ é": `"\t\v\f\r\"\\ \303\251"`,
		"\x7f":           `"\177"`,
	} {
		if got := trace.Quote(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}
