package filter

import (
	"math"
	"slices"
)

// A retValue is an errnoRet. Podman's profiles have the errno's name beside it.
type retValue struct {
	value uint64
	given bool
	name  string
}

// An entry is one member of syscalls as it is being read.
type entry struct {
	names  []string
	action string
	errno  retValue
	args   []Cond
	left   bool // includes or excludes leave it out
}

// syscall reads a member of syscalls and adds its rules.
func (in *input) syscall(path string) error {
	var e entry
	var name string
	err := in.object(path, func(key, path string) (bool, error) {
		switch key {
		case "names":
			return true, in.texts(path, &e.names)
		case "name":
			return true, in.text(path, &name)
		case "action":
			return true, in.actionName(path, &e.action)
		case "errnoRet":
			e.errno.given = true
			return true, in.number(path, math.MaxUint16, &e.errno.value)
		case "errno":
			return true, in.text(path, &e.errno.name)
		case "args":
			return true, in.list(path, func(path string) error { return in.arg(path, &e) })
		case "includes":
			return true, in.asks(path, func(met bool) { e.left = e.left || !met }, true)
		case "excludes":
			return true, in.asks(path, func(met bool) { e.left = e.left || met }, false)
		case "comment":
			return true, in.text(path, new(string))
		}
		return false, nil
	})
	switch {
	case err != nil:
		return err
	case name != "" && e.names != nil:
		return in.fail(path, "has both name and names")
	case name != "":
		e.names = []string{name}
	}
	if e.action == "" {
		return in.fail(path+".action", "missing")
	}
	if err := in.resolve(path+".errno", &e.errno); err != nil {
		return err
	}
	if !e.left {
		in.add(e)
	}
	return nil
}

// add adds the rules of an entry.
func (in *input) add(e entry) {
	r := Rule{Names: e.names, Action: verdict(e.action, e.errno), Args: e.args, Why: "the profile says so"}
	for i, c := range e.args {
		if slices.ContainsFunc(e.args[:i], func(d Cond) bool { return d.Index == c.Index }) {
			for _, c := range e.args { // alternatives, as in runc
				r.Args = []Cond{c}
				in.rules = append(in.rules, r)
			}
			return
		}
	}
	in.rules = append(in.rules, r)
}

// asks reads includes or excludes and reports each of its conditions.
func (in *input) asks(path string, report func(met bool), all bool) error {
	return in.object(path, func(key, path string) (bool, error) {
		var list []string
		switch key {
		case "caps":
			err := in.texts(path, &list)
			for _, c := range list {
				report(slices.Contains(in.host.caps, capName(c)))
			}
			return true, err
		case "arches":
			err := in.texts(path, &list)
			if len(list) > 0 || !all {
				report(slices.Contains(list, in.host.arch.String()))
			}
			return true, err
		case "minKernel":
			var s string
			if err := in.text(path, &s); err != nil {
				return true, err
			}
			want, err := parseRelease(s)
			if err != nil {
				return true, in.fail(path, "%w", err)
			}
			if s != "" {
				report(!in.host.kernel.before(want))
			}
			return true, nil
		}
		return false, nil
	})
}

// arg reads a condition.
func (in *input) arg(path string, e *entry) error {
	var c Cond
	index := uint64(math.MaxUint64)
	err := in.object(path, func(key, path string) (bool, error) {
		switch key {
		case "index":
			return true, in.number(path, 5, &index)
		case "value":
			return true, in.number(path, math.MaxUint64, &c.Value)
		case "valueTwo":
			return true, in.number(path, math.MaxUint64, &c.ValueTwo)
		case "op":
			var s string
			if err := in.text(path, &s); err != nil {
				return true, err
			}
			if c.Op = parseOp(s); c.Op == 0 {
				return true, in.fail(path, "%q is not a comparison: SCMP_CMP_NE, LT, LE, EQ, GE, GT, MASKED_EQ", s)
			}
			return true, nil
		}
		return false, nil
	})
	switch {
	case err != nil:
		return err
	case index == math.MaxUint64:
		return in.fail(path+".index", "missing")
	case c.Op == 0:
		return in.fail(path+".op", "missing")
	}
	c.Index = int(index)
	e.args = append(e.args, c)
	return nil
}

func parseOp(s string) Op {
	switch s {
	case "SCMP_CMP_NE":
		return NE
	case "SCMP_CMP_LT":
		return LT
	case "SCMP_CMP_LE":
		return LE
	case "SCMP_CMP_EQ":
		return EQ
	case "SCMP_CMP_GE":
		return GE
	case "SCMP_CMP_GT":
		return GT
	case "SCMP_CMP_MASKED_EQ":
		return MaskedEQ
	}
	return 0
}

// actionName reads the name of an action.
func (in *input) actionName(path string, to *string) error {
	if err := in.text(path, to); err != nil {
		return err
	}
	if *to == "SCMP_ACT_NOTIFY" {
		return in.fail(path, "SCMP_ACT_NOTIFY is not supported in a profile: it needs a supervisor that answers")
	}
	if _, ok := parseAction(*to); !ok {
		return in.fail(path, "%q is not an action: SCMP_ACT_ALLOW, ERRNO, KILL, KILL_THREAD, KILL_PROCESS, TRAP, TRACE, LOG", *to)
	}
	return nil
}

func parseAction(s string) (Action, bool) {
	switch s {
	case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD":
		return KillThread, true
	case "SCMP_ACT_KILL_PROCESS":
		return KillProcess, true
	case "SCMP_ACT_TRAP":
		return Trap, true
	case "SCMP_ACT_ERRNO":
		return Errno, true
	case "SCMP_ACT_TRACE":
		return Trace, true
	case "SCMP_ACT_ALLOW":
		return Allow, true
	case "SCMP_ACT_LOG":
		return Log, true
	}
	return 0, false
}

// resolve finds the value of an errno that is given by its name alone.
func (in *input) resolve(path string, v *retValue) error {
	switch {
	case v.given || v.name == "":
	case v.name == "EPERM":
		v.value, v.given = EPERM, true
	case v.name == "ENOSYS":
		v.value, v.given = ENOSYS, true
	default:
		return in.fail(path, "%q: give its number as well, as errnoRet", v.name)
	}
	return nil
}

// verdict joins an action and its errnoRet, EPERM where there is none.
func verdict(name string, errno retValue) Action {
	a, _ := parseAction(name)
	if a != Errno && a != Trace {
		return a
	}
	if !errno.given {
		return a | EPERM
	}
	return a | Action(errno.value)
}
