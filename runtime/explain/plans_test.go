package explain_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.org/mcr/runtime/compile"
	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/spec"
)

// facts are those of a machine that is only in this file. It has everything;
// the changes below take away.
func facts() *host.Facts {
	return &host.Facts{
		Arch: "amd64", Kernel: "6.18.0", UID: 1000, GID: 1000, Groups: []int{1000, 27},
		LastCap: 40, Bound: 1<<41 - 1, Clock: true,
		NoFile: [2]uint64{1024, 1 << 20}, NProc: [2]uint64{4096, 4096}, CPUs: 2, MemTotal: 1 << 33, MemFree: 1 << 32,
		Stage: "/tmp", Masked: []string{"/proc/acpi", "/proc/keys"}, MaskedDirs: []string{"/proc/acpi"}, ReadOnly: []string{"/proc/sys"},
		Devices: []string{"null", "zero"}, CgroupNS: true, Cgroup2: true, TimeNS: true, Keyrings: true, MaxUserNS: -1, Mqueue: true,
		Resolver: "nameserver 192.0.2.1\n",
		Rootfs:   host.RootFacts{Dir: "/srv/root", Idmap: true, Owner: 1000, Files: []string{"etc/hosts", "etc/hostname"}},
	}
}

func root(f *host.Facts) { f.UID, f.GID, f.Root, f.Range, f.Rootfs.Owner = 0, 0, true, 1<<20, 0 }

// machines are what a plan may have to deal with.
var machines = map[string]func(*host.Facts){
	"a user's":             func(*host.Facts) {},
	"root's":               root,
	"root's, no idmap":     func(f *host.Facts) { root(f); f.Rootfs.Idmap = false },
	"without clone3":       func(f *host.Facts) { f.LegacyClone, f.Handled = true, []int{2, 15, 23} },
	"with ignored signals": func(f *host.Facts) { f.Ignored = []int{1, 13} },
	"with /sys covered":    func(f *host.Facts) { f.SysCovered = true },
	"with nothing extra": func(f *host.Facts) {
		f.CgroupNS, f.Cgroup2, f.Keyrings, f.Mqueue, f.Clock = false, false, false, false, false
		f.Masked, f.MaskedDirs, f.ReadOnly = nil, nil, nil
	},
	"with an empty root": func(f *host.Facts) {
		f.Rootfs.Missing, f.Rootfs.Files = []string{"proc", "sys", "dev", "run", "tmp", "etc"}, nil
	},
	"with somebody's root":     func(f *host.Facts) { f.Rootfs.Owner = 7 },
	"an initramfs, arm64":      func(f *host.Facts) { f.InInitramfs, f.Arch = true, "arm64" },
	"root's, with covered sys": func(f *host.Facts) { root(f); f.SysCovered = true },
}

// wishes are what may be asked for, each alone and together with each storage.
var wishes = map[string]func(*spec.Container){
	"nothing":       func(*spec.Container) {},
	"chroot":        func(c *spec.Container) { c.Root = spec.Chroot },
	"auto":          func(c *spec.Container) { c.Root = spec.Auto },
	"host's net":    func(c *spec.Container) { c.Namespaces.Net = spec.Host },
	"host's pid":    func(c *spec.Container) { c.Namespaces.PID = spec.Host },
	"host's ipc":    func(c *spec.Container) { c.Namespaces.IPC = spec.Host },
	"host's uts":    func(c *spec.Container) { c.Namespaces.UTS = spec.Host },
	"host's cgroup": func(c *spec.Container) { c.Namespaces.Cgroup = spec.Host },
	"host's user":   func(c *spec.Container) { c.Namespaces.User = spec.Host },
	"identity":      func(c *spec.Container) { c.Namespaces.User = spec.Identity },
	"time":          func(c *spec.Container) { c.Namespaces.Time = true },
	"time offset":   func(c *spec.Container) { c.Namespaces.Time, c.Namespaces.Offset = true, 100 },
	"seed":          func(c *spec.Container) { c.Profile = "seed"; c.Seed(false) },
	"search":        func(c *spec.Container) { c.Args = []string{"true"} },
	"directory":     func(c *spec.Container) { c.Dir = "/usr" },
	"limits":        func(c *spec.Container) { c.AS, c.Ulimits = 1<<30, []spec.Ulimit{{Resource: 1, Soft: 10, Hard: 10}} },
	"no filter":     func(c *spec.Container) { c.Seccomp, c.NewPrivs, c.CapAdd = "unconfined", true, []string{"ALL"} },
}

// reachable are the keys of all actions of all plans, and those that compile's
// source names besides.
func reachable(t *testing.T) map[string]bool {
	t.Helper()
	keys := map[string]bool{}
	for machine, setUp := range machines {
		for wish, ask := range wishes {
			for _, storage := range []spec.Storage{spec.Ephemeral, spec.Through, spec.ReadOnly} {
				f := facts()
				setUp(f)
				c := &spec.Container{Rootfs: "/srv/root", Hostname: "mcr", Args: []string{"/bin/true"}, Env: spec.DefaultEnv("mcr"), Storage: storage, Iknow: true}
				ask(c)
				p, err := compile.Compile(c, f)
				if _, ok := errors.AsType[*compile.Error](err); ok {
					continue // a wish that this machine cannot fulfil has no plan
				}
				if err != nil {
					t.Fatalf("%s, %s: %v", machine, wish, err)
				}
				for _, k := range p.Keys() {
					keys[string(k)] = true
				}
			}
		}
	}
	for _, k := range named(t) {
		if !keys[k] {
			t.Errorf("compile names %s, and no plan of this test has it: add the wish or the machine that has", k)
		}
	}
	return keys
}

// named are the keys of actions that compile's source has as literals.
func named(t *testing.T) (keys []string) {
	t.Helper()
	files, err := filepath.Glob("../compile/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of compile: %v", err)
	}
	literal := regexp.MustCompile(`"([a-z]+/[a-z_]+)"`)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllStringSubmatch(string(b), -1) {
			if isAction(m[1]) && m[1] != "start/new" { // to which the namespace's name is added
				keys = append(keys, m[1])
			}
		}
	}
	return keys
}
