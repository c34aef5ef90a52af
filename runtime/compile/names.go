package compile

// Rests on sethostname(2), hosts(5), resolv.conf(5), netdevice(7), uts_namespaces(7).

import (
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
)

// names sets the host name and brings up the one interface there is.
func (b *builder) names() error {
	if b.spec.Namespaces.UTS == "" {
		b.do("names/hostname", plan.SetHostname(b.spec.Hostname))
	}
	if b.spec.Namespaces.Net == "" {
		fd := b.reg("interface_socket")
		b.do("names/lo", plan.DatagramSocket()).Save = fd
		b.do("names/lo", plan.InterfaceUp(fd, "lo")).Probe = &plan.Probe{File: "net/dev", Field: "lo"}
		b.do("names/lo", plan.Close(fd))
	}
	return nil
}

// etc provides the three files by which programs learn names. In an ephemeral
// root they are written over what is there; a directory of the user's is not
// touched, and one of somebody else's cannot be: there they are bound over.
func (b *builder) etc() error {
	if b.spec.Profile == seed {
		return nil
	}
	files := []struct{ name, text string }{
		{"hostname", b.spec.Hostname + "\n"},
		{"hosts", "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.1.1\t" + b.spec.Hostname + "\n"},
		{"resolv.conf", b.resolver()},
	}
	if b.through() || b.foreignRoot() {
		b.bindEtc(files)
		return nil
	}
	b.enter("mount/etc", "etc")
	for _, f := range files {
		// It may be a symbolic link, which a write would follow: it goes, and a file of that name comes.
		b.do("mount/etc", plan.Unlinkat(plan.CWD, f.name)).Allow = []sys.Errno{sys.ENOENT}
		b.create("mount/etc", f.name, f.text)
	}
	return nil
}

// foreignRoot reports whether the root's owner has no id in the container, so
// that nothing of it can be written, not even on an overlay.
func (b *builder) foreignRoot() bool {
	if b.facts.Root {
		return b.spec.Namespaces.User == "" && b.spec.Profile != seed && !b.facts.Rootfs.Idmap
	}
	return b.facts.Rootfs.Owner != b.facts.UID
}

// bindEtc binds files from the stage over those of the user's directory.
func (b *builder) bindEtc(files []struct{ name, text string }) {
	for _, f := range files {
		if !b.facts.Rootfs.HasFile("etc/" + f.name) {
			b.note("note/no_etc", "/etc/"+f.name)
			continue
		}
		b.create("mount/etc_bind", b.facts.Stage+"/"+f.name, f.text)
		b.reenter("mount/etc_bind", "etc")
		b.do("mount/etc_bind", plan.MountFS(b.facts.Stage+"/"+f.name, f.name, "", sys.MS_BIND, ""))
	}
}

func (b *builder) create(why plan.Key, path, text string) {
	fd := b.reg(string(why))
	b.do(why, plan.Create(b.arch, plan.CWD, path, 0o644)).Save = fd
	b.do(why, plan.Write(fd, text)).Want = plan.Exactly(len(text))
	b.do(why, plan.Close(fd))
}

func (b *builder) resolver() string {
	if b.spec.Namespaces.Net == spec.Host {
		return b.facts.Resolver + "# as on the host: the network is the host's\n"
	}
	return "# no network: this container has only the interface lo\n"
}

// tty cuts the payload off from the caller's terminal: what is its controlling
// terminal it could push input into, ioctl_tiocsti(2).
func (b *builder) tty() error {
	b.do("tty/setsid", plan.Setsid()).Probe = &plan.Probe{File: "status", Field: "NSsid", Want: "1"}
	return nil
}
