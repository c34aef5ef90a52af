package judge_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/mcr/runtime/host"
)

// A sample is a start that strace(1) judges.
type sample struct {
	name  string
	flags []string
	args  []string // the payload; nil is /bin/true
	only  string   // the user it is for; "" is everyone
	plain bool     // it is part of the plain run too

	box     bool                                    // mcr's default root
	before  string                                  // what a shell does before it becomes mcr
	around  string                                  // and before it becomes strace, in a mount namespace of its own; "$ROOT" is where a root is to be mounted
	bare    bool                                    // a copy of the root without some mount points and files
	facts   func(*host.Facts)                       // compiled for other facts, saved, and run from there
	file    func(t *testing.T, dir string) []string // flags that name a file in dir
	foreign bool                                    // root's root directory, for an ordinary user
	groups  bool                                    // the user has a supplementary group
	dies    bool                                    // the payload may die of it, and a Go program does: mcr-box
	killed  bool                                    // mcr is killed while the payload runs
}

// strange is an argv and an environment that no quoting is used to.
var strange = []string{"/bin/true", "", " ", "a\tb\nc\rd\ve\ff", "\x01\x02\x7f\x1b[31m", "\x001"[1:] + "\x017", "\xff\xfe\xc3\x28", "ñ€𝄞", `"quoted" 'too' \n \\`, "$(true) `true` ;|&", "<root>", "*/ /*", strings.Repeat("long ", 2000)}

var corpus = []sample{
	{name: "default", plain: true},
	{name: "box", box: true},
	{name: "rw", flags: []string{"--rw", "--i-know"}, plain: true},
	{name: "rw-bare", flags: []string{"--rw", "--i-know"}, bare: true},
	{name: "read-only", flags: []string{"--read-only"}},
	{name: "chroot", flags: []string{"--root=chroot"}},
	{name: "root-auto", flags: []string{"--root=auto"}},
	{name: "net-host", flags: []string{"--net=host"}, plain: true},
	{name: "pid-host", flags: []string{"--pid=host"}},
	{name: "ipc-host", flags: []string{"--ipc=host"}},
	{name: "uts-host", flags: []string{"--uts=host"}},
	{name: "cgroup-host", flags: []string{"--cgroupns=host"}},
	{name: "time", flags: []string{"--time"}},
	{name: "time-offset", flags: []string{"--time=1000"}},
	{name: "userns-host", flags: []string{"--userns=host"}, only: "root"},
	{name: "userns-host-all-host", flags: []string{"--userns=host", "--net=host", "--pid=host", "--ipc=host"}, only: "root"},
	{name: "userns-identity", flags: []string{"--userns=identity"}, only: "root"},
	{name: "profile-seed", dies: true, flags: []string{"--profile=seed", "--i-know"}},
	{name: "seccomp-docker", flags: []string{"--security-opt", "seccomp=docker"}},
	{name: "seccomp-seed", dies: true, flags: []string{"--security-opt", "seccomp=seed"}},
	{name: "seccomp-unconfined", flags: []string{"--security-opt", "seccomp=unconfined"}},
	{name: "seccomp-file", file: func(t *testing.T, dir string) []string {
		t.Helper()
		file := filepath.Join(dir, "profile.json")
		b, err := os.ReadFile("../../../testdata/profiles/deny_chmod.json")
		if err == nil {
			err = os.WriteFile(file, b, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return []string{"--security-opt", "seccomp=" + file}
	}},
	{name: "search", flags: []string{"-e", "PATH=/nowhere:/etc/passwd:/usr/share:/tmp:/bin:/usr/bin"}, args: []string{"true"}, plain: true},
	{name: "search-past-directory", flags: []string{"-e", "PATH=/nowhere:/trap:/etc/hosts::/:/bin/"}, args: []string{"true"}, bare: true},
	{name: "relative", flags: []string{"-e", "PATH="}, args: []string{"bin/../bin/true"}},
	{name: "cap-add-all", flags: []string{"--cap-add", "ALL"}},
	{name: "cap-drop-all", flags: []string{"--cap-drop", "ALL"}},
	{name: "new-privileges", flags: []string{"--security-opt", "no-new-privs=false", "--cap-add", "SYS_ADMIN"}, only: "ordinary"},
	{name: "workdir", flags: []string{"-w", "/tmp"}},
	{name: "as", dies: true, flags: []string{"--as", "256M"}},
	{name: "ulimit", flags: []string{"--ulimit", "nofile=100:200", "--ulimit", "core=0", "--ulimit", "as=1g", "--ulimit", "cpu=unlimited"}},
	{name: "sizes", flags: []string{"--shm-size", "1m", "--storage-opt", "size=8m", "--pids-limit", "33", "-h", "näme"}},
	{name: "strange", flags: []string{"-e", "A=\x01\x80\"\\", "-e", "B=line\nline", "-e", "WISH"}, args: strange, plain: true},
	{name: "ignored-signals", before: `trap "" HUP INT QUIT USR1 TERM`},
	{name: "groups", groups: true, only: "ordinary"},
	{name: "unshifted", flags: []string{"--rw"}, only: "root", around: overlay},
	{name: "unshifted-overlay", only: "root", around: overlay},
	{name: "foreign-root", foreign: true, only: "ordinary"},
	{name: "legacy-clone", facts: func(f *host.Facts) {
		f.LegacyClone, f.Handled = true, []int{1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}
	}},
	{name: "no-cgroup-namespace", facts: func(f *host.Facts) { f.CgroupNS = false }},
	{name: "older-kernel", facts: func(f *host.Facts) { f.Kernel = "6.1.0" }},
	{name: "no-clock", facts: func(f *host.Facts) { f.Clock = false }},
	{name: "killed", args: []string{"/bin/sleep", "600"}, killed: true, plain: true},
}

// overlay mounts a root that no idmapped mount can be made of: an overlay.
const overlay = `mount -t overlay overlay -o "lowerdir=$EMPTY:$LOWER" "$ROOT"`

// flagsFor are the flags of a sample for one user, and what lies in dir for it.
func (s *sample) flagsFor(t *testing.T, u *user, dir string) []string {
	t.Helper()
	flags := append([]string{}, s.flags...)
	if s.file != nil {
		flags = append(flags, s.file(t, dir)...)
	}
	switch {
	case s.around != "":
		for _, name := range []string{"root", "empty"} {
			if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		flags = append(flags, "--rootfs", filepath.Join(dir, "root"))
	case s.bare:
		root := filepath.Join(dir, "bare")
		if err := u.copyTo(root, u.rootfs); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"run", "tmp", "sys", "etc/hostname"} {
			if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
		}
		// A directory of the program's name: execve(2) answers EACCES there.
		if err := os.MkdirAll(filepath.Join(root, "trap", "true"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, "etc/hosts"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		flags = append(flags, "--rootfs", root)
	}
	if s.foreign {
		flags = append(flags, "--rootfs", users[0].rootfs)
	}
	args := s.args
	if args == nil {
		args = []string{"/bin/true"}
	}
	return append(append(flags, "--"), args...)
}

// argv is the sample's mcr, with the shell before it.
func (s *sample) argv(u *user, verb string, flags ...string) []string {
	argv := u.mcr(verb, flags...)
	if s.box {
		argv = append([]string{filepath.Join(bin, "mcr"), verb}, flags...)
	}
	if s.before != "" {
		argv = append([]string{"/bin/sh", "-c", s.before + `; exec "$@"`, "sh"}, argv...)
	}
	return argv
}

// surround puts the sample's mounts before a command.
func (s *sample) surround(argv []string) []string {
	if s.around == "" {
		return argv
	}
	return append([]string{"unshare", "-m", "/bin/sh", "-c", s.around + ` && exec "$@"`, "sh"}, argv...)
}

// due lists the samples that are the user's, all of them or the plain run's.
func due(u *user, all bool) (list []*sample) {
	for i := range corpus {
		s := &corpus[i]
		if (s.groups || s.foreign) && len(users) == 1 {
			continue // it takes root to make somebody else of oneself
		}
		if (s.only == "" || s.only == u.name) && (all || s.plain) {
			list = append(list, s)
		}
	}
	return list
}
