package filter_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/sys"
)

// libseccomp compiles the helper, or skips the test.
func libseccomp(t *testing.T) (helper string) {
	t.Helper()
	if runtime.GOOS != "linux" || sys.NativeArch().String() != runtime.GOARCH {
		t.Skip("libseccomp builds a filter for the native architecture of Linux")
	}
	helper = filepath.Join(t.TempDir(), "libseccomp_load")
	out, err := exec.Command("gcc", "-O2", "-Wall", "-o", helper, "testdata/libseccomp_load.c", "-lseccomp").CombinedOutput()
	if err != nil {
		t.Skipf("gcc -lseccomp: %v\n%s", err, out)
	}
	return helper
}

// export returns libseccomp's program for a profile whose rules for one call are
// either one without conditions, or all with conditions.
func export(t *testing.T, helper string, p *filter.Profile) []filter.Insn {
	t.Helper()
	var in strings.Builder
	fmt.Fprintln(&in, uint32(p.Default))
	for _, r := range p.Rules {
		nrs := append([]uint32(nil), r.Nrs...)
		for _, name := range r.Names {
			nr, _ := p.Arch.Number(name)
			nrs = append(nrs, uint32(nr))
		}
		for _, nr := range nrs {
			fmt.Fprintln(&in, nr, uint32(r.Action), len(r.Args))
			for _, c := range r.Args {
				fmt.Fprintln(&in, c.Index, uint8(c.Op), c.Value, c.ValueTwo) // enum scmp_compare has our order
			}
		}
	}
	cmd := exec.Command(helper, "export")
	cmd.Stdin = strings.NewReader(in.String())
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("libseccomp: %v\n%s", err, errs.String())
	}
	prog := make([]filter.Insn, len(out)/8)
	if _, err := binary.Decode(out, binary.LittleEndian, prog); err != nil {
		t.Fatal(err)
	}
	if err := filter.Validate(prog); err != nil {
		t.Fatal(err)
	}
	return prog
}

// plain returns a built-in profile as libseccomp can say it, where no rule
// follows another for the same call: the argument rules as moby has them.
func plain(t *testing.T, name string) *filter.Profile {
	t.Helper()
	full, err := filter.Builtin(name, sys.NativeArch())
	if err != nil {
		t.Skip(err)
	}
	p := *full
	p.Rules = nil
	split := map[string]bool{}
	for _, r := range full.Rules {
		if len(r.Args) > 0 {
			split[r.Names[0]] = true
		}
	}
	for _, r := range full.Rules {
		if !split[r.Names[0]] && r.Action != p.Default {
			p.Rules = append(p.Rules, r)
		}
	}
	if name == "seed" {
		return &p
	}
	one := func(name string, args ...filter.Cond) {
		p.Rules = append(p.Rules, filter.Rule{Names: []string{name}, Action: filter.Allow, Args: args})
	}
	one("clone", filter.Cond{Index: 0, Op: filter.MaskedEQ, Value: 0x7e020000})
	one("socket", filter.Cond{Index: 0, Op: filter.NE, Value: 40})
	one("ioctl")
	for _, v := range []uint64{0, 8, 0x20000, 0x20008, 0xffffffff} {
		one("personality", filter.Cond{Index: 0, Op: filter.EQ, Value: v})
	}
	return &p
}

func TestSameAsLibseccomp(t *testing.T) {
	helper := libseccomp(t)
	profiles := map[string]*filter.Profile{}
	for _, name := range filter.Names() {
		profiles[name] = plain(t, name)
	}
	for op := filter.NE; op <= filter.MaskedEQ; op++ {
		for _, v := range []uint64{1, 0xffffffff, 1 << 32, 0x100000001, 1<<63 | 1<<31} {
			profiles[fmt.Sprintf("%s %#x", op, v)] = &filter.Profile{
				Arch: sys.NativeArch(), Default: filter.KillProcess, Above: filter.KillProcess,
				Rules: []filter.Rule{{
					Names: []string{"sendto"}, Action: filter.Allow,
					Args: []filter.Cond{{Index: 2, Op: op, Value: v, ValueTwo: v &^ 1}, {Index: 5, Op: filter.GE, Value: v}},
				}},
			}
		}
	}
	for name, p := range profiles {
		t.Run(name, func(t *testing.T) {
			ours, err := filter.Assemble(p)
			if err != nil {
				t.Fatal(err)
			}
			other := export(t, helper, p)
			t.Logf("%d instructions, libseccomp %d", len(ours), len(other))
			same := func(d filter.Data) {
				t.Helper()
				got, _ := filter.Run(ours, d)
				want, _ := filter.Run(other, d)
				if got != want {
					t.Errorf("nr %d args %#x: %s, libseccomp %s", d.Nr, d.Args, filter.Action(got), filter.Action(want))
				}
			}
			for nr := range p.Arch.MaxNr() + 1 {
				same(filter.Data{Nr: int32(nr), Arch: p.Arch.AuditArch()})
			}
			for _, r := range p.Rules {
				for _, v := range edges(p) {
					for _, c := range r.Args {
						nr, _ := p.Arch.Number(r.Names[0])
						d := filter.Data{Nr: int32(nr), Arch: p.Arch.AuditArch()}
						for i := range d.Args {
							d.Args[i] = 1<<64 - 1
						}
						d.Args[c.Index] = v
						same(d)
					}
				}
			}
		})
	}
}

// TestLoadTime prints how long seccomp(2) takes for our program, as a ratio to
// libseccomp's tree for the same rules.
func TestLoadTime(t *testing.T) {
	if os.Getenv("MCR_BENCH") == "" {
		t.Skip("a measurement: MCR_BENCH=1 go test -run TestLoadTime -v ./runtime/filter")
	}
	helper := libseccomp(t)
	for _, name := range filter.Names() {
		p := plain(t, name)
		same, err := filter.Assemble(p)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := filter.Program(name, sys.NativeArch())
		if err != nil {
			t.Fatal(err)
		}
		other := export(t, helper, p)
		compareLoad(t, helper, name+", the same rules", same, other)
		compareLoad(t, helper, name+", all our rules", whole, other)
	}
}

func compareLoad(t *testing.T, helper, name string, ours, other []filter.Insn) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string, prog []filter.Insn) string {
		b, err := binary.Append(nil, binary.LittleEndian, prog)
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	out, err := exec.Command(helper, "time", "1000", file("ours", ours), file("other", other)).Output()
	if err != nil {
		t.Fatal(err)
	}
	var cpu, wall [2]float64
	if _, err := fmt.Sscan(string(out), &cpu[0], &wall[0], &cpu[1], &wall[1]); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("%s: %d instructions against %d; processor time %.2f of libseccomp's (%.1f, %.1f µs), clock %.2f",
		name, len(ours), len(other), cpu[0]/cpu[1], cpu[0]/1000, cpu[1]/1000, wall[0]/wall[1])
	if cpu[0] > cpu[1] {
		t.Errorf("%s: slower to load than libseccomp's", name)
	}
}
