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
		return failed(lang, nil, err)
	}
	if o.help {
		fmt.Print(explain.Text(lang, "msg/run_usage"), flagHelp(lang))
		return 0
	}
	p, err := o.plan(rest, dry || o.dryRun)
	if err != nil {
		return failed(lang, p, err)
	}
	if dry || o.dryRun {
		return o.show(lang, p)
	}
	out := os.Stderr
	if o.output != "" {
		if out, err = os.OpenFile(o.output, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644); err != nil {
			return failed(lang, p, fmt.Errorf("output: %w", err))
		}
	}
	return o.start(lang, p, out)
}

// plan is what is to be run or shown: compiled, or read from a file, and then
// edited.
func (o *options) plan(rest []string, dry bool) (*plan.Plan, error) {
	if err := o.conflicts(); err != nil {
		return nil, err
	}
	if o.planFile != "" {
		return o.saved(rest)
	}
	if err := o.complete(rest); err != nil {
		return nil, err
	}
	facts, err := o.facts(dry)
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
		return &wordError{"msg/conflict", []string{"--rw", "--read-only"}}
	}
	if o.factsFile != "" && !o.dryRun && !o.json {
		return nil // mcr plan; run refuses facts that are not this host's below
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
		return &wordError{"msg/unknown_profile", []string{c.Seccomp}}
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
			return &wordError{"msg/env_name", []string{e}}
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
func (o *options) facts(dry bool) (*host.Facts, error) {
	if o.factsFile == "" {
		return hostFacts(&o.spec)
	}
	if !dry {
		return nil, &wordError{"msg/facts_run", nil}
	}
	b, err := os.ReadFile(o.factsFile)
	if err != nil {
		return nil, fmt.Errorf("--facts: %w", err)
	}
	f := &host.Facts{}
	if err := json.Unmarshal(b, f); err != nil {
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
			return failed(lang, p, fmt.Errorf("output: %w", err))
		}
		w = f
	}
	var err error
	if o.json {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		err = enc.Encode(p)
	} else {
		err = trace.Plan(w, p, trace.Options{Verbose: o.verbose, Title: func(k plan.Key, args ...string) string { return explain.Text(lang, string(k), args...) }})
	}
	if err != nil {
		return failed(lang, p, fmt.Errorf("write the plan: %w", err))
	}
	return 0
}
