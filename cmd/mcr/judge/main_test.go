// Package judge_test holds mcr to what it says of itself, from outside: every
// plan is run under strace(1), every call of a plan is refused once, and the
// programs are judged as they are installed, as binaries.
//
// MCR_FULL=1 asks for all of it; the plain run takes a sample. MCR_ROOTFS
// names a root directory to use; without it an Alpine archive beside the
// checkout is unpacked, or else the default root is laid down.
package judge_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

var (
	update = flag.Bool("update", false, "rewrite the goldens in testdata")
	full   = os.Getenv("MCR_FULL") != ""

	work  string  // of this run; everything lies below it
	bin   string  // the programs
	users []*user // who starts containers
)

// A user is somebody who starts containers.
type user struct {
	name   string // "root" or "ordinary"
	uid    int    // who to become; -1: who we are
	dir    string // theirs alone to write
	rootfs string // a root directory that is theirs
}

// stranger is an id that no passwd(5) gives to anybody.
const stranger = 23456

func TestMain(m *testing.M) {
	flag.Parse()
	status, err := judge(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		status = 1
	}
	os.Exit(status)
}

func judge(m *testing.M) (status int, err error) {
	work, err = os.MkdirTemp("", "mcr-judge-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(work) //nolint:errcheck // what is left is a temporary directory's
	bin = filepath.Join(work, "bin")
	build := exec.Command("go", "build", "-o", bin+"/", "example.org/mcr/cmd/mcr", "example.org/mcr/cmd/mcr-box", "example.org/mcr/cmd/mcr-root")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("go build: %w\n%s", err, out)
	}
	for _, dir := range []string{work, bin} {
		if err := os.Chmod(dir, 0o755); err != nil {
			return 1, err
		}
	}
	users = []*user{{name: "ordinary", uid: -1}}
	if os.Geteuid() == 0 {
		users = []*user{{name: "root", uid: -1}, {name: "ordinary", uid: stranger}}
	}
	for _, u := range users {
		if err := u.settle(); err != nil {
			return 1, err
		}
	}
	return m.Run(), nil
}

// settle gives a user a directory and a root.
func (u *user) settle() error {
	u.dir = filepath.Join(work, u.name)
	if err := os.Mkdir(u.dir, 0o755); err != nil {
		return err
	}
	if err := u.own(u.dir); err != nil {
		return err
	}
	archives, _ := filepath.Glob("../../../../shared/alpine/*.tar.gz") // the pattern is well formed
	switch given := os.Getenv("MCR_ROOTFS"); {
	case given != "" && u.uid < 0:
		u.rootfs = given
	case given != "":
		u.rootfs = filepath.Join(u.dir, "rootfs")
		return u.copyTo(u.rootfs, given)
	case len(archives) > 0:
		u.rootfs = filepath.Join(u.dir, "rootfs")
		return u.unpack(u.rootfs, archives[0])
	}
	out, err := u.command(filepath.Join(bin, "mcr-root"), "default").Output()
	if err != nil {
		return fmt.Errorf("mcr-root default: %w", err)
	}
	u.rootfs = filepath.Join(u.dir, "rootfs") // a copy: --rw is not for what all containers share
	return u.copyTo(u.rootfs, strings.TrimSpace(string(out)))
}

func (u *user) unpack(dir, archive string) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	tar := exec.Command("tar", "-xz", "-C", dir)
	tar.Stdin = f
	if out, err := tar.CombinedOutput(); err != nil {
		return fmt.Errorf("tar %s: %w\n%s", archive, err, out)
	}
	return u.own(dir)
}

// copyTo copies a root directory and gives the copy to the user.
func (u *user) copyTo(dir, from string) error {
	if out, err := exec.Command("cp", "-a", from, dir).CombinedOutput(); err != nil {
		return fmt.Errorf("cp %s: %w\n%s", from, err, out)
	}
	return u.own(dir)
}

// own gives a tree of files to the user.
func (u *user) own(dir string) error {
	if u.uid < 0 {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, u.uid, u.uid)
	})
}

// command is a program run as the user.
func (u *user) command(argv ...string) *exec.Cmd {
	c := exec.Command(argv[0], argv[1:]...)
	c.Dir = u.dir
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + u.dir, "XDG_CACHE_HOME=" + filepath.Join(u.dir, "cache"), "MCR_LANG=en", "WISH=as asked"}
	c.SysProcAttr = &syscall.SysProcAttr{}
	if u.uid >= 0 {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(u.uid), Gid: uint32(u.uid)}
	}
	return c
}

// mcr is the arguments of mcr with the user's root.
func (u *user) mcr(verb string, args ...string) []string {
	return append([]string{filepath.Join(bin, "mcr"), verb, "--rootfs", u.rootfs}, args...)
}

// output runs a command that must succeed.
func output(t *testing.T, c *exec.Cmd) string {
	t.Helper()
	var words bytes.Buffer
	c.Stderr = &words
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%q: %v\n%s", c.Args, err, &words)
	}
	return string(out)
}

// starts skips where this machine lets the user have no container at all:
// that is the machine's word, and no defect.
func starts(t *testing.T, u *user) {
	t.Helper()
	out, err := u.command(u.mcr("run", "--", "/bin/true")...).CombinedOutput()
	if err == nil {
		return
	}
	if bytes.HasPrefix(out, []byte("mcr: clone")) {
		t.Skipf("%s: this machine gives no namespaces: %s", u.name, out)
	}
	t.Fatalf("%s: %v\n%s", u.name, err, out)
}
