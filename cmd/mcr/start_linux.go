package main

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/kernel"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/signals"
	"example.org/mcr/runtime/trace"
)

// start runs a plan to its end and answers the exit status.
func (o *options) start(lang string, p *plan.Plan, out *os.File) int {
	if err := standardStreams(); err != nil {
		return failed(lang, err)
	}
	if len(p.Broken) > 0 {
		_ = trace.Broken(os.Stderr, p, traceOptions(lang, o.verbose)) // there is nobody else to tell
	}
	forward, err := catch()
	if err != nil {
		return failed(lang, err)
	}
	c, err := kernel.Start(p, kernel.Hooks{
		Watched: func(pid int) {
			notice(lang, p, pid, o.verbose)
			signals.Live() // from here on the payload may be there to be told
			forward.watched = true
		},
		Interrupted: forward.interrupted,
	})
	signals.Live()
	if o.trace != "" {
		if e := trace.Run(out, p, c.Run(), o.trace, traceOptions(lang, o.verbose)); e != nil {
			say(e.Error())
		}
	}
	if err != nil && forward.ended != 0 {
		return 128 + forward.ended
	}
	if err != nil {
		return refused(lang, p, c.Run(), err)
	}
	status := forward.until(c)
	if err := c.Failure(); err != nil {
		return refused(lang, p, c.Run(), err)
	}
	return status
}

// standardStreams refuses descriptors 0 to 2 through which the payload could
// reach the host: a directory leads everywhere, whatever "/" is.
func standardStreams() error {
	for fd := range 3 {
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			continue // closed: Go opens /dev/null there
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		kind := ""
		switch {
		case err == nil && flags&unix.O_PATH != 0:
			kind = "O_PATH"
		case st.Mode&unix.S_IFMT == unix.S_IFDIR:
			kind = "S_IFDIR"
		case st.Mode&unix.S_IFMT == unix.S_IFBLK:
			kind = "S_IFBLK"
		}
		if kind != "" {
			return wrong("msg/stream", strconv.Itoa(fd), kind)
		}
	}
	return nil
}

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}
