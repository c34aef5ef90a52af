package filter_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/sys"
)

func TestProgramIsUpToDate(t *testing.T) {
	for _, name := range filter.Names() {
		for _, arch := range []sys.Arch{sys.AMD64, sys.ARM64} {
			p, err := filter.Builtin(name, arch)
			if err != nil {
				continue
			}
			want, err := filter.Assemble(p)
			if err != nil {
				t.Fatal(err)
			}
			got, err := filter.Program(name, arch)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s for %s is stale: run go generate ./runtime/filter", name, arch)
			}
		}
	}
}

func TestBuiltinUnknown(t *testing.T) {
	_, err := filter.Program("podman", sys.AMD64)
	if err == nil || !strings.Contains(err.Error(), "default, docker, seed") {
		t.Errorf("Program(podman): %v, want the names there are", err)
	}
	if _, err := filter.Builtin("seed", sys.ARM64); err == nil {
		t.Error("Builtin(seed, arm64): no error")
	}
}

func TestSeedHas133(t *testing.T) {
	prog, err := filter.Program("seed", sys.AMD64)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range sys.AMD64.All() {
		v, _ := filter.Run(prog, filter.Data{Nr: int32(c.Nr), Arch: sys.AMD64.AuditArch()})
		switch filter.Action(v) {
		case filter.Allow:
			n++
		case filter.KillThread:
		default:
			t.Errorf("%s: %s", c.Name, filter.Action(v))
		}
	}
	if n != 133 {
		t.Errorf("%d calls allowed, want 133", n)
	}
}

// Every row of the table decides for its call, and has a reason.
func TestExceptions(t *testing.T) {
	p, err := filter.Builtin("default", sys.AMD64)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Unknown) != 0 {
		t.Errorf("names that amd64 does not have: %v", p.Unknown)
	}
	for _, e := range filter.Exceptions() {
		if e.Reason == "" || strings.HasSuffix(e.Reason, ".") {
			t.Errorf("%s: reason %q", e.Name, e.Reason)
		}
		rules := p.For(e.Name)
		i := slices.IndexFunc(rules, func(r filter.Rule) bool { return r.Why == e.Reason })
		if i < 0 || rules[i].Action != e.Verdict() {
			t.Errorf("%s: no rule says %s", e.Name, e.Verdict())
		}
		if last := rules[len(rules)-1]; len(last.Args) != 0 {
			t.Errorf("%s: the last row has conditions, so the default would decide", e.Name)
		}
		for _, r := range rules {
			if r.Why == "ordinary programs make it" {
				t.Errorf("%s is allowed and an exception", e.Name)
			}
		}
	}
}

func TestDefaultVerdicts(t *testing.T) {
	const hi = 1 << 32
	eperm, enosys := filter.Errno|filter.EPERM, filter.Errno|filter.ENOSYS
	tests := []struct {
		name string
		args [6]uint64
		want filter.Action
	}{
		{"read", [6]uint64{}, filter.Allow},
		{"chroot", [6]uint64{}, filter.Allow},
		{"ptrace", [6]uint64{}, filter.Allow},
		{"capset", [6]uint64{}, filter.Allow},
		{"reboot", [6]uint64{}, filter.KillProcess},
		{"sethostname", [6]uint64{}, filter.KillProcess},
		{"clone", [6]uint64{0x3d0f00}, filter.Allow},
		{"clone", [6]uint64{0x10000000 | 17}, eperm},
		{"clone", [6]uint64{hi | 0x10000000 | 17}, eperm},
		{"clone3", [6]uint64{}, enosys},
		{"unshare", [6]uint64{0x10000000}, eperm},
		{"unshare", [6]uint64{0x80}, eperm},
		{"unshare", [6]uint64{0x600}, filter.Allow},
		{"ioctl", [6]uint64{0, 0x5412}, eperm},
		{"ioctl", [6]uint64{0, hi | 0x5412}, eperm},
		{"ioctl", [6]uint64{0, 0xffffffff00005412}, eperm},
		{"ioctl", [6]uint64{0, 0x541c}, eperm},
		{"ioctl", [6]uint64{0, 0x5413}, filter.Allow},
		{"socket", [6]uint64{40}, eperm},
		{"socket", [6]uint64{hi | 40}, eperm},
		{"socket", [6]uint64{2}, filter.Allow},
		{"personality", [6]uint64{0}, filter.Allow},
		{"personality", [6]uint64{0x20008}, filter.Allow},
		{"personality", [6]uint64{0xffffffff}, filter.Allow},
		{"personality", [6]uint64{0x40000}, eperm},
		{"personality", [6]uint64{hi | 0x40000}, eperm},
		{"mount", [6]uint64{}, eperm},
		{"io_uring_setup", [6]uint64{}, enosys},
		{"statmount", [6]uint64{}, enosys},
		{"fchmodat2", [6]uint64{}, filter.Allow},
	}
	for _, arch := range []sys.Arch{sys.AMD64, sys.ARM64} {
		prog, err := filter.Program("default", arch)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range tests {
			nr, _ := arch.Number(tt.name)
			v, _ := filter.Run(prog, filter.Data{Nr: int32(nr), Arch: arch.AuditArch(), Args: tt.args})
			if filter.Action(v) != tt.want {
				t.Errorf("%s: %s(%#x): %s, want %s", arch, tt.name, tt.args[:2], filter.Action(v), tt.want)
			}
		}
	}
}

func TestActionString(t *testing.T) {
	tests := []struct {
		a    filter.Action
		want string
	}{
		{filter.KillProcess, "SECCOMP_RET_KILL_PROCESS"},
		{filter.KillThread, "SECCOMP_RET_KILL_THREAD"},
		{filter.Errno | filter.EPERM, "SECCOMP_RET_ERRNO|0x1"},
		{filter.Errno | filter.ENOSYS, "SECCOMP_RET_ERRNO|0x26"},
		{filter.Allow, "SECCOMP_RET_ALLOW"},
		{0x12345678, "0x12345678"},
	}
	for _, tt := range tests {
		if got := tt.a.String(); got != tt.want {
			t.Errorf("%#x: %s, want %s", uint32(tt.a), got, tt.want)
		}
	}
}

// Importing the package must cost nothing at the start of a program.
func TestNoInit(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "probe.go")
	text := `package main

import (
	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/sys"
)

func main() {
	prog, _ := filter.Program("default", sys.NativeArch())
	p, _ := filter.ParseJSON(nil, sys.AMD64, nil, "")
	println(len(prog), p, len(filter.Exceptions()))
}
`
	if err := os.WriteFile(src, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "probe")
	if out, err := exec.Command("go", "build", "-o", bin, src).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	probe := exec.Command(bin)
	probe.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := probe.CombinedOutput()
	if err != nil {
		t.Fatalf("probe: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "init runtime @") {
		t.Fatalf("inittrace=1 printed nothing:\n%s", out)
	}
	if strings.Contains(string(out), "runtime/filter @") {
		t.Errorf("package filter has an initialiser:\n%s", out)
	}
}
