//go:build linux

package main_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestDocsCommands: the commands of the documents, run in order in a directory
// of each file's own, print what the documents say.
func TestDocsCommands(t *testing.T) {
	if testEnv.lacks != "" {
		t.Skip(testEnv.lacks)
	}
	env := []string{"PATH=" + testEnv.bin + ":" + os.Getenv("PATH"), "XDG_CACHE_HOME=" + docDir(t), "TERM=dumb"}
	env = append(env, "ROOTFS="+docRootfs(t, env))
	for file, lang := range docFiles(t) {
		t.Run(strings.TrimPrefix(file, repo+"/"), func(t *testing.T) {
			dir := docDir(t)
			sh := docShell{dir, append(slices.Clone(env), "HOME="+dir, "MCR_LANG="+lang)}
			for _, b := range readPage(t, file).blocks {
				if b.info != "console" {
					continue
				}
				if missing := docLacks(b); missing != "" {
					t.Logf("line %d: not run, there is no %s here", b.line, missing)
					continue
				}
				for _, s := range b.steps() {
					sh.check(t, s)
				}
			}
		})
	}
}

// docDir is a directory that the user of the commands may write to; those of
// t.TempDir are the tester's alone.
func docDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(testEnv.base, "docs-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	if c := docUser(); c != nil {
		if err := os.Chown(dir, int(c.Uid), int(c.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// docUser is whom the commands are run as, if not as the tester: they are an
// ordinary user's.
func docUser() *syscall.Credential {
	if os.Geteuid() != 0 || !isRoot() {
		return nil
	}
	return &syscall.Credential{Uid: 1000, Gid: 1000}
}

// docRootfs is the root directory that the documents call $ROOTFS: Alpine's
// where there is an archive of it, else the default root.
func docRootfs(t *testing.T, env []string) string {
	t.Helper()
	archive := alpineArchive()
	if archive == "" {
		out, err := docShell{"/", env}.run("mcr-root default")
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out)
	}
	dir := docDir(t)
	// The archive may lie where only the tester can go: it is handed over open.
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	tar := exec.Command("tar", "-xz", "-C", dir)
	tar.Stdin = f
	tar.SysProcAttr = &syscall.SysProcAttr{Credential: docUser()}
	if out, err := tar.CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	return dir
}

// A docShell runs commands as a reader would.
type docShell struct {
	dir string
	env []string
}

func (s docShell) run(command string) (out string, err error) {
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Env = s.dir, s.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: docUser(), Setpgid: true}
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return "", err
	}
	timer := time.AfterFunc(time.Minute, func() { _ = unix.Kill(-cmd.Process.Pid, unix.SIGKILL) })
	defer timer.Stop()
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Exited() {
		err = nil // what is documented may fail; its words are compared
	}
	return b.String(), err
}

// check runs a step and compares what it prints.
func (s docShell) check(t *testing.T, step docStep) {
	t.Helper()
	out, err := s.run(step.command)
	if err != nil {
		t.Errorf("line %d: $ %s: %v", step.line, step.command, err)
	}
	if *showDocs {
		t.Logf("line %d: $ %s\n%s", step.line, step.command, out)
	}
	var got []string
	if out != "" {
		got = strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	}
	if !docMatch(step.want, got) {
		t.Errorf("line %d: $ %s\nprints\n%s\nand not\n%s", step.line, step.command, out, strings.Join(step.want, "\n"))
	}
}

// docLacks names a program of the host that a block needs and that is not here.
func docLacks(b docBlock) string {
	for _, name := range []string{"strace", "jq"} {
		used := regexp.MustCompile(`(^|[|;&] *|\n)` + name + ` `)
		for _, s := range b.steps() {
			if !used.MatchString(s.command) {
				continue
			}
			if _, err := exec.LookPath(name); err != nil {
				return name
			}
		}
	}
	return ""
}

// docMatch compares output with what a document shows of it: "..." stands for
// any lines, and at the end of a line for the rest of it. What differs from
// run to run in a trace counts as equal.
func docMatch(want, got []string) bool {
	switch {
	case len(want) == 0:
		return len(got) == 0
	case want[0] == "...":
		for i := range len(got) + 1 {
			if docMatch(want[1:], got[i:]) {
				return true
			}
		}
		return false
	case len(got) == 0:
		return false
	}
	return docLine(want[0], got[0]) && docMatch(want[1:], got[1:])
}

func docLine(want, got string) bool {
	want, got = docNormal(want), docNormal(got)
	if start, ok := strings.CutSuffix(want, "..."); ok {
		return strings.HasPrefix(got, start)
	}
	return want == got
}

var (
	docCall  = regexp.MustCompile(`^[a-z_0-9]+\(|^# == |^# +\.\.\. | +\.\.\. \d|^ +0 +\d+ +1$`)
	docNoise = []struct {
		re  *regexp.Regexp
		put string
	}{
		{regexp.MustCompile(` <\d+\.\d{6}>$`), ""},                       // the time a call took
		{regexp.MustCompile(`\{pidfd=\[\d+\]\}`), "{pidfd=[N]}"},         // descriptors
		{regexp.MustCompile(`^((?:[a-z_0-9]+)\()\d+(, |\))`), "${1}N$2"}, //
		{regexp.MustCompile(`\[\d+, \d+\]`), "[N, N]"},                   //
		{regexp.MustCompile(`fd=\d+`), "fd=N"},                           //
		{regexp.MustCompile(`^(# == \w+) \[\d+\]`), "$1 [N]"},            // processes
		{regexp.MustCompile(`= \d+$`), "= N"},                            // what a call answers, if not an error
		{regexp.MustCompile(`(size|nr_inodes)=\d+`), "$1=N"},             // parts of this machine's memory
		{regexp.MustCompile(`\.\.\. \d+ `), "... N "},                    // how many are folded
		{regexp.MustCompile(`^ +0 +\d+ +1$`), "0 N 1"},                   //
		{regexp.MustCompile(`"0 \d+ 1\\n", \d+`), `"0 N 1\n", N`},        // the caller's id
		{regexp.MustCompile(`\) +(= (N|-1 .*))?$`), ") $1"},              // strace's column
		{regexp.MustCompile(`rlim_(cur|max)=[0-9*A-Z_]+`), "rlim_$1=N"},  // what the caller had
		{regexp.MustCompile(`len=\d+`), "len=N"},                         // of a filter
	}
)

// docNormal takes from a line of a trace what differs from run to run.
func docNormal(line string) string {
	line = strings.TrimRight(line, " ")
	if !docCall.MatchString(line) {
		return line
	}
	for _, n := range docNoise {
		line = n.re.ReplaceAllString(line, n.put)
	}
	return line
}
