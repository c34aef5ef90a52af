package host

import (
	"hash/fnv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

func prctlInt(op int, v *int32) error {
	_, _, errno := unix.RawSyscall6(unix.SYS_PRCTL, uintptr(op), uintptr(unsafe.Pointer(v)), 0, 0, 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

// rootFacts looks at a root directory: what is there and what is a link. What
// it says is used for messages and for --rw; the mounts themselves go through
// openat2(2), whatever changes in between.
func rootFacts(dir string) RootFacts {
	r := RootFacts{Dir: dir}
	var st unix.Stat_t
	for _, p := range mountPoints {
		switch err := unix.Lstat(filepath.Join(dir, p), &st); {
		case err != nil:
			r.Missing = append(r.Missing, p)
		case st.Mode&unix.S_IFMT == unix.S_IFLNK:
			r.Links = append(r.Links, p)
		}
	}
	for _, p := range etcFiles {
		if unix.Lstat(filepath.Join(dir, p), &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG {
			r.Files = append(r.Files, p)
		}
	}
	r.Shared = reachable(dir)
	if unix.Stat(dir, &st) == nil {
		r.Owner = int(st.Uid)
	}
	return r
}

// reachable reports whether users other than root can come as far as dir.
func reachable(dir string) bool {
	for d := dir; ; d = filepath.Dir(d) {
		var st unix.Stat_t
		if unix.Stat(d, &st) != nil || st.Mode&0o011 == 0 {
			return false
		}
		if d == "/" || d == "." {
			return true
		}
	}
}

// The ids from which ranges for containers are taken, as systemd-nspawn(1)
// does it: multiples of 65,536 that no distribution gives to users.
const (
	firstRange = 524288
	lastRange  = 1878982656
	rangeSize  = 65536
)

// unusedRange finds 65,536 ids that nobody uses and keeps them for as long as
// this process lives: by a name in the abstract namespace of unix(7), which
// the kernel takes back by itself. 0: there is none.
func unusedRange() int {
	const n = (lastRange - firstRange) / rangeSize
	taken := reserved()
	h := fnv.New32a()
	_, _ = h.Write([]byte(strconv.Itoa(os.Getpid()))) // a hash.Hash never fails
	for i := range 512 {
		first := firstRange + (int(h.Sum32()%n)+i)%n*rangeSize
		if overlaps(taken, first) || !claim(first) {
			continue
		}
		return first
	}
	return 0
}

func claim(first int) bool {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	if unix.Bind(fd, &unix.SockaddrUnix{Name: "@mcr/ids/" + strconv.Itoa(first)}) != nil {
		_ = unix.Close(fd) // somebody else has the name
		return false
	}
	return true // the descriptor stays open: it is the claim
}

// reserved is the ids that files of the host give away: ranges of subuid(5)
// and subgid(5), and single ids of passwd(5) and group(5).
func reserved() (taken [][2]int) {
	for _, in := range []struct {
		file  string
		field int
	}{{"/etc/subuid", 1}, {"/etc/subgid", 1}, {"/etc/passwd", 2}, {"/etc/group", 2}} {
		for line := range strings.Lines(read(in.file)) {
			_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
			id, rest, _ := strings.Cut(rest, ":")
			if in.field == 2 {
				id, _, _ = strings.Cut(rest, ":")
			}
			first, err := strconv.Atoi(id)
			if err != nil || first < firstRange && in.field == 2 {
				continue
			}
			count := 1
			if in.field == 1 {
				count, _ = strconv.Atoi(rest)
			}
			taken = append(taken, [2]int{first, first + count})
		}
	}
	return taken
}

func overlaps(taken [][2]int, first int) bool {
	for _, t := range taken {
		if first < t[1] && t[0] < first+rangeSize {
			return true
		}
	}
	return false
}
