//go:build linux

package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdJSON holds a file to being JSON, or with -lines each of its lines.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	lines := len(args) == 2 && args[0] == "-lines"
	if neg || len(args) != 1 && !lines {
		ts.Fatalf("usage: json [-lines] FILE")
	}
	text := ts.ReadFile(args[len(args)-1])
	if !lines {
		if !json.Valid([]byte(text)) {
			ts.Fatalf("%s is not JSON", args[0])
		}
		return
	}
	n := 0
	for line := range strings.Lines(text) {
		if n++; !json.Valid([]byte(line)) {
			ts.Fatalf("%s:%d is not JSON: %s", args[1], n, line)
		}
	}
	if n == 0 {
		ts.Fatalf("%s is empty", args[1])
	}
}

// A slice is an event of Chrome's trace format that takes time.
type slice struct {
	Name, Ph string
	Begin    float64 `json:"ts"`
	Dur      float64
	Pid, Tid int
}

// cmdChrome holds a file to Chrome's trace format: what one thread does is one
// thing after another, or one within another.
func cmdChrome(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: chrome FILE")
	}
	text := []byte(ts.ReadFile(args[0]))
	var file struct{ TraceEvents []slice }
	if err := json.Unmarshal(text, &file); err != nil {
		ts.Check(json.Unmarshal(text, &file.TraceEvents)) // the format has both forms
	}
	threads := map[string][]slice{}
	for _, s := range file.TraceEvents {
		if s.Ph == "X" {
			key := fmt.Sprint(s.Pid, "/", s.Tid)
			threads[key] = append(threads[key], s)
		}
	}
	if len(threads) == 0 {
		ts.Fatalf("%s has no slices", args[0])
	}
	for key, all := range threads {
		slices.SortStableFunc(all, func(a, b slice) int {
			if a.Begin != b.Begin {
				return int(max(-1, min(1, (a.Begin-b.Begin)*1e6)))
			}
			return int(max(-1, min(1, (b.Dur-a.Dur)*1e6)))
		})
		var open []slice
		for _, s := range all {
			for len(open) > 0 && open[len(open)-1].Begin+open[len(open)-1].Dur <= s.Begin {
				open = open[:len(open)-1]
			}
			if n := len(open); n > 0 && s.Begin+s.Dur > open[n-1].Begin+open[n-1].Dur+0.0005 {
				ts.Fatalf("thread %s: %+v overlaps %+v", key, s, open[n-1])
			}
			open = append(open, s)
		}
	}
}

// cmdNothingLeft holds what a script has started to be gone: processes that
// have its mark, mounts, temporary files.
func cmdNothingLeft(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: nothing-left")
	}
	s := stateOf(ts)
	if left := nothingLeft(ts.Getenv("MARK"), s.mounts, filepath.Join(ts.Getenv("WORK"), ".tmp")); left != "" {
		ts.Fatalf("left: %s", left)
	}
}

// nothingLeft says what is still there after two seconds; "": nothing.
func nothingLeft(mark, mounts, temp string) string {
	var left []string
	for end := time.Now().Add(2 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		left = nil
		for _, pid := range marked(mark) {
			left = append(left, "process "+strconv.Itoa(pid))
		}
		if now := hostMounts(); now != mounts {
			left = append(left, "mounts: "+added(mounts, now))
		}
		if entries, err := os.ReadDir(temp); temp != "" && (err != nil || len(entries) > 0) {
			left = append(left, fmt.Sprintf("in %s: %v %v", temp, entries, err))
		}
		if len(left) == 0 || time.Now().After(end) {
			return strings.Join(left, "; ")
		}
	}
}

// added are the lines of now that were not there before.
func added(before, now string) string {
	was := strings.Split(before, "\n")
	var more []string
	for line := range strings.SplitSeq(now, "\n") {
		if !slices.Contains(was, line) {
			more = append(more, line)
		}
	}
	return strings.Join(more, "\n")
}

// pidOf is the process of a path below /proc.
func pidOf(path string) int {
	n, err := strconv.Atoi(strings.Split(path, "/")[2])
	if err != nil {
		return 0
	}
	return n
}
