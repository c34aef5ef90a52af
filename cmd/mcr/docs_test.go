//go:build linux

package main_test

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// docLanguages are the directories below docs, and the languages they are in.
var docLanguages = []string{"en", "es"}

var (
	showDocs   = flag.Bool("show-docs", false, "print what the documented commands answer")
	updateDocs = flag.Bool("update-docs", false, "write the tables of the documents that are made from code")
)

// A docBlock is a fenced block of a Markdown file.
type docBlock struct {
	line  int    // of its first line
	info  string // what stands behind the fence: console, sh, text
	lines []string
}

// A docStep is a command of a console block, and what it is said to print.
type docStep struct {
	line    int
	command string
	want    []string
}

// A docPage is what the tests look at in a Markdown file.
type docPage struct {
	levels []int // of its headings, in order
	blocks []docBlock
}

func readPage(t *testing.T, file string) (p docPage) {
	t.Helper()
	inside := false
	for i, line := range strings.Split(readDoc(t, file), "\n") {
		info, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && !inside:
			p.blocks = append(p.blocks, docBlock{line: i + 2, info: info})
			inside = true
		case fence:
			inside = false
		case inside:
			b := &p.blocks[len(p.blocks)-1]
			b.lines = append(b.lines, line)
		case strings.HasPrefix(line, "#"):
			p.levels = append(p.levels, len(line)-len(strings.TrimLeft(line, "#")))
		}
	}
	return p
}

// steps are the commands of a block: a line that begins with "$ ", and those
// after it that begin with "> ".
func (b docBlock) steps() (steps []docStep) {
	for i, line := range b.lines {
		if c, ok := strings.CutPrefix(line, "$ "); ok {
			steps = append(steps, docStep{line: b.line + i, command: c})
			continue
		}
		if len(steps) == 0 {
			continue // the test of blocks says so
		}
		s := &steps[len(steps)-1]
		if c, ok := strings.CutPrefix(line, "> "); ok && len(s.want) == 0 {
			s.command += "\n" + c
			continue
		}
		s.want = append(s.want, line)
	}
	return steps
}

// docFiles are the files whose commands are run, and the language of each.
func docFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{filepath.Join(repo, "README.md"): "en"}
	for _, lang := range docLanguages {
		for _, name := range docNames(t, lang) {
			files[filepath.Join(repo, "docs", lang, name)] = lang
		}
	}
	return files
}

func docNames(t *testing.T, lang string) (names []string) {
	t.Helper()
	dir := filepath.Join(repo, "docs", lang)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ".md" {
			names = append(names, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestDocsTwins: both languages have the same files, the same levels of
// headings, and the same commands.
func TestDocsTwins(t *testing.T) {
	en, es := docNames(t, "en"), docNames(t, "es")
	if !slices.Equal(en, es) {
		t.Fatalf("docs/en has %q\ndocs/es has %q", en, es)
	}
	for _, name := range en {
		t.Run(name, func(t *testing.T) {
			a := readPage(t, filepath.Join(repo, "docs/en", name))
			b := readPage(t, filepath.Join(repo, "docs/es", name))
			if !slices.Equal(a.levels, b.levels) {
				t.Errorf("levels of the headings: en %v, es %v", a.levels, b.levels)
			}
			if len(a.blocks) != len(b.blocks) {
				t.Fatalf("code blocks: en %d, es %d", len(a.blocks), len(b.blocks))
			}
			for i := range a.blocks {
				if x, y := a.blocks[i].commands(), b.blocks[i].commands(); x != y {
					t.Errorf("block %d: line %d of en has\n%s\nline %d of es has\n%s", i+1, a.blocks[i].line, x, b.blocks[i].line, y)
				}
			}
		})
	}
}

// commands is the part of a block that is the same in every language.
func (b docBlock) commands() string {
	switch b.info {
	case "console":
		var all []string
		for _, s := range b.steps() {
			all = append(all, s.command)
		}
		return strings.Join(all, "\n")
	case "text":
		return "text" // a picture, whose words are translated
	}
	return b.info + "\n" + strings.Join(b.lines, "\n")
}

// TestDocsTargets: what is shown and not run is short, and the targets of
// make(1) in it exist.
func TestDocsTargets(t *testing.T) {
	makefile := readDoc(t, filepath.Join(repo, "Makefile"))
	for file := range docFiles(t) {
		for _, b := range readPage(t, file).blocks {
			if b.info == "console" && (len(b.lines) == 0 || !strings.HasPrefix(b.lines[0], "$ ")) {
				t.Errorf("%s:%d: a console block begins with a command", file, b.line)
			}
			if b.info != "sh" {
				continue
			}
			for _, line := range b.lines {
				target, ok := strings.CutPrefix(line, "make ")
				if !ok {
					continue
				}
				target = strings.Fields(target)[0]
				if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).MatchString(makefile) {
					t.Errorf("%s:%d: the Makefile has no target %s", file, b.line, target)
				}
			}
		}
	}
}

// TestDocsLinks: what a page points to is there, the heading too.
func TestDocsLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]*)(#[^)]*)?\)`)
	for file := range docFiles(t) {
		for _, m := range link.FindAllStringSubmatch(readDoc(t, file), -1) {
			target := file
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(file), m[1])
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link to %s: %v", file, m[1], err)
			} else if m[2] != "" && !slices.Contains(anchors(readDoc(t, target)), m[2]) {
				t.Errorf("%s: %s has no heading for %s", file, target, m[2])
			}
		}
	}
}

func readDoc(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// anchors are what code hosts make of headings, so that links can point to them.
func anchors(text string) (all []string) {
	for line := range strings.Lines(text) {
		words, ok := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		if !ok || !strings.HasPrefix(line, "#") {
			continue
		}
		all = append(all, "#"+strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(words)))
	}
	return all
}
