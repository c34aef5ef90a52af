//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// programs are all that take part: the floor, ours, and the peers with the
// same namespaces, mounts and privileges. Each is tried once before.
func (w *workdir) programs(only, beside string) ([]*program, error) {
	run := []string{w.mcr, "run", "--rootfs", w.root}
	progs := []*program{
		{name: "floor", argv: []string{w.floor}},
		{name: "mcr", argv: append(slices.Clone(run), "/bin/true")},
		{name: "mcr --rw", argv: append(slices.Clone(run), "--rw", "--i-know", "/bin/true")},
		{name: "mcr --trace", argv: append(slices.Clone(run), "--trace", "-o", os.DevNull, "/bin/true")},
	}
	for _, file := range strings.FieldsFunc(beside, func(r rune) bool { return r == ',' }) {
		progs = append(progs, &program{name: "mcr: " + file, argv: append([]string{file}, append(slices.Clone(run[1:]), "/bin/true")...)})
	}
	bwrap, err := w.bubblewrap()
	if err != nil {
		return nil, err
	}
	progs = append(progs, bwrap)
	for _, name := range []string{"crun", "runc"} {
		p, err := w.oci(name)
		if err != nil {
			return nil, err
		}
		progs = append(progs, p)
	}
	if only != "" {
		progs = slices.DeleteFunc(progs, func(p *program) bool {
			return p.name != "floor" && !strings.HasPrefix(p.name, "mcr: ") && !slices.Contains(strings.Split(only, ","), p.name)
		})
	}
	for _, p := range progs {
		p.env = os.Environ()
		if p.why == "" {
			p.why = p.try()
		}
	}
	return progs, nil
}

// try runs a program once and answers what it complains of.
func (p *program) try() string {
	if !filepath.IsAbs(p.argv[0]) {
		file, err := exec.LookPath(p.argv[0])
		if err != nil {
			return err.Error()
		}
		p.argv[0] = file
	}
	c := exec.Command(p.argv[0], p.argv[1:]...)
	c.ExtraFiles = p.fds
	text, err := c.CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%v: %s", err, strings.TrimSpace(string(text)))
	}
	return ""
}

// filter is the plan's seccomp program, as the kernel has it.
func (w *workdir) filter() []byte {
	for i := range w.plan.Inside {
		if c := w.plan.Inside[i].Call; c.Sys == sys.Seccomp {
			for _, f := range c.Args[2].(plan.Struct).Fields {
				if b, ok := f.Val.(plan.Bytes); ok {
					return []byte(b)
				}
			}
		}
	}
	return nil
}

// bubblewrap is bwrap(1). It has no overlay in 0.8, so the root is bound; it
// mounts no sysfs, so the host's is bound.
func (w *workdir) bubblewrap() (*program, error) {
	fd, err := unix.MemfdCreate("filter", 0)
	if err != nil {
		return nil, err
	}
	filter := os.NewFile(uintptr(fd), "filter")
	if _, err := filter.Write(w.filter()); err != nil {
		return nil, err
	}
	if _, err := filter.Seek(0, 0); err != nil {
		return nil, err
	}
	argv := []string{
		"bwrap", "--unshare-all", "--unshare-user", "--uid", "0", "--gid", "0", "--hostname", "mcr", "--as-pid-1", "--new-session", "--die-with-parent",
		"--bind", w.root, "/", "--proc", "/proc", "--ro-bind", "/sys", "/sys", "--dev", "/dev", "--tmpfs", "/dev/shm", "--mqueue", "/dev/mqueue",
		"--tmpfs", "/run", "--tmpfs", "/tmp",
	}
	for _, name := range etcFiles {
		argv = append(argv, "--bind", w.etc(name), "/etc/"+name)
	}
	f := &w.plan.Facts
	for _, m := range f.Masked {
		if slices.Contains(f.MaskedDirs, m) {
			argv = append(argv, "--tmpfs", m, "--remount-ro", m)
		} else {
			argv = append(argv, "--ro-bind", os.DevNull, m)
		}
	}
	for _, r := range f.ReadOnly {
		argv = append(argv, "--ro-bind", r, r)
	}
	argv = append(argv, "--cap-drop", "ALL")
	for _, c := range capabilities {
		argv = append(argv, "--cap-add", c)
	}
	argv = append(argv, "--clearenv", "--setenv", "PATH", "/bin", "--chdir", "/", "--seccomp", "3", "--", "/bin/true")
	return &program{name: "bwrap", argv: argv, fds: []*os.File{filter}}, nil
}
