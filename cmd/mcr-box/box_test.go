//go:build linux

package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// box is the program under test, built as it is installed: without cgo.
var box string

func TestMain(m *testing.M) {
	os.Exit(testMain(m))
}

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "mcr-box-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	box = filepath.Join(dir, "mcr-box")
	build := exec.Command("go", "build", "-o", box, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	list, err := exec.Command(box, "--list").Output()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for tool := range strings.FieldsSeq(string(list)) {
		if err := os.Symlink("mcr-box", filepath.Join(dir, tool)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			// Nothing but the box: what a script calls, the box must have.
			e.Setenv("PATH", filepath.Dir(box))
			return nil
		},
		RequireExplicitExec: true,
	})
}
