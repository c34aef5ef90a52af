package main_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The budget of a start: what is initialised before main, each time.
const (
	maxInits = 30
	maxMS    = 0.35
)

// TestBudgetInits counts the package initialisers that run before main and
// adds up their time. The time is the least of several runs: what else the
// machine does can only add to it.
func TestBudgetInits(t *testing.T) {
	mcr := leanBuild(t)
	least := 1e9
	for range 20 {
		cmd := exec.Command(mcr, "version")
		cmd.Env = []string{"GODEBUG=inittrace=1"}
		var trace bytes.Buffer
		cmd.Stderr = &trace
		if err := cmd.Run(); err != nil {
			t.Fatalf("mcr version: %v\n%s", err, trace.String())
		}
		// init os @0.47 ms, 0.015 ms clock, 480 bytes, 9 allocs
		total, inits := 0.0, 0
		for line := range strings.Lines(trace.String()) {
			words := strings.Fields(line)
			if len(words) < 5 || words[0] != "init" {
				continue
			}
			ms, err := strconv.ParseFloat(words[4], 64)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			total, inits = total+ms, inits+1
		}
		if inits == 0 {
			t.Fatalf("no init was traced:\n%s", trace.String())
		}
		if inits > maxInits {
			t.Fatalf("%d packages are initialised, the budget is %d:\n%s", inits, maxInits, trace.String())
		}
		least = min(least, total)
	}
	if least > maxMS {
		t.Errorf("initialisers take %.3f ms, the budget is %.2f", least, maxMS)
	}
}

// TestBudgetLinks holds that mcr links nothing that only its companions need.
// The symbols are those that the linker kept: a package may be imported by a
// file that another system builds.
func TestBudgetLinks(t *testing.T) {
	heavy := []string{
		"compress/", "crypto/", "encoding/gob", "encoding/xml", "flag", "html/", "net", "net/", "os/exec", "os/user",
		"regexp", "runtime/cgo", "testing", "text/",
		"github.com/", "mvdan.cc/", "golang.org/x/term", "example.org/mcr/labs", "example.org/mcr/docs", "example.org/mcr/runtime/observe",
	}
	deps := goTool(t, "list", "-deps", ".")
	for dep := range strings.Lines(deps) {
		dep = strings.TrimSpace(dep)
		for _, h := range heavy {
			if dep == h || strings.HasSuffix(h, "/") && strings.HasPrefix(dep, h) {
				t.Errorf("mcr links %s", dep)
			}
		}
	}
	mcr := leanBuild(t)
	for line := range strings.Lines(goTool(t, "tool", "nm", mcr)) {
		words := strings.Fields(line)
		name := words[len(words)-1]
		for _, h := range []string{"net/http.", "text/template.", "github.com/olekukonko/", "mvdan.cc/sh/", "encoding/gob."} {
			if strings.HasPrefix(name, h) {
				t.Errorf("mcr has the symbol %s", name)
			}
		}
	}
	if v := goTool(t, "version", "-m", mcr); !strings.Contains(v, "CGO_ENABLED=0") {
		t.Errorf("mcr is built with cgo:\n%s", v)
	}
	modules := moduleLines(goTool(t, "version", "-m", mcr))
	if want := []string{"golang.org/x/sys"}; !slices.Equal(modules, want) {
		t.Errorf("mcr links the modules %q, want %q", modules, want)
	}
}

func moduleLines(text string) (modules []string) {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "dep" {
			modules = append(modules, words[1])
		}
	}
	return modules
}

// leanBuild builds mcr as the Makefile does, without cgo.
func leanBuild(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mcr")
	goTool(t, "build", "-trimpath", "-o", file, ".")
	return file
}

func goTool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}
