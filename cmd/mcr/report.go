package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"example.org/mcr/runtime/compile"
	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/plan"
)

// fail prints a message of the catalogue with its hint, and answers 125.
func fail(lang, key string, args ...string) int {
	e, ok := explain.Lookup(lang, key)
	if !ok {
		e.Title = key + " " + strings.Join(args, " ")
	}
	say(explain.Fill(e.Title, args...))
	if e.Why != "" {
		say(explain.Text(lang, "word/why") + ": " + explain.Fill(e.Why, args...))
	}
	if e.What != "" {
		say(explain.Text(lang, "word/hint") + ": " + explain.Fill(e.What, args...))
	}
	return exitFailure
}

func say(line string) { fmt.Fprintln(os.Stderr, "mcr: "+line) }

// failed prints what went wrong before anything was started.
func failed(lang string, err error) int {
	var w *wordError
	var c *compile.Error
	var edit *plan.EditError
	switch {
	case errors.As(err, &w):
		args := w.args
		if w.takes != nil {
			args = append(args, explain.Text(lang, w.takes.key, w.takes.args...))
		}
		return fail(lang, w.key, args...)
	case errors.As(err, &c):
		return fail(lang, string(c.Why), c.Args...)
	case errors.As(err, &edit):
		return fail(lang, string(edit.Why), edit.Arg)
	}
	say(err.Error())
	if e, ok := explain.Lookup(lang, hintFor(err)); ok {
		say(explain.Text(lang, "word/hint") + ": " + e.What)
	}
	return exitFailure
}

// hintFor is the key of advice on an error of the system's.
func hintFor(err error) string {
	switch {
	case errors.Is(err, os.ErrPermission):
		return "hint/permission"
	case errors.Is(err, os.ErrNotExist):
		return "hint/not_exist"
	}
	return "hint/other"
}

// place is where an action stands: "action 11 of 63, mount/bind_root".
func place(lang string, p *plan.Plan, l plan.List, i int, key plan.Key) string {
	return explain.Text(lang, "word/action", strconv.Itoa(i+1), strconv.Itoa(p.Len(l)), l.String(), string(key))
}
