package host

import (
	"errors"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/caller"
	"example.org/mcr/runtime/sys"
)

// The mount points that a container has, and what it hides of /proc and /sys:
// the same as the OCI runtimes do.
var (
	mountPoints = []string{"proc", "sys", "dev", "tmp", "run", "etc"}
	etcFiles    = []string{"etc/hostname", "etc/hosts", "etc/resolv.conf"}
	devices     = []string{"null", "zero", "full", "random", "urandom", "tty"}
	masked      = []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
		"/sys/firmware", "/sys/devices/virtual/powercap",
	}
	readOnly = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
)

// Read reads the facts of this host for a container with the given root
// directory.
func Read(rootfs string) (*Facts, error) {
	f := &Facts{
		Arch: runtime.GOARCH, UID: os.Geteuid(), GID: os.Getegid(), NoFile: caller.NoFile, MaxUserNS: -1, Clock: clockReadable(),
	}
	f.Groups, _ = os.Getgroups() // no list: nothing to keep
	f.Groups = slices.DeleteFunc(f.Groups, func(g int) bool { return g == f.GID })
	var uts unix.Utsname
	if unix.Uname(&uts) == nil {
		f.Kernel = unix.ByteSliceToString(uts.Release[:])
	}
	if err := f.status(); err != nil {
		return nil, err
	}
	var si unix.Sysinfo_t
	if unix.Sysinfo(&si) == nil {
		f.MemTotal, f.MemFree = si.Totalram*uint64(si.Unit), si.Freeram*uint64(si.Unit)
	}
	f.CPUs = runtime.NumCPU()
	var lim unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NPROC, &lim) == nil {
		f.NProc = [2]uint64{lim.Cur, lim.Max}
	}
	f.OOMScoreAdj, _ = strconv.Atoi(strings.TrimSpace(read("/proc/self/oom_score_adj")))
	f.LastCap, _ = strconv.Atoi(strings.TrimSpace(read("/proc/sys/kernel/cap_last_cap")))
	f.LastCap = min(f.LastCap, sys.LastCap)
	f.kernel()
	if err := f.paths(); err != nil {
		return nil, err
	}
	f.Root = f.UID == 0 && f.initialNamespace() && f.can("CAP_SYS_ADMIN", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP")
	if f.Root {
		f.Range = unusedRange()
	}
	f.Rootfs = rootFacts(rootfs)
	f.mountinfo()
	return f, nil
}

// read is a file's contents, or "" where there is none to be had: a file that
// is missing is a fact, not a failure. It asks the kernel itself, because
// os.ReadFile would offer each file to epoll(7) first, six more calls.
func read(name string) string {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ""
	}
	defer unix.Close(fd) //nolint:errcheck // it was only read
	var text []byte
	var buf [4096]byte // files of /proc and /sys come whole, most of them
	for {
		n, err := unix.Read(fd, buf[:])
		if n > 0 {
			text = append(text, buf[:n]...)
		} else if !errors.Is(err, unix.EINTR) {
			return string(text)
		}
	}
}

// status reads what /proc/self/status has; without it nothing can be decided.
func (f *Facts) status() error {
	text := read("/proc/self/status")
	if text == "" {
		return errors.New("/proc is not mounted here: mcr reads what this machine can do from it, proc(5)")
	}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		switch key {
		case "SigIgn":
			f.Ignored = signalsIn(hex(value))
		case "SigCgt":
			f.Handled = signalsIn(hex(value))
		case "CapBnd":
			f.Bound = hex(value)
		case "CapEff":
			f.effective = hex(value)
		}
	}
	return nil
}

func hex(s string) uint64 {
	n, _ := strconv.ParseUint(strings.TrimSpace(s), 16, 64) // the kernel wrote it
	return n
}

func signalsIn(set uint64) (sigs []int) {
	for n := range 64 {
		if set&(1<<n) != 0 {
			sigs = append(sigs, n+1)
		}
	}
	return sigs
}

func (f *Facts) can(names ...string) bool {
	for _, name := range names {
		n, _ := sys.Capability(name)
		if f.effective&(1<<n) == 0 {
			return false
		}
	}
	return true
}

// initialNamespace reports whether ids mean here what they mean to the kernel.
func (f *Facts) initialNamespace() bool {
	return strings.Join(strings.Fields(read("/proc/self/uid_map")), " ") == "0 0 4294967295"
}

// kernel asks what the kernel has.
func (f *Facts) kernel() {
	// clone3(2) with a size of zero is EINVAL where there is such a call, and does nothing.
	_, _, errno := unix.RawSyscall(unix.SYS_CLONE3, 0, 0, 0)
	f.LegacyClone = errno != unix.EINVAL || !f.AtLeast(5, 5)
	if !f.LegacyClone {
		f.Handled = nil
	}
	f.CgroupNS = exists("/proc/self/ns/cgroup")
	f.TimeNS = exists("/proc/self/ns/time")
	f.Keyrings = exists("/proc/keys") || exists("/proc/key-users")
	f.Mqueue = exists("/proc/sys/fs/mqueue")
	f.Cgroup2 = exists("/sys/fs/cgroup") && strings.Contains(read("/proc/filesystems"), "\tcgroup2\n")
	if n, err := strconv.Atoi(strings.TrimSpace(read("/proc/sys/user/max_user_namespaces"))); err == nil {
		f.MaxUserNS = n
	}
	f.AppArmor = strings.TrimSpace(read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")) == "1"
}

// paths looks at the names that a container is made of.
func (f *Facts) paths() error {
	for _, p := range masked {
		var st unix.Stat_t
		if unix.Lstat(p, &st) != nil {
			continue
		}
		f.Masked = append(f.Masked, p)
		if st.Mode&unix.S_IFMT == unix.S_IFDIR {
			f.MaskedDirs = append(f.MaskedDirs, p)
		}
	}
	f.ReadOnly = existing("", readOnly)
	f.Devices = existing("/dev/", devices)
	for _, dir := range []string{"/tmp", "/run", "/mnt", "/var", "/usr"} {
		if exists(dir) {
			f.Stage = dir
			break
		}
	}
	if f.Stage == "" {
		return errors.New("none of /tmp, /run, /mnt, /var and /usr is there: mcr needs a directory to put a root together on")
	}
	f.Resolver = read("/etc/resolv.conf")
	return nil
}

// mountinfo looks for what covers /proc and /sys: mount_too_revealing, the
// kernel's name for it, refuses a new one where the old one is not all seen.
// And it looks for what is mounted below the root directory.
func (f *Facts) mountinfo() {
	for line := range strings.Lines(read("/proc/self/mountinfo")) {
		dir := line
		for range 4 {
			_, dir, _ = strings.Cut(dir, " ")
		}
		dir, _, _ = strings.Cut(dir, " ")
		if dir == "/" && strings.Contains(line, " - rootfs ") {
			f.InInitramfs = true
		}
		under := func(top string) bool { return strings.HasPrefix(dir, top) && !emptyInKernel(dir) }
		f.ProcCovered = f.ProcCovered || under("/proc/")
		f.SysCovered = f.SysCovered || under("/sys/")
		f.Rootfs.Mounts = f.Rootfs.Mounts || len(dir) > 1 && strings.HasPrefix(dir, strings.TrimSuffix(f.Rootfs.Dir, "/")+"/")
	}
}

// emptyInKernel are the directories of /proc and /sys that the kernel makes
// to be mounted on; a mount there hides nothing.
func emptyInKernel(dir string) bool {
	for _, p := range []string{
		"/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd", "/sys/fs/cgroup", "/sys/fs/bpf", "/sys/fs/pstore", "/sys/fs/fuse/connections",
		"/sys/fs/selinux", "/sys/kernel/debug", "/sys/kernel/tracing", "/sys/kernel/security", "/sys/kernel/config", "/sys/firmware/efi/efivars",
	} {
		if dir == p || strings.HasPrefix(dir, p+"/") {
			return true
		}
	}
	return false
}

func exists(name string) bool { return unix.Access(name, unix.F_OK) == nil }

func existing(prefix string, names []string) (found []string) {
	for _, n := range names {
		if exists(prefix + n) {
			found = append(found, n)
		}
	}
	return found
}

// clockReadable asks whether the counter may be read without a signal:
// prctl(2), PR_GET_TSC. Other architectures have no such switch.
func clockReadable() bool {
	if runtime.GOARCH != "amd64" {
		return true
	}
	var state int32
	const prTSCEnable = 1
	return prctlInt(unix.PR_GET_TSC, &state) == nil && state == prTSCEnable
}
