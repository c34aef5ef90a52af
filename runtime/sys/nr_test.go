package sys_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/elastic/go-seccomp-bpf/arch"

	"example.org/mcr/runtime/sys"
)

var arches = []sys.Arch{sys.AMD64, sys.ARM64}

func TestNumberName(t *testing.T) {
	for _, a := range arches {
		t.Run(a.String(), func(t *testing.T) {
			all := a.All()
			if !slices.IsSortedFunc(all, func(x, y sys.NrName) int { return x.Nr - y.Nr }) {
				t.Error("All is not in the order of the numbers")
			}
			for _, c := range all {
				if nr, ok := a.Number(c.Name); !ok || nr != c.Nr {
					t.Errorf("Number(%q) = %d, %t, want %d", c.Name, nr, ok, c.Nr)
				}
				if name, ok := a.Name(c.Nr); !ok || name != c.Name {
					t.Errorf("Name(%d) = %q, %t, want %q", c.Nr, name, ok, c.Name)
				}
			}
			if got := all[len(all)-1].Nr; got != a.MaxNr() {
				t.Errorf("MaxNr() = %d, want %d", a.MaxNr(), got)
			}
			for _, name := range []string{"", "READ", "zzz", "arch_specific_syscall"} {
				if nr, ok := a.Number(name); ok {
					t.Errorf("Number(%q) = %d, want none", name, nr)
				}
			}
			for _, nr := range []int{-1, a.MaxNr() + 1, 0x40000000} {
				if name, ok := a.Name(nr); ok {
					t.Errorf("Name(%d) = %q, want none", nr, name)
				}
			}
		})
	}
}

// The numbers are the kernel's ABI: another table of them must agree.
func TestNumbersAgree(t *testing.T) {
	for _, a := range arches {
		other, err := arch.GetInfo(a.String())
		if err != nil {
			t.Fatal(err)
		}
		if uint32(other.ID) != a.AuditArch() {
			t.Errorf("%s: AuditArch() = %#x, want %#x", a, a.AuditArch(), other.ID)
		}
		shared := 0
		for _, c := range a.All() {
			nr, ok := other.SyscallNames[c.Name]
			if !ok {
				continue
			}
			shared++
			if nr != c.Nr {
				t.Errorf("%s: %s = %d, want %d", a, c.Name, c.Nr, nr)
			}
		}
		if shared < 300 {
			t.Errorf("%s: only %d names in common", a, shared)
		}
	}
}

// The tables must cost nothing at the start of a program. They are built alone,
// in a module of their own: the rest of the package answers for itself.
func TestNoInit(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"nr.go", "zz_nr_amd64_table.go", "zz_nr_arm64_table.go"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write("sys/"+name, string(b))
	}
	write("go.mod", "module example.org/probe\n\ngo 1.26\n")
	write("probe.go", `package main

import "example.org/probe/sys"

func main() { println(sys.NativeArch().Number("read")) }
`)
	build := exec.Command("go", "build", "-o", "probe", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	probe := exec.Command(filepath.Join(dir, "probe"))
	probe.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := probe.CombinedOutput()
	if err != nil {
		t.Fatalf("probe: %v\n%s", err, out)
	}
	if !strings.Contains(string(out), "init runtime @") {
		t.Fatalf("inittrace=1 printed nothing:\n%s", out)
	}
	if strings.Contains(string(out), "probe/sys @") {
		t.Errorf("the tables have an initialiser:\n%s", out)
	}
}
