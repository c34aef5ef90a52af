package main

import (
	"strconv"
	"strings"

	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/plan"
)

// notice tells what was started, and what is not as one would expect: on a
// terminal, or when asked for, on stderr. One thing is never left unsaid: that
// the wall around the root is the weaker one.
func notice(lang string, p *plan.Plan, pid int, verbose bool) {
	f := &p.Facts
	mib := func(n uint64) string { return strconv.FormatUint(n>>20, 10) }
	shown := verbose || isTerminal(2)
	if shown {
		say(explain.Text(lang, "notice/started", strconv.Itoa(pid), strconv.Itoa(f.CPUs), mib(f.MemTotal), mib(f.MemFree)))
	}
	for _, n := range p.Notes {
		if shown || n.Why == "note/chroot" {
			say(explain.Text(lang, string(n.Why), n.Args...))
		}
	}
	if verbose {
		say(explain.Text(lang, "notice/limits"))
	}
}

// flagHelp is a line for each flag, in the catalogue's words.
func flagHelp(lang string) string {
	var b strings.Builder
	for i := range flagDefs {
		d := &flagDefs[i]
		names := strings.Join(strings.Fields(d.names), ", ")
		switch {
		case strings.HasPrefix(d.arg, "["):
			names += "[=" + strings.Trim(d.arg, "[]") + "]"
		case d.arg != "":
			names += " " + d.arg
		}
		long := d.names[strings.LastIndex(d.names, "-")+1:]
		if j := strings.Index(d.names, "--"); j >= 0 {
			long = strings.Fields(d.names[j+2:])[0]
		}
		pad := max(2, 30-len(names))
		b.WriteString("  " + names + strings.Repeat(" ", pad) + explain.Text(lang, "flag/"+long) + "\n")
	}
	return b.String()
}
