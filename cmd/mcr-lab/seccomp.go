package main

// Rests on seccomp(2).

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"example.org/mcr/docs"
	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/sys"
)

// seccomp prints what the default profile makes of a system call: the filter
// itself is run, once for each of the rules that look at arguments.
func seccomp(w io.Writer, lang, word string) error {
	arch := sys.NativeArch()
	name, nr, ok := call(arch, word)
	if !ok {
		return message(lang, "lab/no_call", word, arch.String(), explain.Nearest(word, names(arch)))
	}
	prog, err := filter.Program("default", arch)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString(explain.Text(lang, "lab/default", name, strconv.Itoa(nr), arch.String()) + "\n")
	refused := false
	for _, c := range cases(lang, arch, name, nr) {
		d := filter.Data{Nr: int32(nr), Arch: arch.AuditArch(), Args: c.args}
		ret, path := filter.Run(prog, d)
		verdict := filter.Action(ret)
		refused = refused || verdict.Kind() != filter.Allow
		b.WriteString("\n")
		indent := ""
		if c.when != "" {
			b.WriteString(c.when + ":\n")
			indent = "  "
		}
		b.WriteString(wrap(verdictText(lang, verdict), indent) + wrap(c.reason, indent))
		b.WriteString(wrap(explain.Text(lang, "lab/instructions", strings.Trim(fmt.Sprint(path), "[]")), indent))
	}
	if refused {
		b.WriteString("\n" + wrap(explain.Text(lang, "lab/other_profile"), ""))
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// call is the system call that a word names, by its name or its number. A
// number that has no name is a newer call's, and the filter has a verdict too.
func call(arch sys.Arch, word string) (name string, nr int, ok bool) {
	word = strings.TrimSuffix(word, "(2)")
	if nr, ok = arch.Number(word); ok {
		return word, nr, true
	}
	n, err := strconv.ParseInt(word, 0, 32)
	if err != nil || n < 0 {
		return "", 0, false
	}
	if name, ok = arch.Name(int(n)); !ok {
		name = "syscall_" + strconv.FormatInt(n, 10)
	}
	return name, int(n), true
}

func names(arch sys.Arch) (all []string) {
	for _, c := range arch.All() {
		all = append(all, c.Name)
	}
	return all
}

// An answer is what the filter may say to a call: when, arguments
// that lead to it, and the reason.
type answer struct {
	when, reason string
	args         [6]uint64
}

// cases are the rows of the profile for a call, in the order in which they are
// tried; a call without a row has one case.
func cases(lang string, arch sys.Arch, name string, nr int) []answer {
	var rows []filter.Exception
	var out []answer
	why := reasons(lang)
	for i, e := range filter.Exceptions() {
		if e.Name != name {
			continue
		}
		k := answer{reason: why[i], args: reaching(e, rows)}
		switch {
		case len(e.Args) > 0:
			var conds []string
			for _, c := range e.Args {
				conds = append(conds, c.String())
			}
			k.when = explain.Text(lang, "lab/if", strings.Join(conds, ", "))
		case len(rows) > 0:
			k.when = explain.Text(lang, "lab/else")
		}
		rows, out = append(rows, e), append(out, k)
	}
	if len(out) > 0 {
		return out
	}
	reason := "lab/unlisted"
	if p, err := filter.Builtin("default", arch); err == nil && len(p.For(name)) > 0 {
		reason = "lab/ordinary"
	} else if nr > arch.MaxNr() {
		reason = "lab/newer"
	}
	return []answer{{reason: explain.Text(lang, reason)}}
}

// reaching are arguments that a row holds for and none of the rows before it.
func reaching(e filter.Exception, before []filter.Exception) (args [6]uint64) {
	for i := range args {
		for _, v := range candidates(e, before, i) {
			try := args
			try[i] = v
			if holds(e, try) && !slices.ContainsFunc(before, func(b filter.Exception) bool { return holds(b, try) }) {
				return try
			}
		}
	}
	return args
}

// candidates are values that rules may tell apart: those they name, and each bit.
func candidates(e filter.Exception, before []filter.Exception, index int) []uint64 {
	values := []uint64{0}
	for _, row := range append([]filter.Exception{e}, before...) {
		for _, c := range row.Args {
			if c.Index == index {
				values = append(values, c.Value, c.ValueTwo)
			}
		}
	}
	for bit := range 32 {
		values = append(values, 1<<bit)
	}
	return values
}

func holds(e filter.Exception, args [6]uint64) bool {
	for _, c := range e.Args {
		if !c.Holds(args[c.Index]) {
			return false
		}
	}
	return true
}

func verdictText(lang string, a filter.Action) string {
	switch a.Kind() {
	case filter.Allow:
		return explain.Text(lang, "lab/allow")
	case filter.Errno:
		return explain.Text(lang, "lab/refuse", sys.Errno(a.Data()).Name())
	case filter.KillProcess, filter.KillThread:
		return explain.Text(lang, "lab/kill")
	default: // the default profile has no other
		return a.String()
	}
}

// reasons are those of the exceptions' rows. The filter has them in English;
// in other languages they are in the table of the documentation, in the same
// order, which a test of its own holds to that.
func reasons(lang string) []string {
	var why, table []string
	for _, e := range filter.Exceptions() {
		why = append(why, e.Reason)
	}
	text, err := docs.FS.ReadFile(lang + "/isolation.md")
	if err != nil || lang == "en" {
		return why
	}
	_, rest, _ := strings.Cut(string(text), "<!-- exceptions -->\n")
	rows, _, _ := strings.Cut(rest, "<!-- end -->")
	for i, row := range strings.Split(strings.TrimSpace(rows), "\n") {
		if cells := strings.Split(strings.TrimSuffix(row, " |"), " | "); i >= 2 {
			table = append(table, cells[len(cells)-1])
		}
	}
	if len(table) != len(why) {
		return why
	}
	return table
}
