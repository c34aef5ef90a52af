package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/plan"
)

// saved reads a plan from a file, if it may be trusted with the caller's
// rights: whoever can write the file decides what is done with them.
func (o *options) saved(rest []string) (*plan.Plan, error) {
	if len(rest) > 0 {
		return nil, wrong("msg/plan_and_command")
	}
	f, err := os.Open(o.planFile)
	if err != nil {
		return nil, fmt.Errorf("--plan: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	if who := writers(f); who != "" {
		return nil, wrong("msg/plan_writable", o.planFile, who)
	}
	p := &plan.Plan{}
	if err := json.NewDecoder(f).Decode(p); err != nil {
		return nil, fmt.Errorf("--plan %s: %w", o.planFile, err)
	}
	if broken := plan.Check(p); len(broken) > 0 && len(p.Broken) == 0 {
		return p, wrong("msg/plan_wall", o.planFile, string(broken[0].Rule), rule(language(o.lang), broken[0]))
	}
	if !o.dryRun {
		here, err := host.Read(p.Facts.Rootfs.Dir)
		if err != nil {
			return p, err
		}
		if lack := here.Lacks(&p.Facts); lack != "" {
			return p, wrong("msg/plan_facts", o.planFile, lack)
		}
	}
	if err := o.edits(p); err != nil {
		return p, err
	}
	return p, o.exposes(p)
}

// exposes refuses, for root, a plan that leaves the host within the payload's
// reach; and for anybody one whose set-up would leave files on the host.
func (o *options) exposes(p *plan.Plan) error {
	if o.spec.Iknow || len(p.Broken) == 0 {
		return nil
	}
	for _, v := range plan.Check(p) {
		if v.Rule == "mount/stage" && !v.Order {
			return wrong("msg/leaves", string(v.Rule), rule(language(o.lang), v))
		}
		if os.Geteuid() == 0 && slices.Contains([]plan.Key{"start/newuser", "start/newns", "root/pivot", "root/detach", "fds/close_range", "tty/setsid", "mount/private"}, v.Rule) {
			return wrong("msg/exposes", string(v.Rule), rule(language(o.lang), v))
		}
	}
	return nil
}
