package judge_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.org/mcr/runtime/plan"
)

// unreachable are keys of compile's that no start on this machine can have,
// each with the reason.
var unreachable = map[string]string{}

// rootsOnly are the keys that only plans of root's have: a run of the tests by
// an ordinary user cannot reach them.
var rootsOnly = []string{
	"host/gid_map", "host/idmap", "host/open_tree", "host/proc_pid", "host/send_root", "host/setgroups", "host/uid_map", "host/user_namespace",
	"mount/root_tree", "note/host_user", "note/identity", "note/nproc_root", "note/seed_maps_root", "note/unshifted",
	"user/dumpable", "user/proc_self", "user/root_tree", "user/setgroups_none", "user/setresgid", "user/setresuid",
}

// madeByRoot are keys of an ordinary user's plans that root sets the scene for:
// with groups besides one's own, and on a root directory of somebody else's.
var madeByRoot = []string{"note/foreign_root", "note/groups_kept"}

// The corpus reaches every key that compile can write into a plan: what is
// judged is all there is.
func TestStraceCorpusReachesEveryKey(t *testing.T) {
	emitted := keysOfCompile(t)
	if len(emitted) < 60 {
		t.Fatalf("only %d keys were found in compile's source", len(emitted))
	}
	reached, by := map[string]bool{}, map[string]map[string]bool{}
	for _, u := range users {
		by[u.name] = map[string]bool{}
		for _, s := range due(u, true) {
			for _, k := range keysOf(t, s, u) {
				reached[k], by[u.name][k] = true, true
			}
		}
	}
	for k := range reached {
		if !slices.Contains(emitted, k) {
			t.Errorf("%s is in a plan, and was not found in compile's source", k)
		}
	}
	for _, k := range emitted {
		why, excused := unreachable[k]
		switch {
		case reached[k] && excused:
			t.Errorf("%s is reached, and listed as unreachable: %s", k, why)
		case reached[k], excused:
		case len(users) == 1 && (slices.Contains(rootsOnly, k) || slices.Contains(madeByRoot, k)):
			t.Logf("%s: it takes root, and the tests are not run by root", k)
		default:
			t.Errorf("%s: no sample of the corpus reaches it", k)
		}
	}
	if len(users) == 2 { // the lists say no more than is so
		for _, k := range rootsOnly {
			if by["ordinary"][k] || !by["root"][k] {
				t.Errorf("%s is not root's alone", k)
			}
		}
	}
	t.Logf("%d keys in compile, %d reached, %d unreachable here", len(emitted), len(reached), len(unreachable))
}

// keysOf are the keys and notes of a sample's plan.
func keysOf(t *testing.T, s *sample, u *user) (keys []string) {
	t.Helper()
	dir := u.place(t, s.name)
	flags := s.flagsFor(t, u, dir)
	if s.facts != nil {
		flags = []string{"--plan", s.save(t, u, dir, flags)}
	}
	p := planOf(t, s.run(t, u, dir, s.argv(u, "plan", append([]string{"--json"}, flags...)...)))
	for _, k := range p.Keys() {
		keys = append(keys, string(k))
	}
	for _, n := range p.Notes {
		keys = append(keys, string(n.Why))
	}
	return keys
}

// keysOfCompile reads compile's source: a key is a string literal that looks
// like one. Those that end in "/new" or "/host_" are the beginning of a key a
// namespace; their ends are the first literals of birth's table.
func keysOfCompile(t *testing.T) (keys []string) {
	t.Helper()
	files, err := filepath.Glob("../../../runtime/compile/*.go")
	if err != nil {
		t.Fatal(err)
	}
	key := regexp.MustCompile(`^(` + strings.Join(phases(), "|") + `|note)/[a-z_]+$`)
	var begins, all, shared []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.BasicLit:
				s, err := strconv.Unquote(x.Value)
				switch {
				case err != nil || x.Kind != token.STRING || !key.MatchString(s):
				case strings.HasSuffix(s, "/new") || strings.HasSuffix(s, "_") && s != "note/":
					begins = append(begins, s)
				default:
					keys = append(keys, s)
				}
			case *ast.CompositeLit:
				if name, optional, ok := namespaceRow(x); ok {
					all = append(all, name)
					if optional {
						shared = append(shared, name)
					}
				}
			}
			return true
		})
	}
	for _, b := range begins {
		ends := all
		if strings.HasSuffix(b, "host_") {
			ends = shared
		}
		for _, e := range ends {
			keys = append(keys, b+e)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// namespaceRow is a row of birth's table, {"user", ns.User, sys.CLONE_NEWUSER};
// one with "" in its middle is a namespace that cannot be the host's.
func namespaceRow(c *ast.CompositeLit) (name string, optional, ok bool) {
	if len(c.Elts) != 3 {
		return "", false, false
	}
	first, isLit := c.Elts[0].(*ast.BasicLit)
	flag, isSel := c.Elts[2].(*ast.SelectorExpr)
	if !isLit || !isSel || !strings.HasPrefix(flag.Sel.Name, "CLONE_NEW") {
		return "", false, false
	}
	name, err := strconv.Unquote(first.Value)
	_, fixed := c.Elts[1].(*ast.BasicLit)
	return name, !fixed, err == nil
}

func phases() (names []string) {
	for p := range plan.NoPhase {
		names = append(names, p.String())
	}
	return names
}
