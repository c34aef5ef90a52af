package plan_test

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

// compiled is a plan of an ordinary user ("user") or of root's ("root").
func compiled(t testing.TB, who string) *plan.Plan {
	t.Helper()
	b, err := os.ReadFile("../compile/testdata/" + who + ".json")
	if err != nil {
		t.Fatal(err)
	}
	f := &host.Facts{}
	if err := json.Unmarshal(b, f); err != nil {
		t.Fatal(err)
	}
	c := &spec.Container{Rootfs: "/srv/alpine", Hostname: "mcr", Args: []string{"/bin/true"}, Env: spec.DefaultEnv("mcr"), AS: 1 << 30}
	p, err := compile.Compile(c, f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestCheckNamesEachWall leaves out each wall in turn.
func TestCheckNamesEachWall(t *testing.T) {
	for _, wall := range plan.Walls() {
		p := compiled(t, "user")
		if err := plan.Skip(p, string(wall)); err != nil {
			t.Errorf("%s: %v", wall, err)
			continue
		}
		if !slices.ContainsFunc(plan.Check(p), func(v plan.Violation) bool { return v.Rule == wall && !v.Order }) {
			t.Errorf("without %s, Check says %v", wall, plan.Check(p))
		}
	}
}

// TestCheckNamesEachOrder puts the second action of each rule before the
// first.
func TestCheckNamesEachOrder(t *testing.T) {
	for _, r := range plan.Rules() {
		p := compiled(t, "user")
		if !slices.Contains(p.Keys(), r.First) || !slices.Contains(p.Keys(), r.Second) {
			p = compiled(t, "root")
		}
		i := slices.IndexFunc(p.Inside, func(a plan.Action) bool { return a.Why == r.First })
		j := slices.IndexFunc(p.Inside, func(a plan.Action) bool { return a.Why == r.Second })
		if i < 0 || j < 0 {
			t.Errorf("%s before %s: no plan has both", r.First, r.Second)
			continue
		}
		moved := p.Inside[j]
		p.Inside = slices.Insert(slices.Delete(p.Inside, j, j+1), i, moved)
		if !slices.ContainsFunc(plan.Check(p), func(v plan.Violation) bool { return v.Rule == r.First && v.Order }) {
			t.Errorf("%s before %s: Check says %v", r.Second, r.First, plan.Check(p))
		}
	}
}

// TestCheckEnd checks that nothing may stand between the filter and execve(2).
func TestCheckEnd(t *testing.T) {
	p := compiled(t, "user")
	p.Inside = slices.Insert(p.Inside, len(p.Inside)-1, plan.Action{Why: "seccomp/filter", Call: plan.Chdir("/")})
	if len(plan.Check(p)) == 0 {
		t.Error("a call after the filter went unseen")
	}
	p = compiled(t, "user")
	p.Inside = p.Inside[:len(p.Inside)-1]
	if len(plan.Check(p)) == 0 {
		t.Error("a list without execve(2) went unseen")
	}
}

// TestRegistersAreAssignedOnce checks what the trace relies on: a register
// that is filled twice would show the second value for the first call too.
func TestRegistersAreAssignedOnce(t *testing.T) {
	for _, who := range []string{"user", "root"} {
		p := compiled(t, who)
		for _, list := range [][]plan.Action{p.Inside, p.After} {
			seen := map[plan.Reg]plan.Key{}
			for _, a := range list {
				if k, twice := seen[a.Save]; twice && a.Save != 0 {
					t.Errorf("%s: register %s is %s's and %s's", who, p.Regs[a.Save], k, a.Why)
				}
				seen[a.Save] = a.Why
			}
		}
	}
}

// TestEdits checks what --skip and --deny do to a plan.
func TestEdits(t *testing.T) {
	p := compiled(t, "user")
	n := len(p.Inside)
	if err := plan.Skip(p, "caps/bounding#2"); err != nil || len(p.Inside) != n-1 {
		t.Errorf("skip of one of several: %v, %d of %d left", err, len(p.Inside), n)
	}
	if err := plan.Deny(p, "root/pivot=eperm"); err != nil {
		t.Error(err)
	}
	i := slices.IndexFunc(p.Inside, func(a plan.Action) bool { return a.Why == "root/pivot" })
	if got := p.Inside[i].Deny; got.Errno != sys.EPERM {
		t.Errorf("denied with %v", got)
	}
	if want := []string{"skip caps/bounding#2", "deny root/pivot=eperm"}; !slices.Equal(p.Broken, want) {
		t.Errorf("marked %q, want %q", p.Broken, want)
	}
	for edit, want := range map[string]plan.Key{
		"root/pivot": "edit/deny", "root/pivot=EWHAT": "edit/errno", "no/such=EPERM": "edit/no_key", "root/pivot#0=EPERM": "edit/nth",
	} {
		var e *plan.EditError
		if err := plan.Deny(p, edit); !errors.As(err, &e) || e.Why != want {
			t.Errorf("deny %s: %v, want %s", edit, err, want)
		}
	}
}

// TestBadPlans checks that a file that is no plan, or a plan that could not be
// run, is refused and does no harm.
func TestBadPlans(t *testing.T) {
	good, err := json.Marshal(compiled(t, "root"))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"version":          {`"mcr_plan":1`, `"mcr_plan":99`},
		"call":             {`"name":"pivot_root"`, `"name":"reboot"`},
		"flag set":         {`"set":"mount"`, `"set":"nosuch"`},
		"register":         {`"fd":1}`, `"fd":95}`},
		"errno":            {`"EEXIST"`, `"EWHAT"`},
		"field outside":    {`"name":"rlim_max","off":8`, `"name":"rlim_max","off":80`},
		"negative offset":  {`"name":"rlim_max","off":8`, `"name":"rlim_max","off":-8`},
		"field too long":   {`"name":"ifr_name","size":16`, `"name":"ifr_name","size":2`},
		"huge structure":   {`"struct":{"size":16`, `"struct":{"size":99999999`},
		"clone flag":       {`"flag":"CLONE_NEWNS"`, `"flag":"CLONE_VM"`},
		"never born":       {`"forks":2`, `"forks":0`},
		"form of a number": {`"form":3`, `"form":2`},
		"form that is not": {`"form":3`, `"form":77`},
		"no call":          {`"why":"root/pivot","call":`, `"why":"root/pivot","nocall":`},
		"JSON":             {`{"mcr_plan"`, `{mcr_plan`},
	} {
		bad := strings.Replace(string(good), change[0], change[1], 1)
		if bad == string(good) {
			t.Errorf("%s: %s is not in the plan", name, change[0])
			continue
		}
		var p plan.Plan
		if err := json.Unmarshal([]byte(bad), &p); err == nil {
			t.Errorf("%s: taken for a plan", name)
		}
	}
}

// TestPhase checks that a key's phase is the part before the slash.
func TestPhase(t *testing.T) {
	for key, want := range map[plan.Key]plan.Phase{"mount/proc": plan.Mount, "host/go": plan.Host, "exec/execve": plan.Exec, "x/y": plan.NoPhase, "": plan.NoPhase} {
		if got := key.Phase(); got != want {
			t.Errorf("%q: %s, want %s", key, got, want)
		}
	}
}
