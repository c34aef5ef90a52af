package plan

import "example.org/mcr/runtime/sys"

// Prlimit is prlimit(2) of the caller itself.
func Prlimit(resource int, soft, hard uint64) Call {
	lim := Struct{Size: 16, Fields: []Field{
		{Name: "rlim_cur", Size: 8, Val: Flags{soft, sys.Limit}},
		{Name: "rlim_max", Off: 8, Size: 8, Val: Flags{hard, sys.Limit}},
	}}
	return call(sys.Prlimit64, Int(0), Flags{uint64(resource), sys.Resource}, lim, Nil{})
}

// JoinKeyring is keyctl(2), KEYCTL_JOIN_SESSION_KEYRING: a new, nameless one.
func JoinKeyring() Call {
	return call(sys.Keyctl, Flags{sys.KEYCTL_JOIN_SESSION_KEYRING, sys.KeyctlOp}, Nil{})
}

func prctl(op uint64, args ...Arg) Call {
	return call(sys.Prctl, append([]Arg{Flags{op, sys.PrctlOp}}, args...)...)
}

// DropBound is prctl(2), PR_CAPBSET_DROP.
func DropBound(capability int) Call {
	return prctl(sys.PR_CAPBSET_DROP, Flags{uint64(capability), sys.CapName})
}

// ClearAmbient is prctl(2), PR_CAP_AMBIENT_CLEAR_ALL.
func ClearAmbient() Call {
	return prctl(sys.PR_CAP_AMBIENT, Flags{sys.PR_CAP_AMBIENT_CLEAR_ALL, sys.AmbientOp}, Int(0), Int(0), Int(0))
}

// NoNewPrivs is prctl(2), PR_SET_NO_NEW_PRIVS.
func NoNewPrivs() Call { return prctl(sys.PR_SET_NO_NEW_PRIVS, Int(1), Int(0), Int(0), Int(0)) }

// Pdeathsig is prctl(2), PR_SET_PDEATHSIG.
func Pdeathsig(sig int) Call { return prctl(sys.PR_SET_PDEATHSIG, Flags{uint64(sig), sys.SigName}) }

// Dumpable is prctl(2), PR_SET_DUMPABLE.
func Dumpable() Call { return prctl(sys.PR_SET_DUMPABLE, Flags{sys.SUID_DUMP_USER, sys.DumpOp}) }

// SetName is prctl(2), PR_SET_NAME: at most 15 bytes.
func SetName(name string) Call { return prctl(sys.PR_SET_NAME, Path(name)) }

// Capset is capset(2), sets of 64 bits. The kernel has each set in two halves,
// the lower ones first.
func Capset(effective, permitted, inheritable uint64) Call {
	hdr := Struct{Size: 8, Fields: []Field{
		{Name: "version", Size: 4, Val: Flags{sys.LINUX_CAPABILITY_VERSION_3, sys.CapVersion}},
		{Name: "pid", Off: 4, Size: 4, Val: Int(0)},
	}}
	data := Struct{Size: 24, Fields: []Field{
		{Name: "effective", Size: 4, Hi: 12, Val: Flags{effective, sys.CapMask}},
		{Name: "permitted", Off: 4, Size: 4, Hi: 16, Val: Flags{permitted, sys.CapMask}},
		{Name: "inheritable", Off: 8, Size: 4, Hi: 20, Val: Flags{inheritable, sys.CapMask}},
	}}
	return call(sys.Capset, hdr, data)
}

// InstallFilter is seccomp(2), SECCOMP_SET_MODE_FILTER; prog is the program's
// instructions, eight bytes each.
func InstallFilter(prog []byte) Call {
	fprog := Struct{Size: 16, Fields: []Field{
		{Name: "len", Size: 2, Val: Int(len(prog) / 8)},
		{Name: "filter", Off: 8, Size: 8, Val: Bytes(prog), Form: Program},
	}}
	return call(sys.Seccomp, Flags{sys.SECCOMP_SET_MODE_FILTER, sys.SeccompOp}, Int(0), fprog)
}

// DatagramSocket is socket(2): one that interfaces can be asked through, netdevice(7).
func DatagramSocket() Call {
	return call(sys.Socket, Flags{sys.AF_INET, sys.Family}, Flags{sys.SOCK_DGRAM | sys.SOCK_CLOEXEC, sys.SockType}, Flags{0, sys.IPProto})
}

// InterfaceUp is ioctl(2), SIOCSIFFLAGS of netdevice(7).
func InterfaceUp(sock Reg, name string) Call {
	ifr := Struct{Size: 40, Fields: []Field{
		{Name: "ifr_name", Size: 16, Val: Path(name), Inline: true},
		{Name: "ifr_flags", Off: 16, Size: 2, Val: Flags{sys.IFF_UP, sys.IfFlags}},
	}}
	return call(sys.Ioctl, FD(sock), Flags{sys.SIOCSIFFLAGS, sys.IoctlOp}, ifr)
}
