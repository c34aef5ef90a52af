//go:build linux

package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/filter"
)

// TestDocsExceptions: the table of isolation.md is the filter's own.
func TestDocsExceptions(t *testing.T) {
	for _, lang := range docLanguages {
		file := filepath.Join(repo, "docs", lang, "isolation.md")
		old := docTable(t, file, "exceptions")
		var rows []string
		for i, e := range filter.Exceptions() {
			start, reason := exceptionRow(e), e.Reason
			if lang != "en" {
				// The reasons are the filter's in English; in other languages they are translated in the table.
				reason = "?"
				if i < len(old) && strings.HasPrefix(old[i], start) {
					reason = strings.TrimSuffix(old[i][len(start):], " |")
				}
				if len(reason) < 5 || reason == e.Reason {
					t.Errorf("%s: translate the reason of %s| %s |", file, start, e.Reason)
				}
			}
			rows = append(rows, start+reason+" |")
		}
		checkTable(t, file, "exceptions", old, rows)
	}
}

// TestDocsMessages: the table of errors.md is the catalogue's own.
func TestDocsMessages(t *testing.T) {
	for _, lang := range docLanguages {
		file := filepath.Join(repo, "docs", lang, "errors.md")
		var rows []string
		for _, key := range explain.Keys(lang) {
			e, _ := explain.Lookup(lang, key)
			if group, _, _ := strings.Cut(key, "/"); group == "msg" && e.What != "" || group == "edit" {
				rows = append(rows, "| "+docCell(e.Title)+" | "+docCell(e.What)+" |")
			}
		}
		checkTable(t, file, "messages", docTable(t, file, "messages"), rows)
	}
}

// docCell is a text in a table, where an angle bracket or a bar means something.
func docCell(s string) string {
	return strings.NewReplacer("|", `\|`, "<", `\<`, "*", `\*`).Replace(s)
}

// docTable is the rows, without the heading, of the table that follows a mark.
func docTable(t *testing.T, file, mark string) []string {
	t.Helper()
	_, table, _, ok := docCut(t, file, mark)
	if !ok {
		t.Fatalf("%s: no table between <!-- %s --> and <!-- end -->", file, mark)
	}
	rows := strings.Split(strings.TrimSpace(table), "\n")
	return rows[min(2, len(rows)):]
}

func docCut(t *testing.T, file, mark string) (before, table, after string, ok bool) {
	t.Helper()
	before, rest, _ := strings.Cut(readDoc(t, file), "<!-- "+mark+" -->\n")
	table, after, ok = strings.Cut(rest, "<!-- end -->")
	return before, table, after, ok
}

// checkTable compares the rows of a table, or writes them with -update-docs.
func checkTable(t *testing.T, file, mark string, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	if !*updateDocs {
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Errorf("%s: the table %s differs from row %d on; go test ./cmd/mcr -run TestDocs -update-docs writes it", file, mark, i+1)
				return
			}
		}
	}
	before, table, after, _ := docCut(t, file, mark)
	head := strings.SplitAfterN(table, "\n", 3)
	text := before + "<!-- " + mark + " -->\n" + strings.Join(head[:2], "") + strings.Join(want, "\n") + "\n<!-- end -->" + after
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func exceptionRow(e filter.Exception) string {
	var when []string
	for _, c := range e.Args {
		when = append(when, "`"+c.String()+"`")
	}
	answer := "allow"
	if e.Action == filter.Errno {
		answer = map[int]string{filter.EPERM: "EPERM", filter.ENOSYS: "ENOSYS"}[e.Errno]
	}
	return fmt.Sprintf("| %s(2) | %s | %s | ", e.Name, strings.Join(when, ", "), answer)
}

// TestDocsFlags: run.md has every flag of mcr run.
func TestDocsFlags(t *testing.T) {
	out, err := program("mcr", "run", "--help").CombinedOutput()
	if err != nil {
		t.Fatalf("mcr run --help: %v\n%s", err, out)
	}
	flags := regexp.MustCompile(`(?m)^  (?:-\w, )?(--[a-z-]+)`).FindAllSubmatch(out, -1)
	if len(flags) < 30 {
		t.Fatalf("mcr run --help: only %d flags in\n%s", len(flags), out)
	}
	for _, lang := range docLanguages {
		text := readDoc(t, filepath.Join(repo, "docs", lang, "run.md"))
		for _, m := range flags {
			if !regexp.MustCompile("`[^`\n]*" + string(m[1]) + "[^a-z-]").MatchString(text) {
				t.Errorf("docs/%s/run.md: nothing of %s", lang, m[1])
			}
		}
	}
}
