//go:build linux

package main_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/explain"
	"example.org/mcr/runtime/filter"
)

// top is the module's directory, as seen from this one.
const top = "../.."

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
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for i, line := range strings.Split(string(text), "\n") {
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
	files := map[string]string{filepath.Join(top, "README.md"): "en"}
	for _, lang := range docLanguages {
		for _, name := range docNames(t, lang) {
			files[filepath.Join(top, "docs", lang, name)] = lang
		}
	}
	return files
}

func docNames(t *testing.T, lang string) (names []string) {
	t.Helper()
	dir := filepath.Join(top, "docs", lang)
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
			a := readPage(t, filepath.Join(top, "docs/en", name))
			b := readPage(t, filepath.Join(top, "docs/es", name))
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
	makefile, err := os.ReadFile(filepath.Join(top, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
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
				if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).Match(makefile) {
					t.Errorf("%s:%d: the Makefile has no target %s", file, b.line, target)
				}
			}
		}
	}
}

// TestDocsLinks: what a page points to in this tree is there.
func TestDocsLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for file := range docFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			// A security policy points to a page of the repository's host, not to a file.
			if target := filepath.Join(filepath.Dir(file), m[1]); !strings.HasPrefix(m[1], "../../security") {
				if _, err := os.Stat(target); err != nil {
					t.Errorf("%s: link to %s: %v", file, m[1], err)
				}
			}
		}
	}
}

// TestDocsExceptions: the table of isolation.md is the filter's own.
func TestDocsExceptions(t *testing.T) {
	for _, lang := range docLanguages {
		file := filepath.Join(top, "docs", lang, "isolation.md")
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
		file := filepath.Join(top, "docs", lang, "errors.md")
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
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(text), "<!-- "+mark+" -->\n")
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
	bin := docPrograms(t)
	out, err := exec.Command(filepath.Join(bin, "mcr"), "run", "--help").CombinedOutput()
	if err != nil {
		t.Fatalf("mcr run --help: %v\n%s", err, out)
	}
	flags := regexp.MustCompile(`(?m)^  (?:-\w, )?(--[a-z-]+)`).FindAllSubmatch(out, -1)
	if len(flags) < 30 {
		t.Fatalf("mcr run --help: only %d flags in\n%s", len(flags), out)
	}
	for _, lang := range docLanguages {
		text, err := os.ReadFile(filepath.Join(top, "docs", lang, "run.md"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range flags {
			if !regexp.MustCompile("`[^`\n]*" + string(m[1]) + "[^a-z-]").Match(text) {
				t.Errorf("docs/%s/run.md: nothing of %s", lang, m[1])
			}
		}
	}
}

// docPrograms builds the programs into a directory that every user can read.
func docPrograms(t *testing.T) string {
	t.Helper()
	dir := docDir(t)
	args := []string{"build", "-o", dir + "/"}
	for _, name := range []string{"mcr", "mcr-box", "mcr-root", "mcr-lab"} {
		if _, err := os.Stat("../" + name); err == nil {
			args = append(args, "../"+name)
		}
	}
	build := exec.Command("go", args...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}

// docDir is a directory that the user of the commands may enter; those of
// t.TempDir are the tester's alone.
func docDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "mcr-docs-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // meant to be read by others
		t.Fatal(err)
	}
	if c := docUser(); c != nil {
		if err := os.Chown(dir, int(c.Uid), int(c.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// docUser is whom the commands are run as: an ordinary user, always.
func docUser() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	return &syscall.Credential{Uid: 1000, Gid: 1000}
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

// TestDocsCommands: the commands of the documents, run in order in a directory
// of each file's own, print what the documents say.
func TestDocsCommands(t *testing.T) {
	if err := docNamespaces(); err != nil {
		t.Skipf("no user namespaces here, clone(2): %v", err)
	}
	bin, cache := docPrograms(t), docDir(t)
	env := []string{"PATH=" + bin + ":" + os.Getenv("PATH"), "XDG_CACHE_HOME=" + cache, "TERM=dumb"}
	env = append(env, "ROOTFS="+docRootfs(t, bin, env))
	for file, lang := range docFiles(t) {
		t.Run(strings.TrimPrefix(file, top+"/"), func(t *testing.T) {
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
					out, err := sh.run(s.command)
					if err != nil {
						t.Errorf("line %d: %s: %v", s.line, s.command, err)
					}
					if *showDocs {
						t.Logf("line %d: $ %s\n%s", s.line, s.command, out)
					}
					got := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
					if out == "" {
						got = nil
					}
					if !docMatch(s.want, got) {
						t.Errorf("line %d: $ %s\nprints\n%s\nand not\n%s", s.line, s.command, out, strings.Join(s.want, "\n"))
					}
				}
			}
		})
	}
}

// docNamespaces says why there can be no user namespace; nil if there can.
func docNamespaces() error {
	cmd := exec.Command("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER, Credential: docUser()}
	if docUser() != nil {
		// As root: what counts is what an ordinary user may do, which a sysctl tells.
		b, err := os.ReadFile("/proc/sys/user/max_user_namespaces")
		if n, _ := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && n == 0 {
			return syscall.ENOSPC
		}
		return nil
	}
	return cmd.Run()
}

// docLacks names a program of the host that a block needs and that is not here.
func docLacks(b docBlock) string {
	for _, name := range []string{"strace", "jq"} {
		for _, s := range b.steps() {
			if !regexp.MustCompile(`(^|[|;&] *|\n)` + name + ` `).MatchString(s.command) {
				continue
			}
			if _, err := exec.LookPath(name); err != nil {
				return name
			}
		}
	}
	return ""
}

// docRootfs is the root directory that the documents call $ROOTFS: Alpine's
// where an archive of it lies beside this tree, else the default root.
func docRootfs(t *testing.T, bin string, env []string) string {
	t.Helper()
	archives, _ := filepath.Glob(filepath.Join(top, "../shared/alpine/*.tar.gz")) // a pattern that is well formed
	if len(archives) == 0 {
		out, err := docShell{bin, env}.run("mcr-root default")
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out)
	}
	archive, err := filepath.Abs(archives[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := docDir(t)
	// The archive may lie where only the tester can go: it is handed over open.
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tar := exec.Command("tar", "-xz", "-C", dir)
	tar.Stdin = f
	tar.SysProcAttr = &syscall.SysProcAttr{Credential: docUser()}
	if out, err := tar.CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	return dir
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
	docCall  = regexp.MustCompile(`^[a-z_0-9]+\(|^# == |^# +\.\.\. | +\.\.\. \d`)
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
