package explain

import (
	"slices"
	"strings"
)

//go:generate go run ../../cmd/mcr-lab docs ../../docs

// A Chapter is a phase of the plan, or the capabilities, and the keys of its
// entries in their order.
type Chapter struct {
	Name, Title string
	Keys        []string
}

// Chapters are the phases in the order of the plan, and the capabilities last.
func Chapters(lang string) []Chapter {
	var all []Chapter
	for _, key := range Keys(lang) {
		if phase, ok := strings.CutPrefix(key, "phase/"); ok {
			all = append(all, Chapter{Name: phase, Title: Text(lang, key)})
		}
	}
	all = append(all, Chapter{Name: "cap", Title: Text(lang, "lab/cap")})
	for _, key := range Keys(lang) {
		name, _, _ := strings.Cut(key, "/")
		if i := slices.IndexFunc(all, func(c Chapter) bool { return c.Name == name }); i >= 0 {
			all[i].Keys = append(all[i].Keys, key)
		}
	}
	return all
}

// Markdown is the page of all actions: docs/LANG/actions.md.
func Markdown(lang string) string {
	var b strings.Builder
	b.WriteString("<!-- go generate ./runtime/explain writes this page -->\n\n# " + Text(lang, "lab/docs") + "\n\n" + Text(lang, "lab/docs_intro") + "\n")
	for _, c := range Chapters(lang) {
		b.WriteString("\n## " + c.Name + ": " + escape(c.Title) + "\n")
		for _, key := range c.Keys {
			e, _ := Lookup(lang, key)
			b.WriteString("\n" + e.markdown(lang))
		}
	}
	return b.String()
}

// markdown is an entry's part of the page.
func (e *Entry) markdown(lang string) string {
	var b strings.Builder
	b.WriteString("### " + e.Key + "\n\n**" + escape(e.Title) + "**. " + escape(e.What) + "\n\n")
	for _, f := range []struct{ word, text string }{
		{"lab/why", e.Why}, {"lab/order", e.Order}, {"lab/without", e.Without},
	} {
		if f.text != "" {
			b.WriteString("* *" + Text(lang, f.word) + "*: " + escape(f.text) + "\n")
		}
	}
	b.WriteString("* *" + Text(lang, "lab/man") + "*: " + strings.Join(e.Man, ", ") + "\n")
	if len(e.Errnos) > 0 {
		b.WriteString("\n| " + Text(lang, "lab/errno") + " | | |\n|---|---|---|\n")
	}
	for _, x := range e.Errnos {
		b.WriteString("| " + escape(x.Label(lang)) + " | " + escape(x.Cause) + " | " + escape(x.Remedy) + " |\n")
	}
	return b.String()
}

// Label is the error's name as a reader has it: a result that is not the
// wanted one, and any other error, have no name of their own.
func (x *Errno) Label(lang string) string {
	switch x.Name {
	case "short":
		return Text(lang, "lab/short")
	case "*":
		return Text(lang, "lab/other")
	}
	return strings.ReplaceAll(x.Name, "|", ", ")
}

// escape keeps Markdown from reading a text's signs as its own.
func escape(s string) string {
	return strings.NewReplacer("*", `\*`, "<", `\<`, "|", `\|`, "~", `\~`, "_", `\_`).Replace(s)
}
