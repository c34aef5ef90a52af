package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/plan"
)

// messageDirs are where keys of messages are written down in code.
var messageDirs = []string{".", "../../runtime/compile", "../../runtime/plan", "../../runtime/trace"}

var (
	messageKey  = regexp.MustCompile(`^(msg|word|hint|here|note|notice|takes|edit|flag|list|phase)/[a-z0-9_-]*$`)
	messageLine = regexp.MustCompile(`^(title|why|what): (\S.*)$`)
	messageGap  = regexp.MustCompile(`\{[^}]*\}`)
	messageFlag = regexp.MustCompile(`--[a-z]+(-[a-z]+)*`)
	flagWords   = regexp.MustCompile(`^(-\w )?--[a-z]+(-[a-z]+)*( --[a-z]+)*$`)
)

// A messageUse is a key in the code, and how many arguments follow it at most.
type messageUse struct {
	pos  token.Position
	args int
}

// flagsOfMcr are the names that flags.go defines, the long one of each first.
func flagsOfMcr(t *testing.T) (names [][]string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "flags.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := literal(n); ok && flagWords.MatchString(s) {
			names = append(names, messageFlag.FindAllString(s, -1))
		}
		return true
	})
	if len(names) == 0 {
		t.Fatal("flags.go: no flag found: it is written in another way, and this test has to follow")
	}
	return names
}

// endings are what the code puts behind the beginning of a key.
func endings(t *testing.T) map[string][]string {
	t.Helper()
	e := map[string][]string{"note/host_": {"user", "pid", "uts", "ipc", "net", "cgroup"}}
	for _, names := range flagsOfMcr(t) {
		e["flag/"] = append(e["flag/"], strings.TrimPrefix(names[0], "--"))
	}
	for l := plan.HostList; l <= plan.AfterList; l++ {
		e["list/"] = append(e["list/"], l.String())
	}
	for p := plan.Start; p <= plan.Exec; p++ {
		e["phase/"] = append(e["phase/"], p.String())
	}
	return e
}

func literal(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// messagesInCode are the keys that the code names.
func messagesInCode(t *testing.T) map[string]messageUse {
	t.Helper()
	uses, ends, fset := map[string]messageUse{}, endings(t), token.NewFileSet()
	use := func(key string, n ast.Node, args int) {
		uses[key] = messageUse{fset.Position(n.Pos()), max(args, uses[key].args)}
	}
	whole := func(s string) bool { return messageKey.MatchString(s) && ends[s] == nil && !strings.HasSuffix(s, "/") }
	inspect := func(n ast.Node) bool {
		var list []ast.Expr
		switch n := n.(type) {
		case *ast.BasicLit:
			if s, ok := literal(n); ok && whole(s) {
				use(s, n, 0)
			}
		case *ast.BinaryExpr:
			s, ok := literal(n.X)
			if !ok || n.Op != token.ADD || !messageKey.MatchString(s) {
				return true
			}
			if ends[s] == nil {
				t.Errorf("%s: %q + ...: endings of this test should say what may follow", fset.Position(n.Pos()), s)
			}
			for _, end := range ends[s] {
				use(s+end, n, 0)
			}
		case *ast.CallExpr:
			list = n.Args
		case *ast.CompositeLit:
			list = n.Elts
		}
		for i, x := range list {
			if s, ok := literal(x); ok && whole(s) {
				use(s, x, arguments(list[i+1:]))
			}
		}
		return true
	}
	for _, dir := range messageDirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no Go files: %v", dir, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(fset, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, inspect)
		}
	}
	return uses
}

// arguments counts what follows a key, a list of strings by its elements.
func arguments(list []ast.Expr) (n int) {
	for _, x := range list {
		if c, ok := x.(*ast.CompositeLit); ok {
			n += len(c.Elts)
		} else {
			n++
		}
	}
	return n
}

// A message is an entry of a messages file: its fields in order, and their texts.
type message struct {
	fields []string
	text   map[string]string
}

// messagesIn reads the messages of a language, and holds them to their form.
func messagesIn(t *testing.T, lang string) (keys []string, all map[string]message) {
	t.Helper()
	name := "../../runtime/explain/text/messages." + lang + ".txt"
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all = map[string]message{}
	for i, line := range strings.Split(string(b), "\n") {
		field := messageLine.FindStringSubmatch(line)
		switch key, heading := strings.CutPrefix(line, "## "); {
		case heading && (!messageKey.MatchString(key) || slices.Contains(keys, key)):
			t.Errorf("%s:%d: %q: no key of a message, or there already", name, i+1, key)
		case heading:
			keys = append(keys, key)
			all[key] = message{text: map[string]string{}}
		case line == "":
		case field == nil || len(keys) == 0 || all[keys[len(keys)-1]].text[field[1]] != "":
			t.Errorf("%s:%d: neither a heading nor a title, why or what that is new", name, i+1)
		default:
			key = keys[len(keys)-1]
			m := all[key]
			m.text[field[1]] = field[2]
			m.fields = append(m.fields, field[1])
			all[key] = m
		}
	}
	return keys, all
}

// gaps are the places to be filled in a text, each once, sorted.
func gaps(text string) []string {
	list := messageGap.FindAllString(text, -1)
	slices.Sort(list)
	return slices.Compact(list)
}

// Each key that the code names has its entry in each language, and asks for no
// more than what the code gives it.
func TestMessagesThere(t *testing.T) {
	uses := messagesInCode(t)
	for _, lang := range explain.Languages {
		for _, key := range slices.Sorted(maps.Keys(uses)) {
			u := uses[key]
			e, ok := explain.Lookup(lang, key)
			if !ok {
				t.Errorf("%s: %s: no entry in %s", u.pos, key, lang)
				continue
			}
			// Advice on an error of the system's stands alone; what is printed otherwise is the title.
			if e.Title == "" && (!strings.HasPrefix(key, "hint/") || e.What == "") {
				t.Errorf("%s: %s: nothing to print in %s", u.pos, key, lang)
			}
			for _, gap := range gaps(e.Title + e.Why + e.What) {
				if n, err := strconv.Atoi(strings.Trim(gap, "{}")); err != nil || n < 1 || n > u.args {
					t.Errorf("%s: %s: %s in %s, and there are %d arguments", u.pos, key, gap, lang, u.args)
				}
			}
		}
	}
}

// No message is there that nothing prints.
func TestMessagesUsed(t *testing.T) {
	uses := messagesInCode(t)
	for _, lang := range explain.Languages {
		keys, _ := messagesIn(t, lang)
		for _, key := range keys {
			if _, ok := uses[key]; !ok {
				t.Errorf("messages.%s.txt: %s: no code names it", lang, key)
			}
		}
	}
}

// The languages say the same: the same keys in the same order, with the same
// fields and the same gaps.
func TestMessagesAgree(t *testing.T) {
	first := explain.Languages[0]
	keys, texts := messagesIn(t, first)
	for _, lang := range explain.Languages[1:] {
		others, theirs := messagesIn(t, lang)
		at := func(list []string, i int) string { return append(slices.Clone(list), "nothing")[min(i, len(list))] }
		for i := range max(len(keys), len(others)) {
			if at(keys, i) != at(others, i) {
				t.Fatalf("entry %d: %s in %s, %s in %s: the keys differ from here on", i+1, at(keys, i), first, at(others, i), lang)
			}
		}
		for _, key := range keys {
			a, b := texts[key], theirs[key]
			if !slices.Equal(a.fields, b.fields) {
				t.Errorf("%s: fields %v in %s, %v in %s", key, a.fields, first, b.fields, lang)
			}
			for _, f := range a.fields {
				if x, y := gaps(a.text[f]), gaps(b.text[f]); !slices.Equal(x, y) {
					t.Errorf("%s: %s has the gaps %v in %s, %v in %s", key, f, x, first, y, lang)
				}
				if x, y := strings.Count(a.text[f], `\n`), strings.Count(b.text[f], `\n`); x != y {
					t.Errorf("%s: %s has %d lines in %s, %d in %s", key, f, x, first, y, lang)
				}
			}
		}
	}
}

// Messages keep to the style, the flags that they name are there, and a flag's
// description fits on its line.
func TestMessagesStyle(t *testing.T) {
	known := map[string]bool{}
	for _, names := range flagsOfMcr(t) {
		for _, n := range names {
			known[n] = true
		}
	}
	for _, lang := range explain.Languages {
		keys, texts := messagesIn(t, lang)
		for _, key := range keys {
			for field, text := range texts[key].text {
				at := fmt.Sprintf("messages.%s.txt: %s: %s", lang, key, field)
				if strings.HasSuffix(text, ".") {
					t.Errorf("%s: ends in a full stop", at)
				}
				if word, _, _ := strings.Cut(text, " "); len(word) > 1 && word[0] >= 'A' && word[0] <= 'Z' && word[1:] == strings.ToLower(word[1:]) && word != "Linux" {
					t.Errorf("%s: begins with a capital letter", at)
				}
				for _, f := range messageFlag.FindAllString(text, -1) {
					if !known[f] {
						t.Errorf("%s: there is no flag %s", at, f)
					}
				}
				if n := utf8.RuneCountInString(text); strings.HasPrefix(key, "flag/") && n > 70 {
					t.Errorf("%s: %d characters, at most 70", at, n)
				}
			}
		}
	}
}
