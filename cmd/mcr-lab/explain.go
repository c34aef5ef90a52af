package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/sys"
)

// message is an error in the user's language, by its key.
func message(lang, key string, args ...string) error {
	return errors.New(explain.Text(lang, key, args...))
}

// explainVerb serves `mcr explain`: the list of all keys, of one phase, the
// page of one key, or the verdict on a system call.
func explainVerb(w io.Writer, lang string, args []string) error {
	switch {
	case len(args) == 0:
		return list(w, lang, "")
	case args[0] == "seccomp" && len(args) == 2:
		return seccomp(w, lang, args[1])
	case len(args) > 1 || strings.HasPrefix(args[0], "-"):
		if args[0] == "--help" || args[0] == "-h" {
			_, err := fmt.Fprintln(w, explain.Text(lang, "lab/usage"))
			return err
		}
		return message(lang, "lab/usage")
	}
	for _, c := range explain.Chapters(lang) {
		if c.Name == args[0] {
			return list(w, lang, c.Name)
		}
	}
	key := resolve(lang, args[0])
	e, ok := explain.Lookup(lang, key)
	if !ok {
		return message(lang, "lab/no_entry", key, explain.Nearest(key, keys(lang)))
	}
	_, err := io.WriteString(w, page(lang, &e))
	return err
}

// resolve is the key that a word means: CAP_CHOWN, chown and cap/CAP_CHOWN are
// one capability, and the last part of a key will do where only one has it.
func resolve(lang, word string) string {
	if n, ok := sys.Capability(strings.TrimPrefix(word, "cap/")); ok && !strings.Contains(strings.TrimPrefix(word, "cap/"), "/") {
		return "cap/" + sys.CapabilityName(n)
	}
	var found []string
	for _, k := range keys(lang) {
		if strings.HasSuffix(k, "/"+word) {
			found = append(found, k)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return word
}

// keys are those that can be listed: actions and capabilities.
func keys(lang string) (all []string) {
	for _, c := range explain.Chapters(lang) {
		all = append(all, c.Keys...)
	}
	return all
}

// page is an entry as plain text.
func page(lang string, e *explain.Entry) string {
	var b strings.Builder
	b.WriteString(e.Key + ": " + e.Title + "\n")
	if e.What != "" {
		b.WriteString("\n" + wrap(e.What, ""))
	}
	for _, f := range []struct{ word, text string }{
		{"lab/why", e.Why}, {"lab/order", e.Order}, {"lab/without", e.Without},
	} {
		if f.text != "" {
			b.WriteString("\n" + explain.Text(lang, f.word) + ":\n" + wrap(f.text, "  "))
		}
	}
	if len(e.Errnos) > 0 {
		b.WriteString("\n" + explain.Text(lang, "lab/errno") + ":\n")
	}
	for _, x := range e.Errnos {
		b.WriteString("  " + x.Label(lang) + "\n" + wrap(x.Cause, "    ") + wrap("-> "+x.Remedy, "    "))
	}
	if len(e.Man) > 0 {
		b.WriteString("\n" + explain.Text(lang, "lab/man") + ":\n" + wrap(strings.Join(e.Man, ", "), "  "))
	}
	return b.String()
}

// width is how long a line of text may be, in characters.
const width = 76

// wrap breaks a text into lines, each after the same indent.
func wrap(text, indent string) string {
	var b strings.Builder
	line := indent
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == indent:
			line += word
		case len([]rune(line+" "+word)) > width:
			b.WriteString(line + "\n")
			line = indent + word
		default:
			line += " " + word
		}
	}
	return b.String() + line + "\n"
}

// writeDocs writes the pages that are made from the catalogue.
func writeDocs(dir string) error {
	for _, lang := range explain.Languages {
		if err := os.WriteFile(filepath.Join(dir, lang, "actions.md"), []byte(explain.Markdown(lang)), 0o644); err != nil {
			return err
		}
	}
	return nil
}
