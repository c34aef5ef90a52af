// Package explain says why each action is there, in English and Spanish. Its
// text is one catalogue in each language, looked up and not parsed: what
// starts a container pays nothing for it.
package explain

import (
	_ "embed" // the texts are part of the program
	"strconv"
	"strings"
	"sync"
)

// The texts, as they are: strings of the program, of which nothing is copied.
var (
	//go:embed text/catalogue.en.txt
	catalogueEN string
	//go:embed text/messages.en.txt
	messagesEN string
	//go:embed text/catalogue.es.txt
	catalogueES string
	//go:embed text/messages.es.txt
	messagesES string
)

// files are a language's texts; a language that there is not has none.
func files(lang string) []string {
	switch lang {
	case "en":
		return []string{catalogueEN, messagesEN}
	case "es":
		return []string{catalogueES, messagesES}
	}
	return nil
}

// Languages are the languages there are; the first is the default.
var Languages = []string{"en", "es"}

// Language is the first of its arguments that names a language there is, such
// as "es_ES.UTF-8"; a "C" or "POSIX" is English. Empty ones are passed over.
func Language(wishes ...string) string {
	for _, w := range wishes {
		if w == "" {
			continue
		}
		for _, l := range Languages {
			if w == l || strings.HasPrefix(w, l+"_") || strings.HasPrefix(w, l+".") || strings.HasPrefix(w, l+"-") {
				return l
			}
		}
		return Languages[0]
	}
	return Languages[0]
}

// An Entry is what the catalogue says of a key. Fields may be empty.
type Entry struct {
	Key     string
	Title   string // what it does, a few words
	What    string // the same in a sentence or two
	Why     string // why it is there
	Order   string // why it is there, and not earlier or later
	Without string // what happens when it is left out
	Errnos  []Errno
	Man     []string // manual pages, "mount(2)"
}

// An Errno is a way an action fails: what it was refused with, why, and what
// to do about it.
type Errno struct{ Name, Cause, Remedy string }

// Lookup finds a key's entry.
func Lookup(lang, key string) (Entry, bool) {
	lines, ok := section(lang, key)
	if !ok {
		return Entry{}, false
	}
	e := Entry{Key: key}
	for line := range strings.Lines(lines) {
		field, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch field {
		case "title":
			e.Title = value
		case "what":
			e.What = value
		case "why":
			e.Why = value
		case "order":
			e.Order = value
		case "without":
			e.Without = value
		case "man":
			e.Man = strings.Split(value, ", ")
		default:
			if name, ok := strings.CutPrefix(field, "errno "); ok {
				cause, remedy, _ := strings.Cut(value, " -> ")
				e.Errnos = append(e.Errnos, Errno{name, cause, remedy})
			}
		}
	}
	return e, true
}

// index has the lines of each key of a language. It is made when the first
// text is asked for, and in one pass: a trace asks for a hundred of them.
var index = map[string]func() map[string]string{
	"en": sync.OnceValue(func() map[string]string { return sections("en") }),
	"es": sync.OnceValue(func() map[string]string { return sections("es") }),
}

func sections(lang string) map[string]string {
	m := make(map[string]string, 512)
	for _, text := range files(lang) {
		for text != "" {
			var one string
			one, text, _ = strings.Cut(text, "\n## ")
			key, body, _ := strings.Cut(strings.TrimPrefix(one, "## "), "\n")
			m[key] = body
		}
	}
	return m
}

// section is the lines of a key, below its heading.
func section(lang, key string) (string, bool) {
	made, ok := index[lang]
	if !ok {
		return "", false
	}
	body, ok := made()[key]
	return body, ok
}

// Keys are all keys of a language's texts, in their order.
func Keys(lang string) (keys []string) {
	for _, text := range files(lang) {
		for line := range strings.Lines(text) {
			if k, ok := strings.CutPrefix(line, "## "); ok {
				keys = append(keys, strings.TrimSpace(k))
			}
		}
	}
	return keys
}

// Text is the title of a message, with "{1}" and so on replaced by args. A
// message that is missing is its key: a test sees to it that none is.
func Text(lang, key string, args ...string) string {
	body, ok := section(lang, key)
	if !ok {
		return key
	}
	title, _, _ := strings.Cut(strings.TrimPrefix(body, "title: "), "\n")
	if strings.Contains(title, `\n`) {
		title = strings.ReplaceAll(title, `\n`, "\n")
	}
	return Fill(title, args...)
}

// Fill replaces "{1}" by the first of args, and so on.
func Fill(text string, args ...string) string {
	if len(args) == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", a)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Hint is what to do about a refusal: the remedy that fits the error's name,
// or else the entry's first for any error ("*").
func (e *Entry) Hint(errno string) (cause, remedy string) {
	for _, want := range []string{errno, "*"} {
		for _, x := range e.Errnos {
			for name := range strings.SplitSeq(x.Name, "|") {
				if name == want {
					return x.Cause, x.Remedy
				}
			}
		}
	}
	return "", ""
}
