//go:build linux

package main

import (
	"maps"
	"slices"
	"strings"
	"syscall"

	"github.com/u-root/u-root/pkg/core"
	"github.com/u-root/u-root/pkg/core/cat"
	"github.com/u-root/u-root/pkg/core/chmod"
	"github.com/u-root/u-root/pkg/core/cp"
	"github.com/u-root/u-root/pkg/core/mkdir"
	"github.com/u-root/u-root/pkg/core/mktemp"
	"github.com/u-root/u-root/pkg/core/mv"
	"github.com/u-root/u-root/pkg/core/rm"
	"github.com/u-root/u-root/pkg/core/touch"
	"github.com/u-root/u-root/pkg/core/xargs"
	"golang.org/x/sys/unix"
)

// tools is every tool by name. It is filled by init because help, one of
// them, lists it.
var tools map[string]func(stdio, []string) error

func init() {
	tools = map[string]func(stdio, []string) error{
		"cat":      uroot(cat.New),
		"chmod":    uroot(chmod.New),
		"cp":       uroot(cp.New),
		"echo":     echo,
		"env":      env,
		"false":    func(stdio, []string) error { return status(1) },
		"grep":     grep,
		"head":     head,
		"help":     help,
		"hostname": hostname,
		"id":       id,
		"kill":     kill,
		"ln":       ln,
		"ls":       ls,
		"mkdir":    uroot(mkdir.New),
		"mktemp":   uroot(mktemp.New),
		"mount":    mount,
		"mv":       uroot(mv.New),
		"ps":       ps,
		"pwd":      pwd,
		"readlink": readlink,
		"rm":       uroot(rm.New),
		"sh":       sh,
		"sleep":    sleep,
		"touch":    uroot(touch.New),
		"true":     func(stdio, []string) error { return nil },
		"umount":   umount,
		"uname":    uname,
		"wc":       wc,
		"xargs":    uroot(xargs.New),
	}
}

// toolNames lists the tools for a message.
func toolNames() string {
	return strings.Join(slices.Sorted(maps.Keys(tools)), " ")
}

// uroot makes a tool of one of u-root's.
func uroot(command func() core.Command) func(stdio, []string) error {
	return func(io stdio, args []string) error {
		c := command()
		c.SetIO(io.in, io.out, io.err)
		return c.Run(args...)
	}
}

// errnoName is EPERM for EPERM.
func errnoName(no syscall.Errno) string { return unix.ErrnoName(no) }
