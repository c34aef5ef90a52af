package plan

import "example.org/mcr/runtime/sys"

// CloneCall is the clone3(2), Linux 5.3, that begins a list; the process is
// seen through a pidfd. Before 5.5, which brought CLONE_CLEAR_SIGHAND, it is
// clone(2) with the same flags.
func CloneCall(births []Birth, pidfd Reg, legacy bool) Call {
	flags := uint64(sys.CLONE_PIDFD)
	for _, b := range births {
		flags |= b.Flag
	}
	out := Struct{Size: 4, Array: true, Fields: []Field{{Size: 4, Val: FD(pidfd), Save: pidfd}}}
	if legacy {
		return call(sys.Clone, Flags{flags | 17, sys.LegacyCloneFlags}, Nil{}, out)
	}
	args := Struct{Size: 88, Fields: []Field{
		{Name: "flags", Size: 8, Val: Flags{flags | sys.CLONE_CLEAR_SIGHAND, sys.CloneFlags}},
		{Name: "pidfd", Off: 8, Size: 8, Val: out, Form: Result},
		{Name: "exit_signal", Off: 32, Size: 8, Val: Flags{17, sys.SigName}},
		{Name: "stack", Off: 40, Size: 8, Val: Nil{}},
		{Name: "stack_size", Off: 48, Size: 8, Val: Int(0)},
	}}
	return call(sys.Clone3, args, Int(args.Size))
}

// Unshare is unshare(2).
func Unshare(flags uint64) Call { return call(sys.Unshare, Flags{flags, sys.CloneFlags}) }

// Socketpair is socketpair(2) of two connected ends, for messages.
func Socketpair(a, b Reg) Call {
	sv := Struct{Size: 8, Array: true, Fields: []Field{
		{Size: 4, Val: FD(a), Save: a},
		{Off: 4, Size: 4, Val: FD(b), Save: b},
	}}
	return call(sys.Socketpair, Flags{sys.AF_UNIX, sys.Family}, Flags{sys.SOCK_SEQPACKET | sys.SOCK_CLOEXEC, sys.SockType}, Int(0), sv)
}

// message is the msghdr of one byte and one descriptor, unix(7) and cmsg(3).
func message(b string, fd, save Reg, flags uint64) Struct {
	iov := Struct{Size: 16, Array: true, Fields: []Field{{Inline: true, Val: Struct{Fields: []Field{
		{Name: "iov_base", Size: 8, Val: Bytes(b)},
		{Name: "iov_len", Off: 8, Size: 8, Val: Int(len(b))},
	}}}}}
	control := Struct{Size: 24, Array: true, Fields: []Field{{Inline: true, Val: Struct{Fields: []Field{
		{Name: "cmsg_len", Size: 8, Val: Int(20)},
		{Name: "cmsg_level", Off: 8, Size: 4, Val: Flags{sys.SOL_SOCKET, sys.SockLevel}},
		{Name: "cmsg_type", Off: 12, Size: 4, Val: Flags{sys.SCM_RIGHTS, sys.CmsgType}},
		{Name: "cmsg_data", Inline: true, Val: Struct{Array: true, Fields: []Field{{Off: 16, Size: 4, Val: FD(fd), Save: save}}}},
	}}}}}
	return Struct{Size: 56, Fields: []Field{
		{Name: "msg_name", Size: 8, Val: Nil{}},
		{Name: "msg_namelen", Off: 8, Size: 4, Val: Int(0)},
		{Name: "msg_iov", Off: 16, Size: 8, Val: iov},
		{Name: "msg_iovlen", Off: 24, Size: 8, Val: Int(1)},
		{Name: "msg_control", Off: 32, Size: 8, Val: control},
		{Name: "msg_controllen", Off: 40, Size: 8, Val: Int(24)},
		{Name: "msg_flags", Off: 48, Size: 4, Val: Flags{flags, sys.MsgFlags}},
	}}
}

// SendFD is sendmsg(2) of one byte and a descriptor, SCM_RIGHTS of unix(7).
func SendFD(sock Reg, b string, fd Reg) Call {
	return call(sys.Sendmsg, FD(sock), message(b, fd, 0, 0), Flags{sys.MSG_NOSIGNAL, sys.MsgFlags})
}

// RecvFD is recvmsg(2) of one byte and a descriptor, saved in fd.
func RecvFD(sock Reg, b string, fd Reg) Call {
	return call(sys.Recvmsg, FD(sock), message(b, fd, fd, sys.MSG_CMSG_CLOEXEC), Flags{sys.MSG_CMSG_CLOEXEC, sys.MsgFlags})
}

// Hangup is ppoll(2) of a descriptor for nothing but the end of its peer, without waiting.
func Hangup(fd Reg) Call {
	fds := Struct{Size: 8, Array: true, Fields: []Field{{Inline: true, Val: Struct{Fields: []Field{
		{Name: "fd", Size: 4, Val: FD(fd)},
		{Name: "events", Off: 4, Size: 2, Val: Int(0)},
	}}}}}
	now := Struct{Size: 16, Fields: []Field{
		{Name: "tv_sec", Size: 8, Val: Int(0)},
		{Name: "tv_nsec", Off: 8, Size: 8, Val: Int(0)},
	}}
	return call(sys.Ppoll, fds, Int(1), now, Nil{}, Int(0))
}

// sigset is a set of signals, one bit each.
func sigset(bits int64) Struct {
	return Struct{Size: 8, Fields: []Field{{Size: 8, Val: Int(bits), Form: SigSet}}}
}

// Sigmask is rt_sigprocmask(2): no signal is blocked.
func Sigmask() Call {
	return call(sys.RtSigprocmask, Flags{sys.SIG_SETMASK, sys.SigHow}, sigset(0), Nil{}, Int(8))
}

// DefaultSignal is rt_sigaction(2): SIG_DFL for one signal.
func DefaultSignal(sig int) Call {
	act := Struct{Size: 32, Fields: []Field{
		{Name: "sa_handler", Size: 8, Val: Flags{0, sys.SigHandler}},
		{Name: "sa_mask", Off: 24, Size: 8, Val: Int(0), Form: SigSet},
		{Name: "sa_flags", Off: 8, Size: 8, Val: Int(0)},
	}}
	return call(sys.RtSigaction, Flags{uint64(sig), sys.SigName}, act, Nil{}, Int(8))
}

// Setresuid is setresuid(2) with one id for all three.
func Setresuid(id int) Call { return call(sys.Setresuid, Int(id), Int(id), Int(id)) }

// Setresgid is setresgid(2) with one id for all three.
func Setresgid(id int) Call { return call(sys.Setresgid, Int(id), Int(id), Int(id)) }

// Setgroups is setgroups(2) to no group at all.
func Setgroups() Call { return call(sys.Setgroups, Int(0), Nil{}) }

// KillThrough is pidfd_send_signal(2), Linux 5.1, through a descriptor whose number is fixed.
func KillThrough(pidfd, sig int) Call {
	return call(sys.PidfdSignal, Int(pidfd), Flags{uint64(sig), sys.SigName}, Nil{}, Int(0))
}
