package compile

// Rests on capabilities(7), prctl(2), capset(2), keyctl(2), session-keyring(7).

import (
	"fmt"
	"strings"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// DefaultCaps is what the payload may do by default, beyond what anybody may.
// The catalogue has a reason for each.
var DefaultCaps = []string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT",
}

// seedCaps is the C original's set.
var seedCaps = []string{
	"CAP_SYS_CHROOT", "CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_DAC_OVERRIDE",
}

// Kept is the set of capabilities that the payload has: the default ones, with
// what is dropped taken away and what is added put on top, as docker has it.
func Kept(base, add, drop []string, last int) (uint64, error) {
	all := uint64(1)<<(last+1) - 1
	var kept uint64
	for _, step := range []struct {
		names []string
		apply func(uint64)
	}{
		{base, func(bit uint64) { kept |= bit }},
		{drop, func(bit uint64) { kept &^= bit }},
		{add, func(bit uint64) { kept |= bit }},
	} {
		for _, name := range step.names {
			if strings.EqualFold(name, "ALL") {
				step.apply(all)
				continue
			}
			n, ok := sys.Capability(name)
			if !ok || n > last {
				return 0, refuse("msg/unknown_capability", name)
			}
			step.apply(1 << n)
		}
	}
	return kept & all, nil
}

// caps reduces the payload's privileges. Each set has its place: the bounding
// set is dropped while CAP_SETPCAP is still there, and no_new_privs comes when
// nothing more is to be gained.
func (b *builder) caps() error {
	base := DefaultCaps
	if b.spec.Profile == seed {
		base = seedCaps
	}
	kept, err := Kept(base, b.spec.CapAdd, b.spec.CapDrop, b.facts.LastCap)
	if err != nil {
		return err
	}
	if b.hostUser() {
		kept &= b.facts.Bound
	}
	if b.facts.Keyrings && b.spec.Profile != seed {
		b.do("caps/keyring", plan.JoinKeyring())
	}
	b.do("caps/ambient", plan.ClearAmbient()).Probe = &plan.Probe{File: "status", Field: "CapAmb", Want: mask(0)}
	inheritable := uint64(0)
	if b.spec.Profile == seed {
		inheritable = kept
		b.note("note/seed_bounding")
	} else {
		for n := range b.facts.LastCap + 1 {
			if kept&(1<<n) == 0 {
				b.do("caps/bounding", plan.DropBound(n)).Probe = &plan.Probe{File: "status", Field: "CapBnd", Want: mask(kept)}
			}
		}
	}
	b.do("caps/sets", plan.Capset(kept, kept, inheritable)).Probe = &plan.Probe{File: "status", Field: "CapEff", Want: mask(kept)}
	if b.spec.NewPrivs {
		b.note("note/new_privs")
	} else {
		b.do("caps/no_new_privs", plan.NoNewPrivs()).Probe = &plan.Probe{File: "status", Field: "NoNewPrivs", Want: "1"}
	}
	return nil
}

func mask(set uint64) string { return fmt.Sprintf("%016x", set) }
