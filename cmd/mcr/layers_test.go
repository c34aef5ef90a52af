package main_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "example.org/mcr/"

// layers is the table of the design: a package imports what has a smaller
// number than its own. What is not in it has to be given a place first.
var layers = map[string]int{
	"runtime/sys": 1, "runtime/caller": 1, "runtime/signals": 1, "runtime/spec": 1, "runtime/host": 1, "runtime/filter": 1, "docs": 1,
	"runtime/plan":    2,
	"runtime/compile": 3, "runtime/kernel": 3, "runtime/trace": 3, "runtime/explain": 3, "runtime/observe": 3,
	"labs": 4, "runtime/oci": 4, "runtime/step": 4,
	"cmd": 5,
}

// vocabulary lies under the rest of its layer: everybody may say EPERM.
var vocabulary = []string{"runtime/sys", "runtime/caller"}

// front is what mcr itself may link: a package more is time at every start.
var front = strings.Fields(`
	runtime/sys runtime/caller runtime/signals runtime/spec runtime/host runtime/filter runtime/plan
	runtime/compile runtime/kernel runtime/trace runtime/explain runtime/oci
	golang.org/x/sys/unix

	bufio bytes cmp context embed encoding encoding/base64 encoding/binary encoding/json
	errors fmt hash hash/fnv io io/fs iter maps math math/bits os path
	path/filepath reflect runtime runtime/debug slices sort strconv strings sync
	sync/atomic syscall time unicode unicode/utf16 unicode/utf8 unsafe`)

// A listed package is what go list says of it.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

func goList(t *testing.T, args ...string) (list []listed) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Standard,Imports"}, args...)...)
	cmd.Dir = repo
	out, err := cmd.Output()
	if x, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("go list: %v\n%s", err, x.Stderr)
	}
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		list = append(list, p)
	}
}

// layerOf finds the entry of layers that a package belongs to.
func layerOf(pkg string) (entry string, layer int) {
	for entry = strings.TrimPrefix(pkg, module); entry != "."; entry = path.Dir(entry) {
		if n, ok := layers[entry]; ok {
			return entry, n
		}
	}
	return "", 0
}

// mayImport says whether an import points down.
func mayImport(from, to string) bool {
	a, n := layerOf(from)
	b, m := layerOf(to)
	switch {
	case a == "labs":
		return b == "labs" || b == "runtime/observe" // a judge from outside
	case a == b:
		return n >= 4 // a package's own parts
	case n == m:
		return n == 1 && slices.Contains(vocabulary, b) && !slices.Contains(vocabulary, a)
	}
	return n > m
}

func TestLayers(t *testing.T) {
	for _, p := range goList(t, "./...") {
		entry, _ := layerOf(p.ImportPath)
		if entry == "" {
			t.Errorf("%s has no layer: give it one in the table above", p.ImportPath)
			continue
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, module) && !mayImport(p.ImportPath, i) {
				t.Errorf("%s imports %s: imports point down only", p.ImportPath, i)
			}
		}
	}
}

func TestLayersTable(t *testing.T) {
	tests := []struct {
		from, to string
		want     bool
	}{
		{"runtime/trace", "runtime/kernel", false},
		{"runtime/trace", "runtime/plan", true},
		{"runtime/plan", "runtime/trace", false},
		{"runtime/host", "runtime/sys", true},
		{"runtime/sys", "runtime/host", false},
		{"runtime/spec", "runtime/host", false},
		{"labs", "runtime/observe", true},
		{"labs/runner", "labs", true},
		{"labs", "runtime/sys", false},
		{"runtime/step", "labs", false},
		{"cmd/mcr", "runtime/sys", true},
		{"runtime/sys", "cmd/mcr", false},
	}
	for _, tt := range tests {
		if got := mayImport(module+tt.from, module+tt.to); got != tt.want {
			t.Errorf("%s may import %s: %v, want %v", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestLeanFront(t *testing.T) {
	for _, p := range goList(t, "-deps", "./cmd/mcr") {
		name := strings.TrimPrefix(p.ImportPath, module)
		if p.Standard && slices.ContainsFunc(strings.Split(name, "/"), func(s string) bool { return s == "internal" || s == "vendor" }) {
			continue // comes with the one that uses it
		}
		if name != "cmd/mcr" && !slices.Contains(front, name) {
			t.Errorf("mcr links %s: put what needs it into a companion, or measure it and add it to front", p.ImportPath)
		}
	}
}

// TestFiveFiles holds the way from main to execve(2) to what a reader opens:
// the files that hold the functions on it, and compile's, which is called on
// the way and answers.
func TestFiveFiles(t *testing.T) {
	want := []string{"cmd/mcr/main.go", "cmd/mcr/run.go", "cmd/mcr/start_linux.go", "runtime/kernel/start_linux.go", "runtime/kernel/child_linux.go"}
	got := shortest(calls(t, "cmd/mcr", "runtime/kernel"), "cmd/mcr.main", "runtime/kernel.fork")
	if len(got) == 0 {
		t.Fatal("no calls lead from main to fork")
	}
	if len(got) > 5 {
		t.Errorf("the way from main to execve goes through %d files, %s; five are the limit", len(got), strings.Join(got, ", "))
	}
	if !slices.Equal(got, want) {
		t.Errorf("the way from main to execve is %q, and not %q: say so in the documents too", got, want)
	}
}

// A function is a node of the graph of calls: its file, and whom it names.
type function struct {
	file  string
	names map[string]bool
}

// calls reads which functions and methods of some packages name which others.
// It goes by names alone, which is enough for packages that use each once.
func calls(t *testing.T, dirs ...string) map[string]function {
	t.Helper()
	graph := map[string]function{}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(repo, dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, "_other.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
					graph[dir+"."+fn.Name.Name] = function{path.Join(dir, filepath.Base(file)), named(fn.Body, dir)}
				}
			}
		}
	}
	return graph
}

func named(body ast.Node, dir string) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		switch f := call.Fun.(type) {
		case *ast.Ident:
			names[dir+"."+f.Name] = true
		case *ast.SelectorExpr:
			names[dir+"."+f.Sel.Name] = true
			if x, ok := f.X.(*ast.Ident); ok {
				names["runtime/"+x.Name+"."+f.Sel.Name] = true
			}
		}
		return true
	})
	return names
}

// shortest is the way through the graph that goes through the fewest
// functions, as the files that it opens.
func shortest(graph map[string]function, from, to string) (files []string) {
	ways := map[string][]string{from: {graph[from].file}}
	for queue := []string{from}; len(queue) > 0 && ways[to] == nil; queue = queue[1:] {
		at := queue[0]
		for _, next := range slices.Sorted(maps.Keys(graph[at].names)) {
			f, known := graph[next]
			if !known || ways[next] != nil {
				continue
			}
			way := slices.Clone(ways[at])
			if !slices.Contains(way, f.file) {
				way = append(way, f.file)
			}
			ways[next] = way
			queue = append(queue, next)
		}
	}
	return ways[to]
}
