//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// pwd prints the working directory: getcwd(2), not the shell's idea of it.
func pwd(io stdio, _ []string) error {
	dir, err := unix.Getwd()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(io.out, dir)
	return err
}

// hostname prints the name of the UTS namespace, or sets it: uname(2),
// sethostname(2).
func hostname(io stdio, args []string) error {
	if len(args) == 1 && !strings.HasPrefix(args[0], "-") {
		if err := unix.Sethostname([]byte(args[0])); err != nil {
			return fmt.Errorf("sethostname: %w", errno(err))
		}
		return nil
	}
	if len(args) > 0 {
		return errors.New("usage: hostname [NAME]")
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err
	}
	_, err := fmt.Fprintln(io.out, unix.ByteSliceToString(u.Nodename[:]))
	return err
}

// uname prints what uname(2) says.
func uname(io stdio, args []string) error {
	set, _, err := options(args, "asnrvm")
	if err != nil {
		return err
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err
	}
	var all []string
	for _, f := range []struct {
		letter rune
		text   []byte
	}{{'s', u.Sysname[:]}, {'n', u.Nodename[:]}, {'r', u.Release[:]}, {'v', u.Version[:]}, {'m', u.Machine[:]}} {
		if set['a'] || set[f.letter] || len(set) == 0 && f.letter == 's' {
			all = append(all, unix.ByteSliceToString(f.text))
		}
	}
	_, err = fmt.Fprintln(io.out, strings.Join(all, " "))
	return err
}

// sleep waits for the sum of its arguments: 2, 0.5, 1m.
func sleep(_ stdio, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: sleep SECONDS[smhd]")
	}
	var total time.Duration
	for _, arg := range args {
		if arg == "infinity" || arg == "inf" {
			// Long enough, and no deadlock for the run time to report.
			total = 1<<63 - 1
			break
		}
		number, unit := strings.TrimRight(arg, "smhd"), time.Second
		switch arg[len(number):] {
		case "", "s":
		case "m":
			unit = time.Minute
		case "h":
			unit = time.Hour
		case "d":
			unit = 24 * time.Hour
		default:
			number = ""
		}
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || !(n >= 0) {
			return fmt.Errorf("%q is no time: usage: sleep SECONDS[smhd]", arg)
		}
		if d := n * float64(unit); d < float64(1<<62) && total < 1<<62 {
			total += time.Duration(d)
		} else {
			total = 1<<63 - 1
			break
		}
	}
	time.Sleep(total)
	return nil
}

// readlink prints where links point, such as /proc/self/ns/pid.
func readlink(io stdio, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: readlink LINK")
	}
	var failed error
	for _, arg := range args {
		to, err := os.Readlink(arg)
		if err != nil {
			fmt.Fprintf(io.err, "readlink: %v\n", plain(err))
			failed = status(1)
			continue
		}
		fmt.Fprintln(io.out, to)
	}
	return failed
}

// ln makes a link, or with -s a symbolic one.
func ln(_ stdio, args []string) error {
	set, args, err := options(args, "sf")
	if err != nil {
		return err
	}
	if len(args) != 2 {
		return errors.New("usage: ln [-s] [-f] TARGET NAME")
	}
	if set['f'] {
		if err := os.Remove(args[1]); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if set['s'] {
		return os.Symlink(args[0], args[1])
	}
	return os.Link(args[0], args[1])
}
