package main

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
)

// The functions below read what flags take.

func list(v string) []string { return strings.Split(v, ",") }

func oneOf(set func(*options, string), values ...string) func(*options, string) error {
	return func(o *options, v string) error {
		if !slices.Contains(values, v) {
			return wrong("takes/one_of", strings.Join(values, ", "))
		}
		set(o, v)
		return nil
	}
}

func namespace(field func(*spec.Namespaces) *string, own string) func(*options, string) error {
	return oneOf(func(o *options, v string) { *field(&o.spec.Namespaces) = strings.TrimPrefix(v, own) }, "host", own)
}

func userns(o *options, v string) error {
	if v == "private" {
		v = ""
	}
	if v != "" && v != spec.Host && v != spec.Identity {
		return wrong("takes/one_of", "private, identity, host")
	}
	o.spec.Namespaces.User, o.userns = v, true
	return nil
}

func workdir(o *options, v string) error {
	if !strings.HasPrefix(v, "/") {
		return wrong("takes/path")
	}
	o.spec.Dir = v
	return nil
}

func timeNamespace(o *options, v string) (err error) {
	o.spec.Namespaces.Time = true
	if v != "" {
		o.spec.Namespaces.Offset, err = strconv.ParseInt(v, 10, 64)
	}
	if err != nil {
		return wrong("takes/seconds")
	}
	return nil
}

func securityOpt(o *options, v string) error {
	name, value, given := strings.Cut(strings.Replace(v, ":", "=", 1), "=")
	switch {
	case name == "seccomp" && value != "":
		o.spec.Seccomp = value
	case name == "no-new-privs" || name == "no-new-privileges":
		if given && value != "true" && value != "false" {
			return wrong("takes/no_new_privs")
		}
		o.spec.NewPrivs = value == "false"
	default:
		return wrong("takes/security_opt")
	}
	return nil
}

func traceForm(o *options, v string) error {
	if v == "" {
		v = "text"
	}
	return oneOf(func(o *options, v string) { o.trace = v }, "text", "json", "chrome")(o, v)
}

func pidsLimit(o *options, v string) error {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n == 0 || n < -1 {
		return wrong("takes/pids")
	}
	o.spec.PidsLimit = n
	return nil
}

func storageOpt(o *options, v string) error {
	s, ok := strings.CutPrefix(v, "size=")
	if !ok {
		return wrong("takes/storage")
	}
	return sized(func(o *options, n uint64) { o.spec.Upper = n })(o, s)
}

// sized reads sizes: 64m is 64 MiB, as docker has it.
func sized(set func(*options, uint64)) func(*options, string) error {
	return func(o *options, v string) error {
		n, err := size(v)
		if err == nil {
			set(o, n)
		}
		return err
	}
}

func size(v string) (uint64, error) {
	digits := strings.TrimRight(strings.ToLower(v), "bkmgti")
	shift, ok := map[string]uint{"": 0, "b": 0, "k": 10, "kb": 10, "kib": 10, "m": 20, "mb": 20, "mib": 20, "g": 30, "gb": 30, "gib": 30, "t": 40, "tb": 40, "tib": 40}[strings.ToLower(v)[len(digits):]]
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || !ok || n == 0 || n > math.MaxInt64>>shift {
		return 0, wrong("takes/size")
	}
	return n << shift, nil
}

// ulimit reads docker's form; sizes may have a suffix, and -1 or unlimited is
// no limit.
func ulimit(o *options, v string) error {
	name, value, _ := strings.Cut(v, "=")
	n, ok := sys.ResourceNumber(name)
	if !ok {
		return wrong("takes/resource", name)
	}
	soft, hard, both := strings.Cut(value, ":")
	if !both {
		hard = soft
	}
	u := spec.Ulimit{Resource: n}
	var err1, err2 error
	u.Soft, err1 = limit(soft)
	u.Hard, err2 = limit(hard)
	if err1 != nil || err2 != nil || u.Soft > u.Hard {
		return wrong("takes/ulimit")
	}
	o.spec.Ulimits = append(o.spec.Ulimits, u)
	return nil
}

func limit(v string) (uint64, error) {
	if v == "-1" || v == "unlimited" {
		return sys.RLIM64_INFINITY, nil
	}
	if v == "0" {
		return 0, nil
	}
	return size(v)
}

func hostname(o *options, v string) error {
	if v == "" {
		return wrong("msg/hostname", v)
	}
	o.spec.Hostname = v
	return nil
}
