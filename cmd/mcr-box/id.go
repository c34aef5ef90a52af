//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// id prints who the caller is: credentials(7).
func id(io stdio, args []string) error {
	set, args, err := options(args, "ugGn")
	if err != nil {
		return err
	}
	if len(args) > 0 {
		return errors.New("only the caller's own ids can be shown")
	}
	uid, gid := os.Geteuid(), os.Getegid()
	supplementary, err := os.Getgroups()
	if err != nil {
		return err
	}
	groups := []int{gid}
	for _, g := range supplementary {
		if !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
	}
	switch {
	case set['u']:
		fmt.Fprintln(io.out, shown(uid, userName, set['n']))
	case set['g']:
		fmt.Fprintln(io.out, shown(gid, groupName, set['n']))
	case set['G']:
		fmt.Fprintln(io.out, join(groups, " ", func(g int) string { return shown(g, groupName, set['n']) }))
	case set['n']:
		return errors.New("-n needs one of -u, -g and -G")
	default:
		fmt.Fprintf(io.out, "uid=%s gid=%s groups=%s\n", both(uid, userName), both(gid, groupName),
			join(groups, ",", func(g int) string { return both(g, groupName) }))
	}
	return nil
}

// shown is the id, or its name.
func shown(id int, name func(int) string, named bool) string {
	if named {
		return name(id)
	}
	return strconv.Itoa(id)
}

// both is 0(root), or 1234 where there is no name.
func both(id int, name func(int) string) string {
	n, s := strconv.Itoa(id), name(id)
	if s == n {
		return n
	}
	return n + "(" + s + ")"
}

func join(ids []int, sep string, text func(int) string) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = text(id)
	}
	return strings.Join(all, sep)
}
