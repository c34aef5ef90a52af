//go:build linux

package main_test

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// testEnv is where the tests of this package find what they run: the programs
// as they are installed, side by side, and roots to run them on. It is made
// once, by TestMain.
var testEnv struct {
	base   string // a directory that everybody may search
	bin    string // mcr, mcr-box, mcr-root, payload
	cache  string // XDG_CACHE_HOME, so that the default root is laid down once
	root   string // the default root, and the test's payload as /bin/payload
	alpine string // an Alpine root; "" if there is none
	lacks  string // why user namespaces cannot be had; "" if they can
}

// A run of the tests as an ordinary user is told by these where it is.
const (
	envBase   = "MCR_TEST_BASE"   // the base directory of the run that started it
	envAlpine = "MCR_TEST_ALPINE" // an archive of an Alpine root
	envUID    = "MCR_TEST_UID"    // the ordinary user; by default 1000
	envFull   = "MCR_FULL"        // the long form of what is random
)

func TestMain(m *testing.M) {
	code := 1
	// What nohup(1) ignores would be ignored by all that is started here; what is caught is not.
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	if err := setUp(); err != nil {
		fmt.Fprintln(os.Stderr, "set up the tests:", err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(testEnv.base) // what a failed test left is not worth another failure
	os.Exit(code)
}

func setUp() error {
	e := &testEnv
	var err error
	if e.base, err = os.MkdirTemp("", "mcr-test-"); err != nil {
		return err
	}
	if err := os.Chmod(e.base, 0o755); err != nil {
		return err
	}
	e.cache, e.root = filepath.Join(e.base, "cache"), filepath.Join(e.base, "root")
	if given := os.Getenv(envBase); given != "" {
		e.bin = filepath.Join(given, "bin")
	} else if e.bin = filepath.Join(e.base, "bin"); build(e.bin) != nil {
		return build(e.bin)
	}
	if err := layRoot(); err != nil {
		return err
	}
	e.lacks = namespaces()
	e.alpine, err = alpine()
	return err
}

// build builds the programs as they are installed: without cgo.
func build(dir string) error {
	cmd := exec.Command("go", "build", "-o", dir+"/", ".", "../mcr-box", "../mcr-lab", "../mcr-root", "../../testdata/scripts/payload")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return os.Chmod(dir, 0o755)
}

// program is a program of the test's, and its arguments.
func program(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(testEnv.bin, name), args...)
	cmd.Env = []string{"PATH=" + testEnv.bin + ":" + os.Getenv("PATH"), "XDG_CACHE_HOME=" + testEnv.cache}
	return cmd
}

// layRoot copies the default root and adds the payload.
func layRoot() error {
	out, err := program("mcr-root", "default").Output()
	if err != nil {
		return fmt.Errorf("mcr-root default: %w", err)
	}
	old := syscall.Umask(0o022)
	defer syscall.Umask(old)
	if err := os.CopyFS(testEnv.root, os.DirFS(strings.TrimSpace(string(out)))); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(testEnv.bin, "payload"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(testEnv.root, "bin", "payload"), text, 0o755)
}

// namespaces says why this user cannot make user namespaces; "" if it can.
func namespaces() string {
	cmd := program("payload", "exit=0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER}
	if err := cmd.Run(); err != nil {
		return "clone(2) with CLONE_NEWUSER: " + err.Error()
	}
	return ""
}

// alpine finds an Alpine root: MCR_ROOTFS, or what an archive holds that lies
// in a directory "shared" beside the checkout. "": there is none.
func alpine() (string, error) {
	if dir := os.Getenv("MCR_ROOTFS"); dir != "" && unix.Access(filepath.Join(dir, "bin/busybox"), unix.X_OK) == nil {
		return filepath.Abs(dir)
	}
	archive := alpineArchive()
	if archive == "" {
		return "", nil
	}
	dir := filepath.Join(testEnv.base, "alpine")
	if err := unpack(archive, dir); err != nil {
		return "", fmt.Errorf("unpack %s: %w", archive, err)
	}
	return dir, nil
}

func alpineArchive() string {
	if given := os.Getenv(envAlpine); given != "" {
		return given
	}
	found, err := filepath.Glob("../../../shared/alpine/alpine-minirootfs*.tar.gz")
	if err != nil || len(found) == 0 {
		return ""
	}
	path, err := filepath.Abs(found[0])
	if err != nil {
		return ""
	}
	return path
}

// unpack unpacks an archive that the tests trust, without its owners.
func unpack(archive, dir string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := unpackOne(r, h, filepath.Join(dir, h.Name), dir); err != nil {
			return err
		}
	}
}

func unpackOne(r io.Reader, h *tar.Header, path, dir string) error {
	mode := fs.FileMode(h.Mode) & 0o777
	switch h.Typeflag {
	case tar.TypeDir:
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
		return os.Chmod(path, mode|0o700)
	case tar.TypeSymlink:
		return os.Symlink(h.Linkname, path)
	case tar.TypeLink:
		return os.Link(filepath.Join(dir, h.Linkname), path)
	case tar.TypeReg:
		w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode|0o200)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, r)
		return errors.Join(err, w.Close())
	}
	return nil
}

// isRoot reports whether the tests run with root's rights over the host.
func isRoot() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	return err == nil && os.Geteuid() == 0 && slices.Equal(strings.Fields(string(text)), []string{"0", "0", "4294967295"})
}

// TestAsUser runs the tests of the scripts, of the deaths and of the probes
// again as an ordinary user, where they run as root: the whole test program,
// so that what looks from outside is that user too.
func TestAsUser(t *testing.T) {
	if !isRoot() {
		t.Skip("this is an ordinary user already")
	}
	t.Parallel()
	uid := 1000
	if v := os.Getenv(envUID); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n <= 0 {
			t.Fatalf("%s=%s: not the number of an ordinary user", envUID, v)
		}
		uid = n
	}
	// A tree of its own: the checkout may lie where that user cannot come.
	tree := filepath.Join(testEnv.base, "tree")
	dir := filepath.Join(tree, "cmd", "mcr")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.CopyFS(filepath.Join(tree, "testdata"), os.DirFS("../../testdata"))); err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	test := filepath.Join(testEnv.bin, "mcr.test")
	if err := os.WriteFile(test, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(test, "-test.run", "^(TestScripts|TestDeath|TestProbes)", "-test.v="+strconv.FormatBool(testing.Verbose()), "-test.parallel="+parallel())
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=/", envBase + "=" + testEnv.base, envAlpine + "=" + alpineArchive(),
		envFull + "=" + os.Getenv(envFull), "MCR_ROOTFS=" + os.Getenv("MCR_ROOTFS"), "TMPDIR=" + os.TempDir(),
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("as uid %d: %v\n%s", uid, err, out)
	} else {
		t.Logf("as uid %d:\n%s", uid, out)
	}
}
