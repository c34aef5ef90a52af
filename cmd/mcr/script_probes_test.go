//go:build linux

package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/mcr/runtime/observe"
	"example.org/mcr/runtime/plan"
)

// probed is what an action of a plan makes true.
type probed struct {
	key   plan.Key
	probe observe.Probe
}

// probesOf are the probes of a plan. Of several for one thing, such as the
// working directory, the last is what is so in the end.
func probesOf(p *plan.Plan) (all []probed) {
	add := func(a *plan.Action) {
		if a.Probe == nil {
			return
		}
		all = slices.DeleteFunc(all, func(o probed) bool { return o.probe.File == a.Probe.File && o.probe.Field == a.Probe.Field })
		all = append(all, probed{a.Why, observe.Probe(*a.Probe)})
	}
	for i := range p.Host {
		add(&p.Host[i].Action)
	}
	for i := range p.Inside {
		add(&p.Inside[i])
	}
	return all
}

// compiled saves the plan for some flags, and reads it.
func compiled(t *testing.T, args ...string) (string, *plan.Plan) {
	t.Helper()
	text, err := program("mcr", append([]string{"plan", "--json"}, args...)...).Output()
	if err != nil {
		t.Fatalf("mcr plan --json: %v", err)
	}
	file := filepath.Join(t.TempDir(), "plan.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	p := &plan.Plan{}
	if err := json.Unmarshal(text, p); err != nil {
		t.Fatal(err)
	}
	return file, p
}

func holdFor(t *testing.T, cmd *exec.Cmd) *held {
	t.Helper()
	h, err := hold(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.end)
	if h.payload == 0 || !h.said("ready") {
		t.Fatalf("the payload never ran: %s%s", &h.out, &h.err)
	}
	return h
}

// TestProbes runs plans and looks from outside whether all that they say of
// the payload is so.
func TestProbes(t *testing.T) {
	t.Parallel()
	if testEnv.lacks != "" {
		t.Skip(testEnv.lacks)
	}
	wait := []string{"--rootfs", testEnv.root, "--", "/bin/payload", "say=ready", "wait"}
	for _, test := range []struct {
		name string
		args []string
	}{
		{"default", wait},
		{"workdir", append([]string{"-w", "/tmp"}, wait...)},
		{"chroot", append([]string{"--root=chroot"}, wait...)},
		{"read-only", append([]string{"--read-only"}, wait...)},
		{"limits", append([]string{"--ulimit", "nofile=64", "--ulimit", "core=0", "--ulimit", "data=unlimited", "--pids-limit", "50"}, wait...)},
		{"no capabilities", append([]string{"--cap-drop", "ALL"}, wait...)},
		{"every capability", append([]string{"--cap-add", "ALL"}, wait...)},
		{"host network", append([]string{"--net=host"}, wait...)},
		{"docker's filter", append([]string{"--security-opt", "seccomp=docker"}, wait...)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file, p := compiled(t, test.args...)
			h := holdFor(t, program("mcr", "run", "--plan", file))
			var kinds []string
			all := probesOf(p)
			for _, a := range all {
				f, err := observe.Check(h.payload, a.probe)
				if err != nil || !f.OK {
					t.Errorf("%s: %+v: got %q, %v", a.key, a.probe, f.Got, err)
				}
				if !slices.Contains(kinds, a.probe.File) {
					kinds = append(kinds, a.probe.File)
				}
			}
			if len(kinds) < 9 {
				t.Errorf("only %v are looked at", kinds)
			}
			t.Logf("%d probes of %v", len(all), kinds)
		})
	}
}

// TestProbesSee leaves out one action and looks whether its probe sees it: a
// probe that cannot fail tells nothing.
func TestProbesSee(t *testing.T) {
	t.Parallel()
	if testEnv.lacks != "" {
		t.Skip(testEnv.lacks)
	}
	_, p := compiled(t, "--rootfs", testEnv.root, "--", "/bin/payload", "say=ready", "wait")
	all := probesOf(p)
	for _, test := range []struct {
		key   plan.Key
		flags string
	}{
		{"start/umask", ""},
		{"start/sigmask", ""},
		{"mount/tmp", ""},
		{"mount/mqueue", ""},
		{"mount/sys", "--skip mount/cgroup --skip root/mask_dir"},
		{"root/detach", ""},
		{"tty/setsid", ""},
		{"limits/nproc", ""},
		{"limits/oom_score_adj", ""},
		{"caps/bounding", ""},
		{"caps/no_new_privs", "--security-opt seccomp=unconfined"},
		{"fds/close_range", ""},
		{"seccomp/filter", ""},
	} {
		t.Run(strings.ReplaceAll(string(test.key), "/", "-"), func(t *testing.T) {
			t.Parallel()
			args := append([]string{"run", "--i-know", "--skip", string(test.key)}, strings.Fields(test.flags)...)
			cmd := program("mcr", append(args, "--rootfs", testEnv.root, "--", "/bin/payload", "say=ready", "wait")...)
			// What is inherited where nothing is done about it: a mask, and the host's "/".
			cmd.Args = append([]string{"payload", "umask=077", "leak=/", "exec"}, cmd.Args...)
			cmd.Path = filepath.Join(testEnv.bin, "payload")
			h := holdFor(t, cmd)
			seen := false
			for _, a := range all {
				if a.key == test.key {
					f, err := observe.Check(h.payload, a.probe)
					seen = seen || err == nil && !f.OK
				}
			}
			if !seen {
				t.Error("its probe does not see that it was left out")
			}
		})
	}
}
