package filter

import (
	"fmt"
	"math"
	"strings"

	"example.org/mcr/runtime/sys"
)

// The flags of seccomp(2) that a profile may ask for.
const (
	FlagTSync     = 1 << 0 // SECCOMP_FILTER_FLAG_TSYNC
	FlagLog       = 1 << 1 // SECCOMP_FILTER_FLAG_LOG, Linux 4.14
	FlagSpecAllow = 1 << 2 // SECCOMP_FILTER_FLAG_SPEC_ALLOW, Linux 4.17
)

// ParseJSON reads a profile in docker's format, or in OCI's, which is a part of
// it. The capabilities are those the container keeps, and kernel is a release
// such as "6.1.0-13-amd64", "" for any: docker's includes and excludes ask.
//
// What runc and libseccomp do with a profile is done here as well: a name that
// the architecture does not have is left out (see Unknown), a rule without
// conditions goes before those with, a rule that repeats the default is dropped,
// two conditions on one argument are alternatives, and numbers above the highest
// known answer ENOSYS unless the default lets calls run. Calls of the x32 ABI
// answer ENOSYS. Only the native architecture is let in, whatever the profile's
// list says.
func ParseJSON(src []byte, arch sys.Arch, caps []string, kernel string) (*Profile, error) {
	have, err := parseRelease(kernel)
	if err != nil {
		return nil, fmt.Errorf("seccomp profile: kernel release: %w", err)
	}
	in := input{reader: newReader(src), host: conditions{arch: arch, kernel: have}}
	for _, c := range caps {
		in.host.caps = append(in.host.caps, capName(c))
	}
	if err := in.profile(); err != nil {
		return nil, fmt.Errorf("seccomp profile: %w", err)
	}
	return in.build(), nil
}

// An input is a profile as it is being read.
type input struct {
	*reader
	host   conditions
	action string
	errno  retValue
	flags  uint32
	rules  []Rule
}

// profile reads the outer object.
func (in *input) profile() error {
	err := in.object("", func(key, path string) (bool, error) {
		switch key {
		case "defaultAction":
			return true, in.actionName(path, &in.action)
		case "defaultErrnoRet":
			in.errno.given = true
			return true, in.number(path, math.MaxUint16, &in.errno.value)
		case "defaultErrno":
			return true, in.text(path, &in.errno.name)
		case "architectures":
			return true, in.list(path, in.archName)
		case "archMap":
			return true, in.list(path, in.archMap)
		case "flags":
			return true, in.list(path, in.flag)
		case "listenerPath", "listenerMetadata":
			return true, in.listener(path)
		case "syscalls":
			return true, in.list(path, in.syscall)
		}
		return false, nil
	})
	if err == nil {
		err = in.end()
	}
	if err == nil && in.action == "" {
		err = in.fail("defaultAction", "missing")
	}
	if err == nil {
		err = in.resolve("defaultErrno", &in.errno)
	}
	return err
}

func (in *input) archMap(path string) error {
	return in.object(path, func(key, path string) (bool, error) {
		switch key {
		case "architecture":
			return true, in.archName(path)
		case "subArchitectures":
			return true, in.list(path, in.archName)
		}
		return false, nil
	})
}

// archName reads the name of an architecture. It must be one; which, is nothing
// to us: a profile serves many machines.
func (in *input) archName(path string) error {
	var s string
	if err := in.text(path, &s); err != nil {
		return err
	}
	if !strings.HasPrefix(s, "SCMP_ARCH_") {
		return in.fail(path, "%q is not an architecture: SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64, ...", s)
	}
	return nil
}

func (in *input) flag(path string) error {
	var s string
	if err := in.text(path, &s); err != nil {
		return err
	}
	switch s {
	case "SECCOMP_FILTER_FLAG_TSYNC":
		in.flags |= FlagTSync
	case "SECCOMP_FILTER_FLAG_LOG":
		in.flags |= FlagLog
	case "SECCOMP_FILTER_FLAG_SPEC_ALLOW":
		in.flags |= FlagSpecAllow
	default:
		return in.fail(path, "%q is not a flag for a filter without a listener", s)
	}
	return nil
}

func (in *input) listener(path string) error {
	var s string
	if err := in.text(path, &s); err != nil {
		return err
	}
	if s != "" {
		return in.fail(path, "a listener is not supported: it serves SCMP_ACT_NOTIFY")
	}
	return nil
}

// build makes the profile of what was read.
func (in *input) build() *Profile {
	p := &Profile{Name: "json", Arch: in.host.arch, Flags: in.flags}
	p.Default = verdict(in.action, in.errno)
	p.Above, p.X32 = Errno|ENOSYS, Errno|ENOSYS
	if k := p.Default.Kind(); k == Allow || k == Log || k == Trace {
		p.Above = p.Default
	}
	for _, always := range []bool{true, false} {
		for _, r := range in.rules {
			if always == (len(r.Args) == 0) && r.Action != p.Default {
				p.rule(r)
			}
		}
	}
	return p
}

// conditions are what includes and excludes ask about.
type conditions struct {
	arch   sys.Arch
	caps   []string
	kernel release
}

// A release is the start of a kernel's version; zero stands for any.
type release struct{ major, minor int }

func (r release) before(s release) bool {
	return r != release{} && (r.major < s.major || r.major == s.major && r.minor < s.minor)
}

func parseRelease(s string) (release, error) {
	var r release
	if s == "" {
		return r, nil
	}
	if n, _ := fmt.Sscanf(s, "%d.%d", &r.major, &r.minor); n != 2 || r.major < 0 || r.minor < 0 {
		return release{}, fmt.Errorf("%q does not start with two numbers, such as 6.1", s)
	}
	return r, nil
}

// capName returns a capability's name as capabilities(7) has it.
func capName(s string) string {
	s = strings.ToUpper(s)
	if !strings.HasPrefix(s, "CAP_") {
		s = "CAP_" + s
	}
	return s
}
