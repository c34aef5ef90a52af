package plan

import (
	"slices"
	"strconv"
	"strings"

	"example.org/mcr/runtime/sys"
)

// A Denial is an answer that is given in the kernel's place: the call is not
// made.
type Denial struct {
	Errno sys.Errno // refused with this number
	Short bool      // or answered with one less than wanted
}

// An EditError is an edit that cannot be made: the key of its text in the
// catalogue, and what was asked for.
type EditError struct {
	Why Key
	Arg string
}

func (e *EditError) Error() string { return string(e.Why) + ": " + e.Arg }

// Short is the word for a Denial that is not an error.
const Short = "short"

func parseDenial(s string) (Denial, error) {
	if s == Short {
		return Denial{Short: true}, nil
	}
	e, ok := sys.ParseErrno(strings.ToUpper(s))
	if !ok {
		return Denial{}, &EditError{"edit/errno", s}
	}
	return Denial{Errno: e}, nil
}

// Skip leaves out every action of a key, or the n-th of them ("key#n"), or the
// flag of clone(2) of that key.
func Skip(p *Plan, target string) error {
	found := 0
	match, err := matcher(target)
	if err != nil {
		return err
	}
	p.Clone = slices.DeleteFunc(p.Clone, func(b Birth) bool { return count(&found, match(b.Why)) })
	p.Host = slices.DeleteFunc(p.Host, func(s Step) bool { return s.Forks == NoList && count(&found, match(s.Why)) })
	p.Inside = slices.DeleteFunc(p.Inside, func(a Action) bool { return count(&found, match(a.Why)) })
	p.After = slices.DeleteFunc(p.After, func(a Action) bool { return count(&found, match(a.Why)) })
	return edited(p, found, "skip "+target)
}

// Deny makes every action of a key (or the n-th, "key#n") fail: spec is
// "key=ERRNO", or "key=short" for a result that is not the wanted one.
func Deny(p *Plan, spec string) error {
	target, what, ok := strings.Cut(spec, "=")
	if !ok {
		return &EditError{"edit/deny", spec}
	}
	d, err := parseDenial(what)
	if err != nil {
		return err
	}
	match, err := matcher(target)
	if err != nil {
		return err
	}
	found := 0
	deny := func(a *Action) {
		if match(a.Why) {
			a.Deny = d
			found++
		}
	}
	for i := range p.Host {
		deny(&p.Host[i].Action)
	}
	for i := range p.Inside {
		deny(&p.Inside[i])
	}
	for i := range p.After {
		deny(&p.After[i])
	}
	return edited(p, found, "deny "+spec)
}

func count(n *int, hit bool) bool {
	if hit {
		*n++
	}
	return hit
}

func matcher(target string) (func(Key) bool, error) {
	key, nth, indexed := strings.Cut(target, "#")
	n, err := strconv.Atoi(nth)
	if indexed && (err != nil || n < 1) {
		return nil, &EditError{"edit/nth", target}
	}
	seen := 0
	return func(k Key) bool {
		if string(k) != key {
			return false
		}
		seen++
		return !indexed || seen == n
	}, nil
}

func edited(p *Plan, found int, what string) error {
	if found == 0 {
		_, target, _ := strings.Cut(what, " ")
		key, _, _ := strings.Cut(target, "=")
		return &EditError{"edit/no_key", key}
	}
	p.Broken = append(p.Broken, what)
	return nil
}

// Keys are the keys of the plan, each once, in order.
func (p *Plan) Keys() []Key {
	var keys []Key
	add := func(k Key) {
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, b := range p.Clone {
		add(b.Why)
	}
	for i := range p.Host {
		add(p.Host[i].Why)
	}
	for i := range p.Inside {
		add(p.Inside[i].Why)
	}
	for i := range p.After {
		add(p.After[i].Why)
	}
	return keys
}
