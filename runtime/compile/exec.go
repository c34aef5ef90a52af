package compile

// Rests on execve(2), close_range(2), seccomp(2), path_resolution(7).

import (
	"encoding/binary"
	"slices"
	"strings"

	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// fds closes the doors: a descriptor leads to the host whatever "/" is. They
// close at execve(2) and not before, so that the parent sees the payload begin.
func (b *builder) fds() error {
	if b.spec.Dir != "" {
		b.do("caps/workdir", plan.Chdir(b.spec.Dir)).Probe = &plan.Probe{File: "cwd", Want: b.spec.Dir}
	}
	b.addressSpace()
	b.do("fds/close_range", plan.CloseRange(3, sys.CLOSE_RANGE_CLOEXEC)).Probe = &plan.Probe{File: "fd", Want: "0 1 2"}
	return nil
}

// seccomp installs the filter. It is last: every call before it need not be
// in the payload's profile, and every call after it must.
func (b *builder) seccomp() error {
	prog, err := b.program()
	if err != nil || prog == nil {
		return err
	}
	b.do("seccomp/filter", plan.InstallFilter(encode(prog))).Probe = &plan.Probe{File: "status", Field: "Seccomp", Want: "2"}
	return nil
}

func (b *builder) program() ([]filter.Insn, error) {
	name := b.spec.Seccomp
	switch {
	case name == "unconfined":
		b.note("note/unconfined")
		return nil, nil
	case b.spec.SeccompOCI != nil:
		p, err := filter.ParseJSON(b.spec.SeccompOCI, b.arch, DefaultCaps, b.facts.Kernel)
		if err != nil {
			return nil, refuse("msg/bad_profile", name, err.Error())
		}
		return filter.Assemble(p)
	case name == "" && b.spec.Profile == seed:
		name = seed
	case name == "":
		name = "default"
	}
	prog, err := filter.Program(name, b.arch)
	if err != nil && slices.Contains(filter.Names(), name) {
		return nil, refuse("msg/bad_profile", name, err.Error()) // not for this architecture
	}
	if err != nil {
		return nil, refuse("msg/unknown_profile", name, strings.Join(filter.Names(), ", ")+", unconfined")
	}
	return prog, nil
}

// encode writes instructions as the kernel has them, struct sock_filter.
func encode(prog []filter.Insn) []byte {
	b := make([]byte, 0, 8*len(prog))
	for _, in := range prog {
		b = binary.NativeEndian.AppendUint16(b, in.Code)
		b = append(b, in.JT, in.JF)
		b = binary.NativeEndian.AppendUint32(b, in.K)
	}
	return b
}

// exec becomes the payload. A name without a slash is tried in each directory
// of PATH; only the last answer is final.
func (b *builder) exec() error {
	name := b.spec.Args[0]
	if strings.Contains(name, "/") {
		b.do("exec/execve", plan.Execve(name, b.spec.Args, b.spec.Env)).Probe = &plan.Probe{File: "exe", Want: name}
		return nil
	}
	dirs := searchPath(b.spec.Env)
	for i, dir := range dirs {
		a := b.do("exec/search", plan.Execve(dir+"/"+name, b.spec.Args, b.spec.Env))
		if i < len(dirs)-1 {
			a.Allow = []sys.Errno{sys.ENOENT, sys.EACCES, sys.ENOTDIR}
		}
	}
	return nil
}

// searchPath is the directories of the payload's own PATH.
func searchPath(env []string) []string {
	path := "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "PATH="); ok {
			path = v
		}
	}
	var dirs []string
	for d := range strings.SplitSeq(path, ":") {
		switch {
		case d == "":
			dirs = append(dirs, ".") // an empty entry is the working directory, environ(7)
		case d != "/":
			dirs = append(dirs, strings.TrimRight(d, "/"))
		default:
			dirs = append(dirs, "")
		}
	}
	return dirs
}
