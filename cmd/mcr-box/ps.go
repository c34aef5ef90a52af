//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A process is one line of ps, from proc(5).
type process struct {
	pid             int
	ppid, uid, stat string
	cmd             string
}

// ps lists every process that this /proc shows. The options of other systems'
// ps are accepted: there is only one form.
func ps(io stdio, _ []string) error {
	dirs, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	var all []process
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name())
		if err != nil {
			continue
		}
		// A process may end while it is read.
		if p, err := readProcess(pid); err == nil {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return errors.New("/proc: no process is shown there: is proc mounted?")
	}
	slices.SortFunc(all, func(a, b process) int { return a.pid - b.pid })
	w := bufio.NewWriter(io.out)
	fmt.Fprintf(w, "%7s %7s %6s %-4s %s\n", "PID", "PPID", "UID", "STAT", "CMD")
	for _, p := range all {
		fmt.Fprintf(w, "%7d %7s %6s %-4s %s\n", p.pid, p.ppid, p.uid, p.stat, p.cmd)
	}
	return w.Flush()
}

// readProcess reads /proc/pid/status and cmdline.
func readProcess(pid int) (process, error) {
	p := process{pid: pid}
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	data, err := os.ReadFile(filepath.Join(dir, "status"))
	if err != nil {
		return p, err
	}
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(line, ":")
		f := strings.Fields(value)
		if len(f) == 0 {
			continue
		}
		switch key {
		case "Name":
			// A kernel thread or a zombie has no command line: its name, in brackets.
			p.cmd = "[" + printable(strings.TrimSpace(value)) + "]"
		case "State":
			p.stat = f[0]
		case "PPid":
			p.ppid = f[0]
		case "Uid":
			p.uid = f[1] // the effective one
		}
	}
	if line, err := os.ReadFile(filepath.Join(dir, "cmdline")); err == nil && len(line) > 0 {
		args := strings.TrimRight(string(line), "\x00")
		p.cmd = printable(strings.ReplaceAll(args, "\x00", " "))
	}
	return p, nil
}
