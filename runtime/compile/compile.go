// Package compile decides. It turns what the user wants and what the machine
// can do into a plan, and makes no system call itself: the same input gives
// the same plan, anywhere. Each feature has a file of its own.
package compile

import (
	"strings"

	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/sys"
)

// Compile decides everything there is to decide and writes it down. The order
// of the lines is the order of the calls; where it matters, the feature's file
// says why.
func Compile(c *spec.Container, f *host.Facts) (*plan.Plan, error) {
	b := &builder{spec: c, facts: f, arch: f.Native(), plan: &plan.Plan{
		// Room for all of it at once: a slice that grows leaves memory behind that was paid for, page by page.
		Facts: *f, Regs: append(make([]string, 0, maxRegs), ""), Host: make([]plan.Step, 0, 32), Inside: make([]plan.Action, 0, 192), After: make([]plan.Action, 0, 16),
	}}
	for _, step := range []func() error{
		b.check,
		b.birth,
		b.start,
		b.user,
		b.root,
		b.mounts,
		b.etc,
		b.pivot,
		b.covers,
		b.names,
		b.tty,
		b.limits,
		b.caps,
		b.death,
		b.fds,
		b.seccomp,
		b.exec,
		b.watch,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return b.plan, nil
}

const maxRegs = 64 // more than a default plan has

// A builder is a plan in the making.
type builder struct {
	spec  *spec.Container
	facts *host.Facts
	arch  sys.Arch
	plan  *plan.Plan

	// Registers that more than one feature uses.
	child, parent plan.Reg // the ends of the socket between the two
	pidfd         plan.Reg // the container's first process
	proc          plan.Reg // /proc/PID of it, as the parent has it
	rootDir       plan.Reg // the new root
	rootTree      plan.Reg // as root: the root as the parent handed it over
}

// reg takes a register for a descriptor and gives it a name.
func (b *builder) reg(name string) plan.Reg {
	b.plan.Regs = append(b.plan.Regs, name)
	return plan.Reg(len(b.plan.Regs) - 1)
}

// do adds a call to the inside list.
func (b *builder) do(why plan.Key, c plan.Call) *plan.Action {
	b.plan.Inside = append(b.plan.Inside, plan.Action{Why: why, Call: c})
	return &b.plan.Inside[len(b.plan.Inside)-1]
}

// host adds a call to the host list.
func (b *builder) host(why plan.Key, c plan.Call) *plan.Action {
	b.plan.Host = append(b.plan.Host, plan.Step{Action: plan.Action{Why: why, Call: c}})
	return &b.plan.Host[len(b.plan.Host)-1].Action
}

// after adds a call to the watcher's list.
func (b *builder) after(why plan.Key, c plan.Call) *plan.Action {
	b.plan.After = append(b.plan.After, plan.Action{Why: why, Call: c})
	return &b.plan.After[len(b.plan.After)-1]
}

// note writes down a decision that the user should see.
func (b *builder) note(why plan.Key, args ...string) {
	b.plan.Notes = append(b.plan.Notes, plan.Note{Why: why, Args: args})
}

// writeFile is open, write, close of a file that is there: three calls for
// one reason.
func (b *builder) writeFile(why plan.Key, path, text string, probe *plan.Probe) {
	fd := b.reg(string(why))
	b.do(why, plan.Openat(b.arch, plan.CWD, path, sys.O_WRONLY)).Save = fd
	w := b.do(why, plan.Write(fd, text))
	w.Want, w.Probe = plan.Exactly(len(text)), probe
	b.do(why, plan.Close(fd))
}

// hostFile is the same in the host list, below the directory of a register.
func (b *builder) hostFile(why plan.Key, path, text string, probe *plan.Probe) {
	fd := b.reg(string(why))
	b.host(why, plan.Openat(b.arch, plan.FD(b.proc), path, sys.O_WRONLY)).Save = fd
	w := b.host(why, plan.Write(fd, text))
	w.Want, w.Probe = plan.Exactly(len(text)), probe
	b.host(why, plan.Close(fd))
}

// An Error is a wish that cannot be fulfilled: the key of its text in the
// catalogue, and what fills the text's gaps.
type Error struct {
	Why  plan.Key
	Args []string
}

func (e *Error) Error() string { return string(e.Why) + ": " + strings.Join(e.Args, ", ") }

func refuse(why plan.Key, args ...string) error { return &Error{why, args} }
