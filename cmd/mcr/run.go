package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.org/mcr/runtime/compile"
	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/trace"
)

// run is the verb run, and with dry set the verb plan.
func run(args []string, dry bool) int {
	o := &options{}
	rest, err := parse(o, args)
	lang := language(o.lang)
	if err != nil {
		return failed(lang, err)
	}
	if o.help {
		fmt.Print(explain.Text(lang, "msg/run_usage"), flagHelp(lang))
		return 0
	}
	o.dryRun = o.dryRun || dry
	p, err := o.plan(rest)
	if err != nil {
		return failed(lang, err)
	}
	if o.dryRun {
		return o.show(lang, p)
	}
	out := os.Stderr
	if o.output != "" {
		if out, err = os.OpenFile(o.output, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644); err != nil {
			return failed(lang, fmt.Errorf("output: %w", err))
		}
	}
	return o.start(lang, p, out)
}

// plan is what is to be run or shown: compiled, or read from a file, and then
// edited.
func (o *options) plan(rest []string) (*plan.Plan, error) {
	if err := o.conflicts(); err != nil {
		return nil, err
	}
	if o.planFile != "" {
		return o.saved(rest)
	}
	if err := o.complete(rest); err != nil {
		return nil, err
	}
	facts, err := o.facts()
	if err != nil {
		return nil, err
	}
	if err := checkRootfs(o.spec.Rootfs); err != nil && o.factsFile == "" {
		return nil, err
	}
	p, err := compile.Compile(&o.spec, facts)
	if err != nil {
		return nil, err
	}
	if err := o.edits(p); err != nil {
		return p, err
	}
	return p, o.exposes(p)
}

// conflicts refuses flags that contradict each other.
func (o *options) conflicts() error {
	if o.writeRoot && o.readOnly {
		return wrong("msg/conflict", "--rw", "--read-only")
	}
	return nil
}

// complete fills in what was not said.
func (o *options) complete(rest []string) error {
	c := &o.spec
	if c.Hostname == "" {
		c.Hostname = "mcr"
	}
	c.Args = rest
	if len(rest) == 0 {
		c.Args = []string{"/bin/sh"}
	}
	if c.Profile == "seed" {
		c.Seed(o.userns)
	}
	if err := o.environment(); err != nil {
		return err
	}
	if c.Rootfs == "" {
		if o.writeRoot {
			return wrong("msg/rw_default") // the cache's copy is everybody's
		}
		if c.Storage == spec.Through {
			c.Storage = spec.Ephemeral
		}
		dir, err := defaultRoot(language(o.lang))
		if err != nil {
			return err
		}
		c.Rootfs = dir
	}
	abs, err := filepath.Abs(c.Rootfs)
	if err != nil {
		return fmt.Errorf("working directory: %w", err)
	}
	c.Rootfs = abs
	switch c.Seccomp {
	case "", "default", "docker", "seed", "unconfined":
		return nil
	}
	if !strings.ContainsAny(c.Seccomp, "/.") {
		return nil // no file either: compile has the list of names
	}
	c.SeccompOCI, err = os.ReadFile(c.Seccomp)
	if err != nil {
		return fmt.Errorf("seccomp profile: %w", err)
	}
	return nil
}

// environment is the payload's: a clean one, and what the flags add, in order.
func (o *options) environment() error {
	env := spec.DefaultEnv(o.spec.Hostname)
	var add []string
	for _, name := range o.envFile {
		b, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("--env-file: %w", err)
		}
		for line := range strings.Lines(string(b)) {
			line = strings.TrimRight(line, "\r\n")
			if line != "" && line[0] != '#' {
				add = append(add, line)
			}
		}
	}
	for _, e := range append(add, o.env...) {
		name, _, given := strings.Cut(e, "=")
		if name == "" {
			return wrong("msg/env_name", e)
		}
		if !given {
			v, ok := os.LookupEnv(name)
			if !ok {
				continue // as docker: a name that is not set here is not set there
			}
			e = name + "=" + v
		}
		env = setenv(env, name, e)
	}
	o.spec.Env = env
	return nil
}

func setenv(env []string, name, entry string) []string {
	for i := range env {
		if strings.HasPrefix(env[i], name+"=") {
			env[i] = entry
			return env
		}
	}
	return append(env, entry)
}

// facts are this host's, or saved ones.
func (o *options) facts() (*host.Facts, error) {
	if o.factsFile == "" {
		return hostFacts(&o.spec)
	}
	if !o.dryRun {
		return nil, wrong("msg/facts_run")
	}
	b, err := os.ReadFile(o.factsFile)
	if err != nil {
		return nil, fmt.Errorf("--facts: %w", err)
	}
	// A saved plan will do too: it has the facts that it was compiled for.
	var p struct {
		Facts *host.Facts `json:"facts"`
	}
	f := &host.Facts{}
	err = json.Unmarshal(b, &p)
	if err == nil && p.Facts != nil {
		f = p.Facts
	} else if err == nil {
		err = json.Unmarshal(b, f)
	}
	if err != nil {
		return nil, fmt.Errorf("--facts %s: %w", o.factsFile, err)
	}
	f.Rootfs.Dir = o.spec.Rootfs
	return f, nil
}

// show prints a plan.
func (o *options) show(lang string, p *plan.Plan) int {
	var w io.Writer = os.Stdout
	if o.output != "" {
		f, err := os.OpenFile(o.output, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return failed(lang, fmt.Errorf("output: %w", err))
		}
		w = f
	}
	var err error
	if o.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		err = enc.Encode(p)
	} else {
		err = trace.Plan(w, p, traceOptions(lang, o.verbose))
	}
	if err != nil {
		return failed(lang, fmt.Errorf("write the plan: %w", err))
	}
	return 0
}

// traceOptions has plans and runs written in the user's language.
func traceOptions(lang string, verbose bool) trace.Options {
	return trace.Options{
		Verbose: verbose,
		Title:   func(k plan.Key, args ...string) string { return explain.Text(lang, string(k), args...) },
		Rule:    func(v plan.Violation) string { return rule(lang, v) },
	}
}

// rule is what a broken rule says: the catalogue's words on why the action is
// where it is, or on what happens without it.
func rule(lang string, v plan.Violation) string {
	e, ok := explain.Lookup(lang, string(v.Rule))
	switch {
	case ok && v.Order && e.Order != "":
		return e.Order
	case ok && !v.Order && e.Without != "":
		return e.Without
	}
	return v.Text
}
