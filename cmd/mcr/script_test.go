//go:build linux

package main_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var updateScripts = flag.Bool("update", false, "rewrite what scripts compare with")

// parallel is how many tests may run beside each other: most of them wait.
func parallel() string { return flag.Lookup("test.parallel").Value.String() }

// TestScripts runs the scripts of testdata/scripts, which are the product's
// specification: what isolates a container, seen from inside and from outside.
//
// Added commands:
//
//	mcr ARGS          runs mcr; "! mcr" where it must not succeed
//	run ARGS          runs mcr run, whatever the exit status; status says which
//	refused RE ARGS   runs mcr run, which must say so in English: 125, nothing but a message, with a hint
//	status N          the exit status of the last mcr, run or finish
//	hold ARGS         starts mcr run and goes on when the payload runs; without "--", one that waits
//	await RE          waits until what is held has written a line like that
//	signal SIG [WHO]  sends a signal to what is held: mcr, or "payload"
//	state RE [WHO]    waits until the State of mcr, or of every process of the payload, is so
//	finish            waits for the end of what is held
//	witness ...       looks at the held payload from outside; see witness
//	nothing-left      no process, mount or file of this script is left
//	json [-lines] F   F is JSON; or each of its lines is
//	chrome F          F is a trace for Perfetto, whose slices do not overlap
//
// Added conditions: [root], [user], [userns], [alpine].
func TestScripts(t *testing.T) {
	t.Parallel()
	if testEnv.lacks != "" {
		t.Skip(testEnv.lacks)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/scripts",
		Setup:               setUpScript,
		Condition:           condition,
		UpdateScripts:       *updateScripts,
		Deadline:            time.Now().Add(3 * time.Minute), // what hangs has failed
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mcr":          cmdMcr,
			"run":          cmdRun,
			"status":       cmdStatus,
			"refused":      cmdRefused,
			"hold":         cmdHold,
			"await":        cmdAwait,
			"signal":       cmdSignal,
			"state":        cmdState,
			"finish":       cmdFinish,
			"witness":      cmdWitness,
			"nothing-left": cmdNothingLeft,
			"json":         cmdJSON,
			"chrome":       cmdChrome,
		},
	})
}

// A scriptState is what the added commands know of a script.
type scriptState struct {
	status int // of the last mcr
	held   *held
	mounts string // of the host, at the start
}

type scriptKey struct{}

func stateOf(ts *testscript.TestScript) *scriptState { return ts.Value(scriptKey{}).(*scriptState) }

func setUpScript(e *testscript.Env) error {
	state := &scriptState{status: -1, mounts: hostMounts()}
	e.Values[scriptKey{}] = state
	e.Defer(func() { state.held.end() })
	for _, v := range [][2]string{
		{"PATH", testEnv.bin + ":" + os.Getenv("PATH")},
		{"XDG_CACHE_HOME", testEnv.cache},
		{"ROOT", testEnv.root},
		{"ALPINE", testEnv.alpine},
		{"PROFILES", filepath.Join(mustAbs("../../testdata"), "profiles")},
		{"UID", strconv.Itoa(os.Getuid())},
		{"GID", strconv.Itoa(os.Getgid())},
		{"LANG", "C"},
		{"MARK", "mark=" + filepath.Base(e.WorkDir) + "-" + strconv.Itoa(os.Getpid())},
	} {
		e.Setenv(v[0], v[1])
	}
	return nil
}

func mustAbs(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		panic(err) // there is no working directory
	}
	return abs
}

func condition(cond string) (bool, error) {
	switch cond {
	case "root":
		return isRoot(), nil
	case "user":
		return !isRoot(), nil
	case "userns":
		return testEnv.lacks == "", nil
	case "alpine":
		return testEnv.alpine != "", nil
	}
	return false, fmt.Errorf("unknown condition %s", cond)
}

// cmdMcr runs mcr and holds it to success, or with "!" to the opposite.
func cmdMcr(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("mcr", args...)
	stateOf(ts).status = exitStatus(ts, err)
	switch {
	case neg && err == nil:
		ts.Fatalf("mcr succeeded, and should not have")
	case !neg && err != nil:
		ts.Fatalf("mcr: %v", err)
	}
}

// cmdRun runs mcr run; what its exit status should be, status says.
func cmdRun(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("run has no \"!\": say the status")
	}
	stateOf(ts).status = exitStatus(ts, ts.Exec("mcr", append([]string{"run"}, args...)...))
}

// cmdRefused holds mcr run to a refusal: two or three lines, the first of
// which match RE, and the last says what to do.
func cmdRefused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: refused RE ARGS...")
	}
	cmdRun(ts, false, args[1:])
	text := ts.ReadFile("stderr")
	switch lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n"); {
	case stateOf(ts).status != 125:
		ts.Fatalf("exit status %d, want 125", stateOf(ts).status)
	case ts.ReadFile("stdout") != "":
		ts.Fatalf("it wrote to stdout")
	case len(lines) < 2 || len(lines) > 3 || !strings.HasPrefix(lines[len(lines)-1], "mcr: hint: "):
		ts.Fatalf("not two or three lines that end with a hint: %q", text)
	case !matches(ts, args[0], text):
		ts.Fatalf("no match for %q in %q", args[0], text)
	}
}

func cmdStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: status N")
	}
	if got := strconv.Itoa(stateOf(ts).status); got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// exitStatus is that of a command, 128+n if a signal ended it, as a shell has it.
func exitStatus(ts *testscript.TestScript, err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		ts.Fatalf("%v", err)
	}
	return shellStatus(exit.ProcessState)
}

func matches(ts *testscript.TestScript, re, text string) bool {
	r, err := regexp.Compile("(?m)" + re)
	ts.Check(err)
	return r.MatchString(text)
}
