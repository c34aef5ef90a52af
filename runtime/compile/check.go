package compile

import (
	"slices"
	"strconv"
	"strings"

	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
)

// seed is the profile of the C original's defaults.
const seed = "seed"

// check refuses what cannot be done before anything is planned.
func (b *builder) check() error {
	c, f := b.spec, b.facts
	// Linux 5.11 let overlay mount in user namespaces, 5.12 brought mount_setattr(2).
	if !f.AtLeast(5, 12) {
		return refuse("msg/old_kernel", f.Kernel)
	}
	if len(c.Args) == 0 || c.Args[0] == "" {
		return refuse("msg/no_command")
	}
	for _, s := range append(append([]string{c.Rootfs, c.Dir, c.Hostname}, c.Args...), c.Env...) {
		if strings.Contains(s, "\x00") {
			return refuse("msg/nul", strconv.Quote(s))
		}
	}
	if len(c.Hostname) > 64 || c.Hostname == "" {
		return refuse("msg/hostname", c.Hostname)
	}
	switch c.Profile {
	case "", seed:
	default:
		return refuse("msg/unknown_profile", c.Profile, seed)
	}
	if (c.Namespaces.User == spec.Host || c.Namespaces.User == spec.Identity) && !f.Root {
		return refuse("msg/userns_root", c.Namespaces.User)
	}
	if f.Root && c.Namespaces.User == "" && c.Profile != seed && f.Range == 0 {
		return refuse("msg/no_range")
	}
	if len(f.Rootfs.Links) > 0 {
		return refuse("msg/link", f.Rootfs.Dir, f.Rootfs.Links[0])
	}
	if f.ProcCovered && c.Namespaces.PID == "" && c.Namespaces.User != spec.Host {
		return refuse("msg/proc_covered")
	}
	if f.Root && c.Namespaces.User == "" && c.Profile != seed && !f.Rootfs.Idmap {
		b.note("note/unshifted", f.Rootfs.Why)
	}
	if c.NewPrivs && c.Seccomp != "unconfined" && !slices.ContainsFunc(c.CapAdd, admin) {
		return refuse("msg/new_privs_filter")
	}
	if !f.Root && f.Rootfs.Mounts && c.Storage != spec.Through {
		return refuse("msg/submounts", f.Rootfs.Dir)
	}
	if !f.Root && b.foreignRoot() {
		b.note("note/foreign_root", f.Rootfs.Dir, strconv.Itoa(f.Rootfs.Owner))
	}
	if c.Storage == spec.Through && f.Root && !c.Iknow && f.Rootfs.Shared && b.shifted() {
		return refuse("msg/rw_shared", f.Rootfs.Dir)
	}
	if c.Namespaces.Time && !f.TimeNS || c.Namespaces.Offset != 0 && !f.AtLeast(6, 0) {
		return refuse("msg/no_timens")
	}
	if c.Namespaces.PID == spec.Host {
		b.note("note/pid_best_effort")
	}
	if !f.Clock {
		b.note("note/no_clock")
	}
	return nil
}

// admin reports whether a capability's name is one that lets a filter be
// installed without no_new_privs, seccomp(2).
func admin(name string) bool {
	n, _ := sys.Capability(name)
	return strings.EqualFold(name, "ALL") || sys.CapabilityName(n) == "CAP_SYS_ADMIN"
}
