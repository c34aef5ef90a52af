package judge_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/mcr/runtime/plan"
)

// A saved plan is run with the rights of whoever runs it: one that others
// could have written, that lacks a wall without saying so, or that is for
// another user, is refused with 125 and the reason, and nothing is started.
func TestSavedPlanRefused(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(*plan.Plan)
		mode  os.FileMode
		owner [2]int // of the file, where it is not the user's
		say   []string
	}{
		{name: "written by all", mode: 0o602, say: []string{"o+w", "msg/plan_writable"}},
		{name: "written by another group", mode: 0o620, owner: [2]int{-1, stranger + 7}, say: []string{"g+w", "msg/plan_writable"}},
		{name: "of another user", mode: 0o644, owner: [2]int{stranger + 7, stranger + 7}, say: []string{"uid 23463", "msg/plan_writable"}},
		{name: "without a wall", mode: 0o600, edit: func(p *plan.Plan) {
			p.Inside = slices.DeleteFunc(p.Inside, func(a plan.Action) bool { return a.Why == "caps/no_new_privs" })
		}, say: []string{"caps/no_new_privs", "msg/plan_wall"}},
		{name: "without a namespace", mode: 0o600, edit: func(p *plan.Plan) {
			p.Clone = slices.DeleteFunc(p.Clone, func(b plan.Birth) bool { return b.Why == "start/newnet" })
		}, say: []string{"start/newnet", "msg/plan_wall"}},
		{name: "without the filter", mode: 0o600, edit: func(p *plan.Plan) {
			p.Inside = slices.DeleteFunc(p.Inside, func(a plan.Action) bool { return a.Why == "seccomp/filter" })
		}, say: []string{"seccomp/filter", "msg/plan_wall"}},
		{name: "without a mask", mode: 0o600, edit: func(p *plan.Plan) {
			i := slices.IndexFunc(p.Inside, func(a plan.Action) bool { return a.Why == "root/mask_file" })
			p.Inside = slices.Delete(p.Inside, i, i+1)
		}, say: []string{"root/mask_file", "msg/plan_wall"}},
		{name: "in another order", mode: 0o600, edit: func(p *plan.Plan) {
			n := len(p.Inside)
			p.Inside[n-2], p.Inside[n-3] = p.Inside[n-3], p.Inside[n-2]
		}, say: []string{"fds/close_range", "msg/plan_wall"}},
		{name: "for another user", mode: 0o600, edit: func(p *plan.Plan) { p.Facts.UID = stranger + 9 }, say: []string{"uid 23465", "msg/plan_facts"}},
		{name: "for another machine", mode: 0o600, edit: func(p *plan.Plan) { p.Facts.Arch = "arm64" }, say: []string{"arch arm64", "msg/plan_facts"}},
	}
	for _, u := range users {
		for _, test := range tests {
			t.Run(u.name+"/"+test.name, func(t *testing.T) {
				if test.owner != [2]int{} && os.Geteuid() != 0 {
					t.Skip("giving a file away takes root")
				}
				dir := u.place(t, "saved")
				p := planOf(t, output(t, u.command(u.mcr("plan", "--json", "--", "/bin/echo", "it ran")...)))
				if p.Facts.Arch == "arm64" && test.name == "for another machine" {
					t.Skip("this machine is the other one")
				}
				if test.edit != nil {
					test.edit(p)
				}
				b, err := json.Marshal(p)
				if err != nil {
					t.Fatal(err)
				}
				file := u.write(t, dir, "plan.json", string(b))
				if test.owner != [2]int{} {
					err = os.Chown(file, test.owner[0], test.owner[1])
				}
				if err == nil {
					err = os.Chmod(file, test.mode)
				}
				if err != nil {
					t.Fatal(err)
				}
				r := u.start(t, "run", "--plan", file)
				if r.status != 125 || r.stdout != "" {
					t.Errorf("status %d, stdout %q; want 125 and none", r.status, r.stdout)
				}
				if !slices.ContainsFunc(test.say, func(s string) bool { return strings.Contains(r.stderr, s) }) {
					t.Errorf("stderr does not give the reason, %q:\n%s", test.say, r.stderr)
				}
			})
		}
	}
}

// The same file, not touched, runs: what was refused was refused for its reason.
func TestSavedPlanRuns(t *testing.T) {
	for _, u := range users {
		t.Run(u.name, func(t *testing.T) {
			starts(t, u)
			dir := u.place(t, "saved")
			file := u.write(t, dir, "plan.json", output(t, u.command(u.mcr("plan", "--json", "--", "/bin/echo", "it ran")...)))
			if r := u.start(t, "run", "--plan", filepath.Clean(file)); r.status != 0 || r.stdout != "it ran\n" {
				t.Errorf("status %d, stdout %q, stderr %q", r.status, r.stdout, r.stderr)
			}
		})
	}
}
