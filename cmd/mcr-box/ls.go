//go:build linux

package main

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// An entry is one file that ls shows.
type entry struct {
	name string // as shown
	path string // as opened
	st   unix.Stat_t
}

// ls lists directories: -a all, -l long, -n long with numbers, -d the
// directory itself, -i inode numbers, -1 one a line.
func ls(io stdio, args []string) error {
	set, args, err := options(args, "alndi1")
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	w := bufio.NewWriter(io.out)
	var failed error
	fail := func(path string, err error) {
		w.Flush()
		fmt.Fprintf(io.err, "ls: %s: %v\n", path, err)
		failed = status(1)
	}
	var files, dirs []entry
	for _, arg := range args {
		e := entry{name: arg, path: arg}
		if err := stat(&e, set['l'] || set['n'] || set['d']); err != nil {
			fail(arg, err)
			continue
		}
		if e.st.Mode&unix.S_IFMT == unix.S_IFDIR && !set['d'] {
			dirs = append(dirs, e)
		} else {
			files = append(files, e)
		}
	}
	show(w, io, files, set)
	for i, d := range dirs {
		if len(args) > 1 {
			if i > 0 || len(files) > 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintf(w, "%s:\n", d.name)
		}
		show(w, io, inside(d.path, set['a'], fail), set)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return failed
}

// stat is lstat(2), or stat(2) if a link to a directory is to be followed.
func stat(e *entry, nofollow bool) error {
	if !nofollow {
		if err := unix.Stat(e.path, &e.st); err == nil && e.st.Mode&unix.S_IFMT == unix.S_IFDIR {
			return nil
		}
	}
	return unix.Lstat(e.path, &e.st)
}

// inside returns what the directory dir holds, by name.
func inside(dir string, all bool, fail func(string, error)) []entry {
	list, err := os.ReadDir(dir)
	if err != nil {
		fail(dir, plain(err))
	}
	names := make([]string, 0, len(list)+2)
	if all {
		names = append(names, ".", "..")
	}
	for _, d := range list {
		if all || !strings.HasPrefix(d.Name(), ".") {
			names = append(names, d.Name())
		}
	}
	entries := make([]entry, 0, len(names))
	for _, name := range names {
		e := entry{name: name, path: filepath.Join(dir, name)}
		// A file may go between the two calls, and /proc is full of such files.
		if err := unix.Lstat(e.path, &e.st); err != nil {
			fail(e.path, err)
			continue
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.name, b.name) })
	return entries
}
