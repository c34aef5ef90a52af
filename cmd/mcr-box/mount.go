//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// mountFlags are the options of mount(8) that are flags of mount(2); all
// others are the file system's own and go into its data.
var mountFlags = map[string]uintptr{
	"ro": unix.MS_RDONLY, "nosuid": unix.MS_NOSUID, "nodev": unix.MS_NODEV, "noexec": unix.MS_NOEXEC,
	"remount": unix.MS_REMOUNT, "bind": unix.MS_BIND, "rbind": unix.MS_BIND | unix.MS_REC,
	"private": unix.MS_PRIVATE, "rprivate": unix.MS_PRIVATE | unix.MS_REC,
	"slave": unix.MS_SLAVE, "rslave": unix.MS_SLAVE | unix.MS_REC,
	"shared": unix.MS_SHARED, "rshared": unix.MS_SHARED | unix.MS_REC,
	"noatime": unix.MS_NOATIME, "nosymfollow": unix.MS_NOSYMFOLLOW, "rw": 0,
}

// mount lists the mounts, or makes one call of mount(2): there is no fstab and
// no loop device, and what the kernel refuses is refused by name.
func mount(std stdio, args []string) error {
	if len(args) == 0 {
		f, err := os.Open("/proc/self/mounts")
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(std.out, f)
		return err
	}
	var kind string
	var options []string
	var operands []string
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		if arg != "-t" && arg != "-o" {
			operands = append(operands, arg)
			continue
		}
		if len(args) == 0 {
			return fmt.Errorf("%s needs a value", arg)
		}
		if arg == "-t" {
			kind = args[0]
		} else {
			options = append(options, strings.Split(args[0], ",")...)
		}
		args = args[1:]
	}
	if len(operands) == 1 {
		operands = []string{"none", operands[0]} // a remount or a change of propagation
	}
	if len(operands) != 2 {
		return errors.New("usage: mount [-t TYPE] [-o OPTIONS] [SOURCE] TARGET")
	}
	var flags uintptr
	var data []string
	for _, o := range options {
		if f, ok := mountFlags[o]; ok {
			flags |= f
		} else if o != "" {
			data = append(data, o)
		}
	}
	if err := unix.Mount(operands[0], operands[1], kind, flags, strings.Join(data, ",")); err != nil {
		return fmt.Errorf("%s: %w", operands[1], errno(err))
	}
	return nil
}

// umount is umount2(2); -l is MNT_DETACH.
func umount(_ stdio, args []string) error {
	set, args, err := options(args, "l")
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return errors.New("usage: umount [-l] TARGET")
	}
	flags := 0
	if set['l'] {
		flags = unix.MNT_DETACH
	}
	for _, target := range args {
		if err := unix.Unmount(target, flags); err != nil {
			return fmt.Errorf("%s: %w", target, errno(err))
		}
	}
	return nil
}
