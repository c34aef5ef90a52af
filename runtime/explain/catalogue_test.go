package explain_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

// A raw is an entry as the file has it: its fields in order, and their texts.
type raw struct {
	key    string
	fields []string
	text   map[string]string
}

// catalogue reads a language's file, and holds every line to the form.
func catalogue(t *testing.T, lang string) (all []raw) {
	t.Helper()
	name := "text/catalogue." + lang + ".txt"
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^(title|what|why|order|without|man|errno (?:\*|short|E[A-Z0-9]+(?:\|E[A-Z0-9]+)*)): (\S.*\S)$`)
	for i, s := range strings.Split(string(b), "\n") {
		if s == "" {
			continue
		}
		if key, ok := strings.CutPrefix(s, "## "); ok {
			if slices.ContainsFunc(all, func(r raw) bool { return r.key == key }) {
				t.Errorf("%s:%d: %s is there already", name, i+1, key)
			}
			all = append(all, raw{key, nil, map[string]string{}})
			continue
		}
		m := line.FindStringSubmatch(s)
		if m == nil || len(all) == 0 {
			t.Errorf("%s:%d: no heading and no field: %q", name, i+1, s)
			continue
		}
		r := &all[len(all)-1]
		if _, twice := r.text[m[1]]; twice {
			t.Errorf("%s:%d: a second %s", name, i+1, m[1])
		}
		if strings.HasPrefix(m[1], "errno ") && strings.Count(m[2], " -> ") != 1 {
			t.Errorf("%s:%d: want cause -> remedy: %q", name, i+1, m[2])
		}
		r.fields, r.text[m[1]] = append(r.fields, m[1]), m[2]
	}
	return all
}

func isAction(key string) bool { return plan.Key(key).Phase() != plan.NoPhase }

// TestTwins checks that the languages have the same keys in the same order,
// with the same fields, errors and manual pages, in words of their own.
func TestTwins(t *testing.T) {
	en, es := catalogue(t, "en"), catalogue(t, "es")
	for i := range max(len(en), len(es)) {
		if i >= len(en) || i >= len(es) || en[i].key != es[i].key {
			t.Fatalf("entry %d is not the same key in both languages; the last that is: %s", i+1, en[max(i-1, 0)].key)
		}
		if !slices.Equal(en[i].fields, es[i].fields) {
			t.Errorf("%s: the fields are %q in English, %q in Spanish", en[i].key, en[i].fields, es[i].fields)
		}
		for _, f := range en[i].fields {
			same := en[i].text[f] == es[i].text[f]
			if f == "man" && !same {
				t.Errorf("%s: the manual pages differ", en[i].key)
			}
			// What names calls and nothing else is the same everywhere.
			if names := regexp.MustCompile(`^[\w(), ]+\.$`); f != "man" && same && !names.MatchString(en[i].text[f]) {
				t.Errorf("%s: %s is not translated: %q", en[i].key, f, en[i].text[f])
			}
		}
	}
}

// TestFields checks that each kind of entry has what its reader looks for.
func TestFields(t *testing.T) {
	for _, lang := range explain.Languages {
		for _, r := range catalogue(t, lang) {
			var want []string
			switch group, _, _ := strings.Cut(r.key, "/"); {
			case isAction(r.key):
				want = []string{"title", "what", "why", "order", "without", "man"}
				if !slices.ContainsFunc(r.fields, func(f string) bool { return strings.HasPrefix(f, "errno ") }) {
					t.Errorf("%s: %s: no error is explained", lang, r.key)
				}
			case group == "cap":
				want = []string{"title", "what", "why", "man"}
			case group == "phase" || group == "list" || group == "lab":
				want = []string{"title"}
				if len(r.fields) != 1 {
					t.Errorf("%s: %s: has more than a title", lang, r.key)
				}
			default:
				t.Errorf("%s: %s: of no phase", lang, r.key)
			}
			for _, f := range want {
				if r.text[f] == "" {
					t.Errorf("%s: %s: no %s", lang, r.key, f)
				}
			}
		}
	}
}

// TestForm checks that texts fit where they are put: a title after a key, a
// why after a colon, the others as sentences.
func TestForm(t *testing.T) {
	page := regexp.MustCompile(`^[\w.-]+\([1-8](const)?\)$`)
	for _, lang := range explain.Languages {
		for _, r := range catalogue(t, lang) {
			if strings.HasPrefix(r.key, "lab/") {
				continue
			}
			for f, text := range r.text {
				switch stop := strings.HasSuffix(text, "."); {
				case f == "man":
					for p := range strings.SplitSeq(text, ", ") {
						if !page.MatchString(p) {
							t.Errorf("%s: %s: %q is no manual page", lang, r.key, p)
						}
					}
				case f == "what" || f == "order" || f == "without":
					if !stop {
						t.Errorf("%s: %s: %s ends without a full stop", lang, r.key, f)
					}
				case stop:
					t.Errorf("%s: %s: %s ends with a full stop", lang, r.key, f)
				}
			}
		}
	}
}

// TestEveryEntryIsItsOwn checks that no two entries say the same.
func TestEveryEntryIsItsOwn(t *testing.T) {
	for _, lang := range explain.Languages {
		for _, field := range []string{"title", "what", "why", "order", "without"} {
			seen := map[string]string{}
			for _, r := range catalogue(t, lang) {
				text := r.text[field]
				if other := seen[text]; other != "" && text != "" {
					t.Errorf("%s: %s and %s have the same %s", lang, other, r.key, field)
				}
				seen[text] = r.key
			}
		}
	}
}

// TestNamed checks that every phase, list and capability has an entry.
func TestNamed(t *testing.T) {
	var want []string
	for p := range plan.NoPhase {
		want = append(want, "phase/"+p.String())
	}
	for l := plan.HostList; l <= plan.AfterList; l++ {
		want = append(want, "list/"+l.String())
	}
	for n := range sys.LastCap + 1 {
		want = append(want, "cap/"+sys.CapabilityName(n))
	}
	for _, lang := range explain.Languages {
		for _, key := range want {
			if e, ok := explain.Lookup(lang, key); !ok || e.Title == "" {
				t.Errorf("%s: %s has no title", lang, key)
			}
		}
	}
}

// TestActionsExist checks every action against compile, both ways.
func TestActionsExist(t *testing.T) {
	reached := reachable(t)
	for _, lang := range explain.Languages {
		have := map[string]bool{}
		for _, r := range catalogue(t, lang) {
			if isAction(r.key) {
				have[r.key] = true
			}
		}
		for _, k := range slices.Sorted(maps.Keys(reached)) {
			if !have[k] {
				t.Errorf("%s: %s is in a plan and has no entry", lang, k)
			}
		}
		for _, k := range slices.Sorted(maps.Keys(have)) {
			if !reached[k] {
				t.Errorf("%s: %s has an entry and is in no plan", lang, k)
			}
		}
	}
}

// TestPages checks that the pages of the documentation are the catalogue's.
func TestPages(t *testing.T) {
	for _, lang := range explain.Languages {
		name := "../../docs/" + lang + "/actions.md"
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(b) != explain.Markdown(lang) {
			t.Errorf("%s is stale: run go generate ./runtime/explain", name)
		}
	}
}
