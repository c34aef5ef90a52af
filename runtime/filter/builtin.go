package filter

import (
	"fmt"
	"slices"
	"strings"

	"example.org/mcr/runtime/sys"
)

// names are the built-in profiles.
var names = [...]string{"default", "docker", "seed"}

// Names returns the names of the built-in profiles.
func Names() []string { return append([]string(nil), names[:]...) }

// Builtin returns a profile of our own: "default" kills for calls that no
// ordinary program makes, "docker" answers EPERM to them, "seed" is the C
// original's list and kills the thread for everything else.
func Builtin(name string, arch sys.Arch) (*Profile, error) {
	p := &Profile{Name: name, Arch: arch, Above: Errno | ENOSYS, X32: Errno | ENOSYS}
	switch name {
	case "default":
		p.Default = KillProcess
		p.allow(allowed[:], "ordinary programs make it")
		p.except("")
	case "docker":
		p.Default = Errno | EPERM
		p.allow(allowed[:], "moby's list lets it through")
		p.except("unshare")
		p.rule(Rule{Names: []string{"unshare"}, Action: Errno | EPERM, Why: "moby's list refuses it without CAP_SYS_ADMIN"})
	case "seed":
		if arch != sys.AMD64 {
			return nil, fmt.Errorf("seccomp profile %q: the C original's list is for %s, not %s", name, sys.AMD64, arch)
		}
		p.Default, p.Above, p.X32 = KillThread, KillThread, KillThread
		p.allow(seedAllowed[:], "on the C original's list")
	default:
		return nil, fmt.Errorf("seccomp profile %q: there are %s", name, strings.Join(names[:], ", "))
	}
	return p, nil
}

// allow adds a rule that lets calls through.
func (p *Profile) allow(names []string, why string) {
	p.rule(Rule{Names: names, Action: Allow, Why: why})
}

// except adds the table of exceptions, without one call.
func (p *Profile) except(without string) {
	for _, e := range &exceptions {
		if e.Name != without {
			p.rule(Rule{Names: []string{e.Name}, Action: e.Verdict(), Args: e.Args, Why: e.Reason})
		}
	}
}

// rule adds a rule for those of its names that the architecture has.
func (p *Profile) rule(r Rule) {
	var have []string
	for _, name := range r.Names {
		if _, ok := p.Arch.Number(name); ok {
			have = append(have, name)
		} else {
			p.unknown(name)
		}
	}
	if len(have) > 0 {
		r.Names = have
		p.Rules = append(p.Rules, r)
	}
}

func (p *Profile) unknown(name string) {
	if !slices.Contains(p.Unknown, name) {
		p.Unknown = append(p.Unknown, name)
	}
}

// For returns the rules for one call, in the order in which they are tried.
func (p *Profile) For(name string) []Rule {
	nr, ok := p.Arch.Number(name)
	var rules []Rule
	for _, r := range p.Rules {
		if r.covers(name, uint32(nr), ok) {
			rules = append(rules, r)
		}
	}
	return rules
}

func (r *Rule) covers(name string, nr uint32, ok bool) bool {
	return slices.Contains(r.Names, name) || ok && slices.Contains(r.Nrs, nr)
}

// Program returns the program of a built-in profile, assembled ahead of time
// where it is worth it. The slice is shared: it must not be written to.
func Program(name string, arch sys.Arch) ([]Insn, error) {
	if prog := ahead(name, arch); prog != nil {
		return prog, nil
	}
	p, err := Builtin(name, arch)
	if err != nil {
		return nil, err
	}
	return Assemble(p)
}

// ahead returns the generated program, if there is one.
func ahead(name string, arch sys.Arch) []Insn {
	switch {
	case name == "default" && arch == sys.AMD64:
		return defaultAMD64[:]
	case name == "default" && arch == sys.ARM64:
		return defaultARM64[:]
	case name == "docker" && arch == sys.AMD64:
		return dockerAMD64[:]
	case name == "docker" && arch == sys.ARM64:
		return dockerARM64[:]
	}
	return nil
}
