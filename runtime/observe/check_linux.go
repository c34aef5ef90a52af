package observe

// Rests on proc(5), openat2(2), pid_namespaces(7).

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A Probe names a fact about a process: a file below /proc/PID, a field of it,
// and the value that is wanted: {"status", "NoNewPrivs", "1"}.
//
//	status       a key; of a line with a number for each PID namespace, the innermost
//	limits       a resource, RLIMIT_NOFILE; its soft limit, as 1024, 8*1024 or RLIM64_INFINITY
//	mountinfo    a mount point, and the type of what is seen there; without a field: the only "/"
//	uid_map      and gid_map, setgroups, oom_score_adj: the text, whatever its spaces
//	cwd, exe     a path inside; what counts is that the same file is there
//	fd           the numbers that are open
//	net/dev      an interface
type Probe struct{ File, Field, Want string }

// A Finding is what was seen.
type Finding struct {
	OK  bool
	Got string // in the words of the Probe's Want
}

// ErrProbe is the error of a Probe that asks for something unknown.
var ErrProbe = errors.New("no such probe")

// Check looks whether a fact holds. An error says that it could not be seen.
func Check(pid int, p Probe) (Finding, error) {
	switch p.File {
	case "status":
		return checkStatus(pid, p)
	case "limits":
		return checkLimit(pid, p)
	case "mountinfo":
		return checkMount(pid, p)
	case "setgroups", "uid_map", "gid_map", "oom_score_adj":
		text, err := os.ReadFile(name(pid, p.File))
		return equal(words(string(text)), words(p.Want), err)
	case "cwd":
		return checkCwd(pid, p)
	case "exe":
		return checkExe(pid, p)
	case "fd":
		fds, err := FDs(pid)
		var all []string
		for _, n := range slices.Sorted(maps.Keys(fds)) {
			all = append(all, strconv.Itoa(n))
		}
		return equal(strings.Join(all, " "), p.Want, err)
	case "net/dev":
		return checkInterface(pid, p)
	}
	return Finding{}, fmt.Errorf("%w: /proc/PID/%s", ErrProbe, p.File)
}

func words(s string) string { return strings.Join(strings.Fields(s), " ") }

func equal(got, want string, err error) (Finding, error) {
	return Finding{OK: err == nil && got == want, Got: got}, err
}

func checkStatus(pid int, p Probe) (Finding, error) {
	all, err := Status(pid)
	if err != nil {
		return Finding{}, err
	}
	got, ok := all[p.Field]
	if !ok {
		return Finding{}, fmt.Errorf("%w: %s in /proc/PID/status", ErrProbe, p.Field)
	}
	if f := strings.Fields(got); strings.HasPrefix(p.Field, "NS") && len(f) > 0 {
		got = f[len(f)-1]
	}
	return equal(got, p.Want, nil)
}

func checkLimit(pid int, p Probe) (Finding, error) {
	all, err := Limits(pid)
	if err != nil {
		return Finding{}, err
	}
	l, ok := all[p.Field]
	if !ok {
		return Finding{}, fmt.Errorf("%w: %s in /proc/PID/limits", ErrProbe, p.Field)
	}
	got, want := l.Soft, p.Want
	if want == "RLIM64_INFINITY" {
		want = "unlimited"
	}
	if n, ok := strings.CutSuffix(want, "*1024"); ok {
		if k, err := strconv.ParseUint(n, 10, 54); err == nil {
			want = strconv.FormatUint(k*1024, 10)
		}
	}
	return equal(got, want, nil)
}

// checkMount looks for a mount, or with no mount point that "/" is one mount
// and no more: an old root that is still there lies over or under the new one.
func checkMount(pid int, p Probe) (Finding, error) {
	all, err := Mounts(pid)
	if err != nil {
		return Finding{}, err
	}
	if p.Field == "" {
		var roots []string
		for i := range all {
			if all[i].Point == p.Want {
				roots = append(roots, all[i].Point)
			}
		}
		return equal(strings.Join(roots, " "), p.Want, nil)
	}
	m := At(all, p.Field)
	if m == nil {
		return Finding{}, nil
	}
	return equal(m.Type, p.Want, nil)
}

// checkCwd compares files: a working directory that leads out of the container
// has the name "/" too.
func checkCwd(pid int, p Probe) (Finding, error) {
	got, err := Cwd(pid)
	if err != nil {
		return Finding{}, err
	}
	same, err := sameFile(pid, "cwd", p.Want)
	if err == nil && !same && got == p.Want {
		got += " (of another root)"
	}
	return Finding{OK: same, Got: got}, err
}

// checkExe compares files, for the name may be a link; of a script it is the
// interpreter that runs.
func checkExe(pid int, p Probe) (Finding, error) {
	got, err := Exe(pid)
	if err != nil {
		return Finding{}, err
	}
	same, err := sameFile(pid, "exe", p.Want)
	if err != nil || same {
		return Finding{OK: same, Got: got}, err
	}
	if by := interpreter(pid, p.Want); by != "" {
		same, err = sameFile(pid, "exe", by)
	}
	return Finding{OK: same, Got: got}, err
}

// sameFile reports whether a link below /proc/PID leads to the file that the
// process itself would find under a path.
func sameFile(pid int, link, path string) (bool, error) {
	var a, b unix.Stat_t
	if err := unix.Stat(name(pid, link), &a); err != nil {
		return false, &os.PathError{Op: "stat", Path: name(pid, link), Err: err}
	}
	fd, err := inside(pid, path, unix.O_PATH)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	if err := unix.Fstat(fd, &b); err != nil {
		return false, err
	}
	return a.Dev == b.Dev && a.Ino == b.Ino, nil
}

// inside opens a path as a process would find it: absolute links, "..", and
// what is mounted there are its own. A relative path starts at its working
// directory.
func inside(pid int, path string, flags uint64) (int, error) {
	from, how := "root", &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT}
	if !strings.HasPrefix(path, "/") {
		from, how.Resolve = "cwd", unix.RESOLVE_BENEATH
	}
	dir, err := unix.Open(name(pid, from), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: name(pid, from), Err: err}
	}
	defer unix.Close(dir) //nolint:errcheck // nothing was written
	for range 100 {
		// EAGAIN: something was mounted or renamed meanwhile, anywhere.
		fd, err := unix.Openat2(dir, path, how)
		if err == nil {
			return fd, nil
		}
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			return -1, &os.PathError{Op: "openat2", Path: path, Err: err}
		}
	}
	return -1, &os.PathError{Op: "openat2", Path: path, Err: unix.EAGAIN}
}

// interpreter is the program that execve(2) starts for a script; "" if the
// file is none or cannot be read.
func interpreter(pid int, path string) string {
	fd, err := inside(pid, path, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return ""
	}
	defer unix.Close(fd) //nolint:errcheck // nothing was written
	buf := make([]byte, 256)
	n, err := unix.Read(fd, buf)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(buf[:max(n, 0)]), "\n")
	if f := strings.Fields(strings.TrimPrefix(line, "#!")); strings.HasPrefix(line, "#!") && len(f) > 0 {
		return f[0]
	}
	return ""
}

// checkInterface looks for a network interface.
func checkInterface(pid int, p Probe) (Finding, error) {
	text, err := os.ReadFile(name(pid, "net/dev"))
	if err != nil {
		return Finding{}, err
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		if name, _, ok := strings.Cut(line, ":"); ok {
			all = append(all, strings.TrimSpace(name))
		}
	}
	return Finding{OK: slices.Contains(all, p.Field), Got: strings.Join(all, " ")}, nil
}
