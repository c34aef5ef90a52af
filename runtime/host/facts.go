// Package host reads what this machine can do, once, before anything is
// decided: a Facts is data that can be saved, and compiled against elsewhere.
package host

import (
	"slices"
	"strconv"
	"strings"

	"example.org/mcr/runtime/sys"
)

// Facts is what a plan depends on besides what the user wants.
type Facts struct {
	Arch    string // "amd64" or "arm64"
	Kernel  string // uname(2)'s release
	UID     int    // the caller's effective user id
	GID     int    // and group id
	Groups  []int  // supplementary groups of the caller
	Root    bool   // the initial user namespace, with the capabilities a container needs
	Range   int    // as root: the first of 65,536 ids that nobody uses; 0: none was found
	LastCap int    // highest capability of this kernel
	Bound   uint64 // the caller's bounding set

	effective uint64

	LegacyClone bool  // clone3(2) with CLONE_CLEAR_SIGHAND is missing or denied
	Handled     []int // signals that have a handler here, listed where LegacyClone is true
	Ignored     []int // signals that the caller ignores
	Clock       bool  // the processor's counter can be read without a system call

	OOMScoreAdj int       // the caller's, proc(5)
	NoFile      [2]uint64 // soft and hard RLIMIT_NOFILE, as the caller had them
	NProc       [2]uint64 // soft and hard RLIMIT_NPROC
	CPUs        int       // that the caller may run on
	MemTotal    uint64    // bytes
	MemFree     uint64    // bytes

	Stage       string   // a directory that exists, to mount the new root on
	Masked      []string // files and directories of /proc and /sys that are there to be hidden
	MaskedDirs  []string // those of them that are directories
	InInitramfs bool     // "/" is the initramfs, which cannot be pivoted away from
	ReadOnly    []string // and those to be made read-only
	Devices     []string // of the usual ones, those that the host has
	CgroupNS    bool     // cgroup namespaces, Linux 4.6
	Cgroup2     bool     // the cgroup2 file system
	TimeNS      bool     // time namespaces, Linux 5.6
	Keyrings    bool     // session keyrings
	MaxUserNS   int      // user.max_user_namespaces; -1: unknown
	AppArmor    bool     // AppArmor restricts unprivileged user namespaces
	ProcCovered bool     // something is mounted over parts of /proc: a new one would be refused
	SysCovered  bool     // the same for /sys
	Mqueue      bool     // POSIX message queues
	Resolver    string   // what the host's /etc/resolv.conf says

	Rootfs RootFacts // of the root directory that the container gets
}

// RootFacts is what a plan needs to know of a root directory.
type RootFacts struct {
	Dir     string   // absolute
	Missing []string // of the mount points a container has, those that are not there
	Links   []string // and those that are symbolic links
	Idmap   bool     // an idmapped mount of it works: as root, tried
	Why     string   // why it does not, if it does not
	Files   []string // of /etc, the regular files that a container has of its own
	Owner   int      // its user id
	Mounts  bool     // other file systems are mounted below it
	Shared  bool     // users other than its owner can search it
}

// HasFile reports whether the root has a regular file of this name.
func (r *RootFacts) HasFile(name string) bool { return slices.Contains(r.Files, name) }

// Native is the architecture the facts are about.
func (f *Facts) Native() sys.Arch {
	if f.Arch == "arm64" {
		return sys.ARM64
	}
	return sys.AMD64
}

// AtLeast reports whether the kernel's version is major.minor or newer.
func (f *Facts) AtLeast(major, minor int) bool {
	a, rest, _ := strings.Cut(f.Kernel, ".")
	b, _, _ := strings.Cut(rest, ".")
	x, _ := strconv.Atoi(a)
	y, _ := strconv.Atoi(strings.TrimRightFunc(b, func(r rune) bool { return r < '0' || r > '9' }))
	return x > major || x == major && y >= minor
}
