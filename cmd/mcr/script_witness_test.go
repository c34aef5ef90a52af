//go:build linux

package main_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"example.org/mcr/runtime/observe"
)

// cmdWitness looks at the held payload from outside, through /proc:
//
//	witness differs|same NS...   its namespaces, compared with the test's own
//	witness status KEY RE        a line of its status
//	witness fds N...             the descriptors it has open, no more and no fewer
//	[!] witness mounts RE        "POINT TYPE OPTIONS PROPAGATION SUPER", one line each
//	witness limits NAME SOFT HARD
//	[!] witness environ RE       NAME=VALUE, one line each
//	[!] witness file NAME RE     the text of a file below /proc/PID
//	witness exe|cwd|root RE      where the link leads
func cmdWitness(ts *testscript.TestScript, neg bool, args []string) {
	h := heldBy(ts)
	if len(args) == 0 {
		ts.Fatalf("usage: witness WHAT ...")
	}
	got, err := seen(h.payload, args[0], args[1:])
	ts.Check(err)
	var ok bool
	switch what, rest := args[0], args[1:]; what {
	case "differs", "same", "fds", "limits":
		ok = got == ""
	default:
		ok = matches(ts, rest[len(rest)-1], got)
	}
	if ok == neg {
		ts.Fatalf("witness %s: %s", strings.Join(args, " "), got)
	}
}

// seen is what is to be matched; of differs, same, fds and limits, what is
// not as it should be.
func seen(pid int, what string, args []string) (string, error) {
	switch {
	case what == "differs" || what == "same":
		return compare(pid, what == "same", args)
	case what == "fds":
		f, err := observe.Check(pid, observe.Probe{File: "fd", Want: strings.Join(args, " ")})
		if f.OK {
			f.Got = ""
		}
		return f.Got, err
	case what == "status" && len(args) == 2:
		all, err := observe.Status(pid)
		return all[args[0]], err
	case what == "limits" && len(args) == 3:
		all, err := observe.Limits(pid)
		if all[args[0]] == (observe.Limit{Soft: args[1], Hard: args[2]}) {
			return "", err
		}
		return fmt.Sprint(all[args[0]]), err
	case what == "mounts" && len(args) == 1:
		all, err := observe.Mounts(pid)
		var lines strings.Builder
		for i := range all {
			lines.WriteString(all[i].String() + "\n")
		}
		return lines.String(), err
	case what == "environ" && len(args) == 1:
		all, err := observe.Environ(pid)
		return strings.Join(all, "\n"), err
	case what == "file" && len(args) == 2:
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), args[0]))
		return string(text), err
	case what == "exe" && len(args) == 1:
		return observe.Exe(pid)
	case what == "cwd" && len(args) == 1:
		return observe.Cwd(pid)
	case what == "root" && len(args) == 1:
		return observe.Root(pid)
	}
	return "", fmt.Errorf("no such witness: %s %q", what, args)
}

// compare names the namespaces that are not as they should be.
func compare(pid int, same bool, kinds []string) (string, error) {
	theirs, err := observe.Namespaces(pid)
	if err != nil {
		return "", err
	}
	ours, err := observe.Namespaces(os.Getpid())
	if err != nil {
		return "", err
	}
	var wrong []string
	for _, k := range kinds {
		if ours[k] == "" {
			return "", fmt.Errorf("no namespace %q; there are %q", k, slices.Sorted(maps.Keys(ours)))
		}
		if (ours[k] == theirs[k]) != same {
			wrong = append(wrong, ours[k]+" and "+theirs[k])
		}
	}
	return strings.Join(wrong, ", "), nil
}
