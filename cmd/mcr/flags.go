package main

import (
	"errors"
	"strings"

	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
)

// options is what the flags of run and plan say, besides the container.
type options struct {
	spec spec.Container

	dryRun, json, verbose, help bool

	trace, output, lang, planFile, factsFile string
	skip, deny, env, envFile                 []string
	writeRoot, readOnly, userns              bool
}

// A flagDef is a flag: its names, what it takes, and what it does. Its
// description is the catalogue's, under "flag/NAME".
type flagDef struct {
	names string // "-e --env"
	arg   string // what it takes; "" for none; "[X]" for an optional value, after "=" only
	set   func(o *options, v string) error
}

var flagDefs = []flagDef{
	{"--rootfs", "DIR", func(o *options, v string) error { o.spec.Rootfs = v; return nil }},
	{"--rw", "", func(o *options, _ string) error { o.spec.Storage, o.writeRoot = spec.Through, true; return nil }},
	{"--read-only", "", func(o *options, _ string) error { o.spec.Storage, o.readOnly = spec.ReadOnly, true; return nil }},
	{"--root", "MODE", oneOf(func(o *options, v string) { o.spec.Root = spec.Root(strings.TrimPrefix(v, "pivot")) }, "pivot", "chroot", "auto")},
	{"-h --hostname", "NAME", hostname},
	{"-w --workdir", "DIR", workdir},
	{"-e --env", "NAME[=VALUE]", func(o *options, v string) error { o.env = append(o.env, v); return nil }},
	{"--env-file", "FILE", func(o *options, v string) error { o.envFile = append(o.envFile, v); return nil }},
	{"-i --interactive", "", func(*options, string) error { return nil }},
	{"--net --network", "host|none", namespace(func(n *spec.Namespaces) *string { return &n.Net }, "none")},
	{"--pid", "host|private", namespace(func(n *spec.Namespaces) *string { return &n.PID }, "private")},
	{"--ipc", "host|private", namespace(func(n *spec.Namespaces) *string { return &n.IPC }, "private")},
	{"--uts", "host|private", namespace(func(n *spec.Namespaces) *string { return &n.UTS }, "private")},
	{"--cgroupns", "host|private", namespace(func(n *spec.Namespaces) *string { return &n.Cgroup }, "private")},
	{"--userns", "MODE", userns},
	{"--time", "[SECONDS]", timeNamespace},
	{"--cap-add", "CAP", func(o *options, v string) error { o.spec.CapAdd = append(o.spec.CapAdd, list(v)...); return nil }},
	{"--cap-drop", "CAP", func(o *options, v string) error { o.spec.CapDrop = append(o.spec.CapDrop, list(v)...); return nil }},
	{"--security-opt", "OPTION", securityOpt},
	{"--ulimit", "NAME=SOFT[:HARD]", ulimit},
	{"--as", "SIZE", sized(func(o *options, n uint64) { o.spec.AS = n })},
	{"--pids-limit", "N", pidsLimit},
	{"--shm-size", "SIZE", sized(func(o *options, n uint64) { o.spec.ShmSize = n })},
	{"--storage-opt", "size=SIZE", storageOpt},
	{"--profile", "seed", oneOf(func(o *options, v string) { o.spec.Profile = v }, "seed")},
	{"-m --memory", "SIZE", func(*options, string) error { return wrong("msg/no_memory") }},
	{"--cpus", "N", func(*options, string) error { return wrong("msg/no_cpus") }},
	{"--trace", "[FORM]", traceForm},
	{"-o --output", "FILE", func(o *options, v string) error { o.output = v; return nil }},
	{"--verbose", "", func(o *options, _ string) error { o.verbose = true; return nil }},
	{"--dry-run", "", func(o *options, _ string) error { o.dryRun = true; return nil }},
	{"--json", "", func(o *options, _ string) error { o.json = true; return nil }},
	{"--plan", "FILE", func(o *options, v string) error { o.planFile = v; return nil }},
	{"--facts", "FILE", func(o *options, v string) error { o.factsFile = v; return nil }},
	{"--skip", "KEY", func(o *options, v string) error { o.skip = append(o.skip, v); return nil }},
	{"--deny", "KEY=ERRNO", func(o *options, v string) error { o.deny = append(o.deny, v); return nil }},
	{"--i-know", "", func(o *options, _ string) error { o.spec.Iknow = true; return nil }},
	{"--lang", "en|es", oneOf(func(o *options, v string) { o.lang = v }, "en", "es")},
	{"--help", "", func(o *options, _ string) error { o.help = true; return nil }},
}

// A wordError is a mistake in what was typed, by the key of its text. Takes is
// the key of what a flag takes, the text's last gap.
type wordError struct {
	key   string
	args  []string
	takes *wordError
}

// wrong is a mistake, by its key and what fills its gaps.
func wrong(key string, args ...string) *wordError { return &wordError{key: key, args: args} }

func (e *wordError) Error() string { return e.key + " " + strings.Join(e.args, " ") }

// parse reads flags up to the first argument that is none, or to "--", and
// answers the rest.
func parse(o *options, args []string) (rest []string, err error) {
	for len(args) > 0 {
		arg := args[0]
		if arg == "--" {
			return args[1:], nil
		}
		if len(arg) < 2 || arg[0] != '-' {
			return args, nil
		}
		args = args[1:]
		name, value, glued := strings.Cut(arg, "=")
		def := find(name)
		if def == nil && !strings.HasPrefix(arg, "--") && find(arg[:2]) != nil {
			// Short flags may be written together: -ie NAME=1, -w/tmp.
			def = find(arg[:2])
			if def.arg != "" {
				name, value, glued = arg[:2], arg[2:], true
			} else {
				args, name, glued = append([]string{"-" + arg[2:]}, args...), arg[:2], false
			}
		}
		switch {
		case def == nil:
			return nil, wrong("msg/unknown_flag", name, explain.Nearest(name, flagNames()))
		case def.arg == "" && glued:
			if value != "true" && value != "false" {
				return nil, wrong("msg/flag_no_value", name)
			}
			if value == "false" {
				continue
			}
		case def.arg != "" && def.arg[0] != '[' && !glued:
			if len(args) == 0 {
				return nil, wrong("msg/flag_needs", name, def.arg)
			}
			value, args = args[0], args[1:]
		}
		if err := def.set(o, value); err != nil {
			var w *wordError
			if errors.As(err, &w) && strings.HasPrefix(w.key, "takes/") {
				return nil, &wordError{"msg/flag_value", []string{name, value}, w}
			}
			return nil, err
		}
	}
	return nil, nil
}

func find(name string) *flagDef {
	for i := range flagDefs {
		for n := range strings.FieldsSeq(flagDefs[i].names) {
			if n == name {
				return &flagDefs[i]
			}
		}
	}
	return nil
}

func flagNames() (names []string) {
	for i := range flagDefs {
		names = append(names, strings.Fields(flagDefs[i].names)...)
	}
	return names
}

// edits makes the edits that --skip and --deny ask for.
func (o *options) edits(p *plan.Plan) error {
	for _, k := range o.skip {
		if err := plan.Skip(p, k); err != nil {
			return err
		}
	}
	for _, d := range o.deny {
		if err := plan.Deny(p, d); err != nil {
			return err
		}
	}
	return nil
}
