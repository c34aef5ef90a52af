package main_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// repo is the repository, seen from this package.
const repo = "../.."

// sources are the Go files of the repository, by their path from its top.
func sources(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(repo, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != repo && (strings.HasPrefix(d.Name(), ".") && d.Name() != "." || d.Name() == "bin" || d.Name() == "testdata"):
			return filepath.SkipDir
		case strings.HasSuffix(file, ".go"):
			rel, err := filepath.Rel(repo, file)
			files = append(files, filepath.ToSlash(rel))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no Go files found")
	}
	return files
}

func TestTopLevel(t *testing.T) {
	fixed := strings.Fields("cmd runtime labs testdata docs go.mod go.sum Makefile README.md LICENSE CONTRIBUTING.md bin")
	entries, err := os.ReadDir(repo)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(fixed, e.Name()) {
			t.Errorf("%s: the top level is fixed: %s", e.Name(), strings.Join(fixed, " "))
		}
	}
}

func TestFileSizes(t *testing.T) {
	for _, file := range sources(t) {
		text, err := os.ReadFile(filepath.Join(repo, file))
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(text, []byte("\n"))
		switch name := filepath.Base(file); {
		case strings.HasPrefix(name, "zz_"): // generated
		case lines > 300:
			t.Errorf("%s: %d lines; 300 are the limit: split it by concern", file, lines)
		case name == "main.go" && strings.HasPrefix(file, "cmd/"):
			// The comment above is the program's manual, and may be long.
			_, code, _ := bytes.Cut(text, []byte("\npackage main\n"))
			if n := bytes.Count(code, []byte("\n")); n > 80 {
				t.Errorf("%s: %d lines below the package clause; 80 are the limit of a main", file, n)
			}
		}
		if filepath.Dir(file) == "runtime" {
			t.Errorf("%s: runtime is a package of Go's; ours are below it", file)
		}
	}
}

// TestComments holds every package to a comment, and every exported name of a
// library to a sentence that begins with it.
func TestComments(t *testing.T) {
	packages := map[string]bool{}
	for _, file := range sources(t) {
		if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "/gen/") {
			continue
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, filepath.Join(repo, file), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		dir := filepath.Dir(file)
		packages[dir] = packages[dir] || f.Doc.Text() != ""
		if f.Name.Name == "main" {
			continue // a program exports nothing
		}
		for _, d := range f.Decls {
			for _, name := range uncommented(d) {
				t.Errorf("%s:%d: %s is exported: it needs a comment that begins with it", file, set.Position(name.Pos()).Line, name.Name)
			}
		}
	}
	for dir, commented := range packages {
		if !commented {
			t.Errorf("%s: no file of it has a package comment", dir)
		}
	}
}

// known are methods that say by their name alone what they do: interfaces of
// the standard library.
var known = strings.Fields("Error String Unwrap Is MarshalJSON UnmarshalJSON MarshalText UnmarshalText Len Less Swap Read Write Close")

// uncommented are the exported names that a declaration leaves without a
// comment. A group's comment stands for its constants and variables.
func uncommented(d ast.Decl) (names []*ast.Ident) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil && (slices.Contains(known, d.Name.Name) || !ast.IsExported(receiver(d.Recv.List[0].Type))) {
			return nil
		}
		return begin(d.Name, d.Doc)
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, begin(s.Name, s.Doc, d.Doc)...)
			case *ast.ValueSpec:
				if grouped := d.Lparen.IsValid() && (d.Doc != nil || s.Doc != nil || s.Comment != nil); grouped {
					continue
				}
				for _, n := range s.Names {
					names = append(names, begin(n, s.Doc, d.Doc)...)
				}
			}
		}
	}
	return names
}

// begin answers the name, if it is exported and no comment begins with it.
func begin(name *ast.Ident, docs ...*ast.CommentGroup) []*ast.Ident {
	if !name.IsExported() {
		return nil
	}
	for _, doc := range docs {
		words := strings.Fields(doc.Text())
		if len(words) > 1 && slices.Contains([]string{"A", "An", "The"}, words[0]) {
			words = words[1:]
		}
		if len(words) > 0 && strings.TrimRight(words[0], ",.:;") == name.Name {
			return nil
		}
	}
	return []*ast.Ident{name}
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
