package judge_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/plan"
)

// most is how many calls a start may have by default.
const most = 260

// A default start is short, and its phases stand in their order.
func TestShapeOfTheDefaultPlan(t *testing.T) {
	for _, u := range users {
		t.Run(u.name, func(t *testing.T) {
			p := planOf(t, output(t, u.command(u.mcr("plan", "--json", "--", "/bin/true")...)))
			t.Logf("%s: %d calls inside, %d of the parent, %d of the watcher", u.name, len(p.Inside), len(p.Host), len(p.After))
			if len(p.Inside) > most {
				t.Errorf("%d calls inside, at most %d", len(p.Inside), most)
			}
			last := plan.Start
			for i := range p.Inside {
				why := p.Inside[i].Why
				if why == "limits/as" {
					continue // it stands late, and has a rule of its own
				}
				ph := why.Phase()
				if ph < last || ph > plan.Exec {
					t.Errorf("action %d, %s, comes after phase %s", i, why, last)
				}
				last = max(last, ph)
			}
			if last != plan.Exec {
				t.Errorf("the last phase is %s", last)
			}
			for i := range p.Host {
				if ph := p.Host[i].Why.Phase(); ph != plan.Host {
					t.Errorf("host list: %s", p.Host[i].Why)
				}
			}
			for i := range p.After {
				if ph := p.After[i].Why.Phase(); ph != plan.After {
					t.Errorf("after list: %s", p.After[i].Why)
				}
			}
		})
	}
}

// Every plan of the corpus keeps the rules, is the same when it is made again
// from the same facts, and is the same after it was saved and read.
func TestShapeOfTheCorpus(t *testing.T) {
	for _, u := range users {
		for _, s := range due(u, full) {
			t.Run(u.name+"/"+s.name, func(t *testing.T) {
				dir := u.place(t, "shape")
				flags := s.flagsFor(t, u, dir)
				p := planOf(t, s.run(t, u, dir, s.argv(u, "plan", append([]string{"--json"}, flags...)...)))
				if broken := plan.Check(p); len(broken) > 0 {
					t.Errorf("the plan breaks rules: %v", broken)
				}
				b, err := json.Marshal(&p.Facts)
				if err != nil {
					t.Fatal(err)
				}
				flags = append([]string{"--facts", u.write(t, dir, "facts.json", string(b))}, flags...)
				for _, form := range []string{"--json", "--verbose"} {
					first := s.run(t, u, dir, s.argv(u, "plan", append([]string{form}, flags...)...))
					if second := s.run(t, u, dir, s.argv(u, "plan", append([]string{form}, flags...)...)); first != second {
						t.Errorf("two plans of the same facts differ, %s", form)
					}
				}
				once, err := json.Marshal(p)
				if err != nil {
					t.Fatal(err)
				}
				twice, err := json.Marshal(planOf(t, string(once)))
				if err != nil || !bytes.Equal(once, twice) {
					t.Errorf("the plan is another after it was saved and read: %v", err)
				}
			})
		}
	}
}

// machine is a host that does not change: what golden plans are compiled for.
func machine(arch string) *host.Facts {
	return &host.Facts{
		Arch: arch, Kernel: "6.12.0", UID: 1000, GID: 1000, LastCap: 40, Bound: 1<<41 - 1, Clock: true,
		NoFile: [2]uint64{1024, 524288}, NProc: [2]uint64{30000, 30000}, CPUs: 4, MemTotal: 8 << 30, MemFree: 4 << 30,
		Stage:      "/tmp",
		Masked:     []string{"/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"},
		MaskedDirs: []string{"/proc/acpi", "/sys/firmware"},
		ReadOnly:   []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
		Devices:    []string{"null", "zero", "full", "random", "urandom", "tty"},
		CgroupNS:   true, Cgroup2: true, TimeNS: true, Keyrings: true, MaxUserNS: 30000, Mqueue: true,
		Resolver: "nameserver 192.0.2.53\n",
		Rootfs:   host.RootFacts{Dir: "/srv/root", Owner: 1000, Files: []string{"etc/hostname", "etc/hosts", "etc/resolv.conf"}, Shared: true},
	}
}

// The plan for a machine is what it was: go test ./cmd/mcr/judge -run Golden -update
// writes it anew. Titles are the catalogue's and are left out.
func TestShapeGolden(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			facts, golden := filepath.Join("testdata", "facts-"+arch+".json"), filepath.Join("testdata", "plan-"+arch+".txt")
			if *update {
				b, err := json.MarshalIndent(machine(arch), "", "  ")
				if err == nil {
					err = os.WriteFile(facts, append(b, '\n'), 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			abs, err := filepath.Abs(facts)
			if err != nil {
				t.Fatal(err)
			}
			made := func(form string) string {
				c := users[0].command(filepath.Join(bin, "mcr"), "plan", form, "--facts", abs, "--rootfs", "/srv/root", "--", "/bin/sh", "-c", "id")
				return output(t, c)
			}
			if broken := plan.Check(planOf(t, made("--json"))); len(broken) > 0 {
				t.Errorf("the plan breaks rules: %v", broken)
			}
			got := untitled(made("--verbose"))
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v: -update writes it", err)
			}
			if v := compare(strings.Split(string(want), "\n"), strings.Split(got, "\n")); !v.ok() {
				t.Errorf("the plan changed (-update writes it anew): %s", v)
			}
		})
	}
}

// untitled is a plan without the words of the catalogue: lists, phases, keys
// and calls.
func untitled(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "note: ") {
			continue
		}
		if strings.HasPrefix(line, "== ") || strings.HasPrefix(line, "-- ") || strings.HasPrefix(line, "#") {
			head, _, _ := strings.Cut(line, ": ")
			line = head + "\n"
		}
		b.WriteString(line)
	}
	return b.String()
}
