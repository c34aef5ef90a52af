package compile_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"example.org/mcr/runtime/compile"
	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
)

// facts are saved ones: "user" of an ordinary user, "root" of root.
func facts(t testing.TB, name string) *host.Facts {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	f := &host.Facts{}
	if err := json.Unmarshal(b, f); err != nil {
		t.Fatal(err)
	}
	return f
}

func container(change func(*spec.Container)) *spec.Container {
	c := &spec.Container{Rootfs: "/srv/alpine", Hostname: "mcr", Args: []string{"/bin/true"}, Env: spec.DefaultEnv("mcr")}
	if change != nil {
		change(c)
	}
	return c
}

func compiled(t testing.TB, who string, change func(*spec.Container)) *plan.Plan {
	t.Helper()
	p, err := compile.Compile(container(change), facts(t, who))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wishes are containers that differ in what they ask for.
var wishes = map[string]func(*spec.Container){
	"default":    nil,
	"rw":         func(c *spec.Container) { c.Storage, c.Iknow = spec.Through, true },
	"read_only":  func(c *spec.Container) { c.Storage = spec.ReadOnly },
	"chroot":     func(c *spec.Container) { c.Root = spec.Chroot },
	"host_net":   func(c *spec.Container) { c.Namespaces.Net = spec.Host },
	"host_pid":   func(c *spec.Container) { c.Namespaces.PID = spec.Host },
	"host_ipc":   func(c *spec.Container) { c.Namespaces.IPC = spec.Host },
	"time":       func(c *spec.Container) { c.Namespaces.Time, c.Namespaces.Offset = true, 100 },
	"seed":       func(c *spec.Container) { c.Profile = "seed"; c.Seed(false) },
	"unconfined": func(c *spec.Container) { c.Seccomp = "unconfined" },
	"all_caps":   func(c *spec.Container) { c.CapAdd = []string{"ALL"} },
	"search":     func(c *spec.Container) { c.Args = []string{"true"} },
	"limits": func(c *spec.Container) {
		c.AS, c.PidsLimit, c.Dir = 1<<30, 50, "/tmp"
		c.Ulimits = []spec.Ulimit{{Resource: 7, Soft: 100, Hard: 200}}
	},
}

// TestEveryWallStands checks that no wish leaves a wall out without a note,
// and that every order rule holds.
func TestEveryWallStands(t *testing.T) {
	for _, who := range []string{"user", "root"} {
		for name, change := range wishes {
			t.Run(who+"/"+name, func(t *testing.T) {
				for _, v := range plan.Check(compiled(t, who, change)) {
					t.Errorf("%s: %s", v.Rule, v.Text)
				}
			})
		}
	}
}

// TestSameBytes checks that the same input gives the same plan, and that a
// plan survives being saved.
func TestSameBytes(t *testing.T) {
	for name, change := range wishes {
		a, err := json.Marshal(compiled(t, "user", change))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := json.Marshal(compiled(t, "user", change))
		if string(a) != string(b) {
			t.Errorf("%s: two plans of one wish differ", name)
		}
		var p plan.Plan
		if err := json.Unmarshal(a, &p); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if c, _ := json.Marshal(&p); string(a) != string(c) {
			t.Errorf("%s: saved and read again, the plan is another", name)
		}
	}
}

// TestRootHasNoHostID checks that the default map of root's containers has no
// id that the host uses.
func TestRootHasNoHostID(t *testing.T) {
	p := compiled(t, "root", nil)
	i := slices.IndexFunc(p.Host, func(s plan.Step) bool { return s.Why == "host/uid_map" && s.Call.Sys == sys.Write })
	if got := p.Host[i].Call.Args[1]; got != plan.Bytes("0 1048576 65536\n") {
		t.Errorf("uid_map is %q", got)
	}
}

// TestRefusals checks what is refused before anything is planned.
func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		who    string
		change func(*spec.Container)
		facts  func(*host.Facts)
		want   plan.Key
	}{
		"no command":        {"user", func(c *spec.Container) { c.Args = nil }, nil, "msg/no_command"},
		"NUL":               {"user", func(c *spec.Container) { c.Args = []string{"a\x00b"} }, nil, "msg/nul"},
		"hostname too long": {"user", func(c *spec.Container) { c.Hostname = strings.Repeat("a", 65) }, nil, "msg/hostname"},
		"capability":        {"user", func(c *spec.Container) { c.CapAdd = []string{"CAP_X"} }, nil, "msg/unknown_capability"},
		"profile":           {"user", func(c *spec.Container) { c.Seccomp = "x" }, nil, "msg/unknown_profile"},
		"bad profile file":  {"user", func(c *spec.Container) { c.Seccomp, c.SeccompOCI = "x.json", []byte("{") }, nil, "msg/bad_profile"},
		"userns as user":    {"user", func(c *spec.Container) { c.Namespaces.User = spec.Host }, nil, "msg/userns_root"},
		"shared --rw":       {"root", func(c *spec.Container) { c.Storage = spec.Through }, nil, "msg/rw_shared"},
		"no range":          {"root", nil, func(f *host.Facts) { f.Range = 0 }, "msg/no_range"},
		"symbolic link":     {"user", nil, func(f *host.Facts) { f.Rootfs.Links = []string{"proc"} }, "msg/link"},
		"covered proc":      {"user", nil, func(f *host.Facts) { f.ProcCovered = true }, "msg/proc_covered"},
		"old kernel":        {"user", nil, func(f *host.Facts) { f.Kernel = "5.4.0" }, "msg/old_kernel"},
		"time offset":       {"user", func(c *spec.Container) { c.Namespaces.Offset = 5 }, func(f *host.Facts) { f.Kernel = "5.15.0" }, "msg/no_timens"},
	} {
		f := facts(t, test.who)
		if test.facts != nil {
			test.facts(f)
		}
		_, err := compile.Compile(container(test.change), f)
		var e *compile.Error
		if !errors.As(err, &e) || e.Why != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// TestKept checks how capabilities add up: what is dropped first, then added,
// as docker has it.
func TestKept(t *testing.T) {
	for _, test := range []struct {
		add, drop []string
		want      uint64
	}{
		{nil, nil, 0x404fb},
		{nil, []string{"ALL"}, 0},
		{[]string{"net_raw"}, []string{"all"}, 1 << 13},
		{[]string{"ALL"}, nil, 1<<41 - 1},
		{nil, []string{"CAP_CHOWN"}, 0x404fa},
	} {
		got, err := compile.Kept(compile.DefaultCaps, test.add, test.drop, sys.LastCap)
		if err != nil || got != test.want {
			t.Errorf("add %v drop %v: %#x, %v; want %#x", test.add, test.drop, got, err, test.want)
		}
	}
}

// TestSearch checks that PATH is searched by planned calls of which only the
// last is final.
func TestSearch(t *testing.T) {
	p := compiled(t, "user", func(c *spec.Container) {
		c.Args, c.Env = []string{"true"}, []string{"PATH=/a:/b/::/"}
	})
	var got []string
	for i, a := range p.Inside {
		if a.Call.Sys != sys.Execve {
			continue
		}
		got = append(got, string(a.Call.Args[0].(plan.Path)))
		if last := i == len(p.Inside)-1; last != (len(a.Allow) == 0) {
			t.Errorf("%s: allows %v", got[len(got)-1], a.Allow)
		}
	}
	if want := []string{"/a/true", "/b/true", "./true", "/true"}; !slices.Equal(got, want) {
		t.Errorf("tried %q, want %q", got, want)
	}
}

// FuzzCompile checks that no wish makes compile panic, or decide twice in two
// ways.
func FuzzCompile(f *testing.F) {
	f.Add("/bin/sh", "PATH=/bin", "mcr", "NET_RAW", "default", uint8(0), false)
	f.Add("sh", "", "\x00", "ALL", "seed", uint8(255), true)
	f.Fuzz(func(t *testing.T, arg, env, name, capability, seccomp string, bits uint8, root bool) {
		who := "user"
		if root {
			who = "root"
		}
		c := &spec.Container{
			Rootfs: "/srv/alpine", Hostname: name, Args: []string{arg}, Env: []string{env}, CapAdd: []string{capability}, Seccomp: seccomp,
			Storage: []spec.Storage{spec.Ephemeral, spec.Through, spec.ReadOnly}[bits%3], Iknow: true,
		}
		for i, ns := range []*string{&c.Namespaces.Net, &c.Namespaces.PID, &c.Namespaces.IPC, &c.Namespaces.UTS, &c.Namespaces.Cgroup} {
			if bits>>i&1 != 0 {
				*ns = spec.Host
			}
		}
		a, err1 := compile.Compile(c, facts(t, who))
		b, err2 := compile.Compile(c, facts(t, who))
		if (err1 == nil) != (err2 == nil) {
			t.Fatalf("%v, then %v", err1, err2)
		}
		if err1 != nil {
			return
		}
		x, _ := json.Marshal(a)
		if y, _ := json.Marshal(b); string(x) != string(y) {
			t.Fatal("two plans of one wish differ")
		}
		if v := plan.Check(a); len(v) > 0 {
			t.Fatalf("%s: %s", v[0].Rule, v[0].Text)
		}
	})
}

// TestWatcherOutlivesAnyDeath checks that the watcher goes on to the kill
// however its parent's end of the socket ends: a child that was stopped before
// its first instruction as payload has nobody else.
func TestWatcherOutlivesAnyDeath(t *testing.T) {
	allowed := map[plan.Key][]sys.Errno{}
	for _, a := range compiled(t, "user", nil).After {
		allowed[a.Why] = a.Allow
	}
	// Dead before it could be told, and dead before it read what it was told.
	for key, errno := range map[plan.Key]sys.Errno{"after/ready": sys.EPIPE, "after/wait": sys.ECONNRESET} {
		if !slices.Contains(allowed[key], errno) {
			t.Errorf("%s: %s ends the watch, and the child is left", key, errno.Name())
		}
	}
}
