package compile

import (
	"strings"

	"example.org/mcr/runtime/spec"
)

// seed is the profile of the C original's defaults.
const seed = "seed"

// check refuses what cannot be done before anything is planned.
func (b *builder) check() error {
	c, f := b.spec, b.facts
	if len(c.Args) == 0 || c.Args[0] == "" {
		return refuse("msg/no_command", "no command to run")
	}
	for _, s := range append(append([]string{c.Rootfs, c.Dir, c.Hostname}, c.Args...), c.Env...) {
		if strings.Contains(s, "\x00") {
			return refuse("msg/nul", "%q has a NUL byte in it", s)
		}
	}
	if len(c.Hostname) > 64 || c.Hostname == "" {
		return refuse("msg/hostname", "host name %q: it must have 1 to 64 bytes, sethostname(2)", c.Hostname)
	}
	switch c.Profile {
	case "", seed:
	default:
		return refuse("msg/unknown_profile", "profile %q: there is seed", c.Profile)
	}
	if (c.Namespaces.User == spec.Host || c.Namespaces.User == spec.Identity) && !f.Root {
		return refuse("msg/userns_root", "--userns=%s is for root of the host, and this is an ordinary user", c.Namespaces.User)
	}
	if f.Root && c.Namespaces.User == "" && c.Profile != seed && f.Range == 0 {
		return refuse("msg/no_range", "no 65,536 unused user ids were found")
	}
	for _, dir := range f.Rootfs.Links {
		return refuse("msg/link", "%s/%s is a symbolic link, and a mount there could be led elsewhere", f.Rootfs.Dir, dir)
	}
	if f.ProcCovered && c.Namespaces.PID == "" && c.Namespaces.User != spec.Host {
		return refuse("msg/proc_covered", "parts of this /proc are covered by other mounts, so the kernel would refuse a new one")
	}
	if f.Root && c.Namespaces.User == "" && c.Profile != seed && !f.Rootfs.Idmap {
		b.note("note/unshifted", f.Rootfs.Why)
	}
	if c.Storage == spec.Through && f.Root && !c.Iknow && f.Rootfs.Shared && b.shifted() {
		return refuse("msg/rw_shared", "--rw as root: %s can be reached by other users of this host, for whom the payload could leave a set-uid program of root's", f.Rootfs.Dir)
	}
	if c.Namespaces.Time || c.Namespaces.Offset != 0 {
		if !f.TimeNS {
			return refuse("msg/no_timens", "this kernel has no time namespaces, Linux 5.6")
		}
	}
	if c.Namespaces.PID == spec.Host {
		b.note("note/pid_best_effort")
	}
	return nil
}
