//go:build linux

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"example.org/mcr/runtime/compile"
	"example.org/mcr/runtime/filter"
)

var capabilities = compile.DefaultCaps

type object = map[string]any

// oci is crun(1) or runc(8), with the first of several ways that works here:
// without delegated cgroups an ordinary user's start is refused by some.
func (w *workdir) oci(name string) (*program, error) {
	bundle := filepath.Join(w.dir, "bundle")
	if err := w.bundle(bundle); err != nil {
		return nil, err
	}
	state := filepath.Join(w.dir, name)
	ways := [][]string{{"--cgroup-manager=disabled"}, {"--cgroup-manager=cgroupfs"}, {}}
	if name == "runc" {
		ways = [][]string{{}, {"--rootless=true"}}
	}
	why := "no way was tried"
	if _, err := exec.LookPath(name); err != nil {
		return &program{name: name, why: err.Error()}, nil
	}
	var refusals []string
	for _, way := range ways {
		argv := append([]string{name, "--root", state}, way...)
		argv = append(argv, "run", "--bundle", bundle, "mcr-bench-"+name)
		p := &program{name: name, argv: argv, env: os.Environ()}
		if why = p.try(); why == "" {
			return p, nil
		}
		refusals = append(refusals, strings.Join(way, " ")+": "+why)
	}
	return &program{name: name, why: strings.Join(refusals, "\n    ")}, nil
}

// bundle writes the config.json of the plan's container.
func (w *workdir) bundle(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	spec, err := w.config()
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "config.json"), b, 0o644)
}

func (w *workdir) config() (object, error) {
	f := &w.plan.Facts
	first, size := f.UID, 1
	firstGroup := f.GID
	ptsOptions := []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}
	if f.Root {
		first, firstGroup, size = f.Range, f.Range, 65536
		ptsOptions = append(ptsOptions, "gid=5")
	}
	seccomp, err := w.seccomp()
	if err != nil {
		return nil, err
	}
	mount := func(dest, kind string, options ...string) object {
		return object{"destination": dest, "type": kind, "source": kind, "options": options}
	}
	mounts := []object{
		mount("/proc", "proc", "nosuid", "nodev", "noexec"),
		mount("/sys", "sysfs", "nosuid", "nodev", "noexec", "ro"),
		mount("/dev", "tmpfs", "nosuid", "noexec", "mode=755", "size=65536"),
		mount("/dev/pts", "devpts", ptsOptions...),
		mount("/dev/shm", "tmpfs", "nosuid", "nodev", "noexec", "mode=1777", "size=64m"),
		mount("/dev/mqueue", "mqueue", "nosuid", "nodev", "noexec"),
		mount("/run", "tmpfs", "nosuid", "nodev", "mode=755", "size=64m"),
		mount("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777"),
	}
	for _, name := range etcFiles {
		mounts = append(mounts, object{"destination": "/etc/" + name, "type": "bind", "source": w.etc(name), "options": []string{"bind"}})
	}
	var spaces []object
	for _, n := range []string{"user", "mount", "pid", "uts", "ipc", "network", "cgroup"} {
		spaces = append(spaces, object{"type": n})
	}
	return object{
		"ociVersion": "1.0.2",
		"process": object{
			"user": object{"uid": 0, "gid": 0}, "args": []string{"/bin/true"}, "env": []string{"PATH=/bin"}, "cwd": "/",
			"noNewPrivileges": true, "oomScoreAdj": f.OOMScoreAdj + 500,
			"capabilities": object{"bounding": capabilities, "effective": capabilities, "permitted": capabilities},
			"rlimits": []object{
				{"type": "RLIMIT_NOFILE", "soft": min(f.NoFile[0], 8192), "hard": min(f.NoFile[1], 8192)},
				{"type": "RLIMIT_NPROC", "soft": 1024, "hard": 1024},
			},
		},
		"root":     object{"path": w.root},
		"hostname": "mcr",
		"mounts":   mounts,
		"linux": object{
			"namespaces":    spaces,
			"uidMappings":   []object{{"containerID": 0, "hostID": first, "size": size}},
			"gidMappings":   []object{{"containerID": 0, "hostID": firstGroup, "size": size}},
			"maskedPaths":   f.Masked,
			"readonlyPaths": f.ReadOnly,
			"seccomp":       seccomp,
		},
	}, nil
}

// seccomp is our default profile in OCI's words, as far as it has them.
func (w *workdir) seccomp() (object, error) {
	p, err := filter.Builtin("default", w.plan.Facts.Native())
	if err != nil {
		return nil, err
	}
	rules := []object{}
	for _, r := range p.Rules {
		var args []object
		for _, c := range r.Args {
			args = append(args, object{"index": c.Index, "op": "SCMP_CMP_MASKED_EQ", "value": c.Value, "valueTwo": c.ValueTwo})
		}
		rule := object{"names": r.Names, "action": "SCMP_ACT_ALLOW"}
		if args != nil {
			rule["args"] = args
		}
		if r.Action.Kind() == filter.Errno {
			if args == nil && len(p.For(r.Names[0])) > 1 {
				continue // libseccomp takes no rule without arguments beside one that has some
			}
			rule["action"], rule["errnoRet"] = "SCMP_ACT_ERRNO", r.Action.Data()
		} else if args == nil && len(p.For(r.Names[0])) > 1 {
			continue
		}
		rules = append(rules, rule)
	}
	arch := "SCMP_ARCH_X86_64"
	if w.plan.Facts.Arch == "arm64" {
		arch = "SCMP_ARCH_AARCH64"
	}
	return object{"defaultAction": "SCMP_ACT_ERRNO", "architectures": []string{arch}, "syscalls": rules}, nil
}
