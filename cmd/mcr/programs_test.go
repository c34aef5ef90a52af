//go:build linux

package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	envPrograms = "MCR_PROGRAMS"    // 1: run programs of whole distributions
	envDebian   = "MCR_TEST_DEBIAN" // a Debian root that this user may read
)

// TestPrograms runs programs that people run under the default filter, in
// Alpine's and in Debian's root, as whoever runs the test and, where that is
// root, as an ordinary user too. make programs has what it needs.
func TestPrograms(t *testing.T) {
	if os.Getenv(envPrograms) == "" {
		t.Skip("set " + envPrograms + "=1, or run make programs: it unpacks two distributions")
	}
	if testEnv.lacks != "" {
		t.Skip(testEnv.lacks)
	}
	who := fmt.Sprintf("uid %d", os.Geteuid())
	t.Run(who+", Alpine", func(t *testing.T) {
		archive := alpineArchive()
		if archive == "" {
			t.Skipf("no Alpine root: name its archive in %s", envAlpine)
		}
		root := filepath.Join(testEnv.base, "programs-alpine")
		if err := unpack(archive, root); err != nil {
			t.Fatal(err)
		}
		runPrograms(t, root, alpinePrograms)
	})
	t.Run(who+", Debian", func(t *testing.T) {
		root := os.Getenv(envDebian)
		if root == "" {
			root = filepath.Join(testEnv.base, "programs-debian")
			unpackDebian(t, root, nil)
		}
		runPrograms(t, root, debianPrograms)
	})
	if isRoot() {
		t.Run("an ordinary user", programsAsUser)
	}
}

func runPrograms(t *testing.T, root string, programs []realProgram) {
	t.Helper()
	srv := filepath.Join(root, "srv")
	if err := os.MkdirAll(srv, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(srv, "hello.apk"), helloPackage(t), 0o644); err != nil {
		t.Fatal(err)
	}
	hello := filepath.Join(testEnv.bin, "hello")
	if _, err := os.Stat(hello); err != nil {
		source := filepath.Join(t.TempDir(), "hello.go")
		if err := os.WriteFile(source, []byte(staticGo), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("go", "build", "-o", hello, source)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
	}
	text, err := os.ReadFile(hello)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(srv, "hello"), text, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			mcr := program("mcr")
			cmd := exec.CommandContext(ctx, mcr.Path, append([]string{"run", "--rootfs", root, "--"}, p.argv...)...)
			cmd.Env, cmd.WaitDelay = mcr.Env, time.Second
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			if err := cmd.Run(); err != nil {
				t.Fatalf("%v\n%s%s", err, &out, &errs)
			}
			if !strings.Contains("\n"+out.String(), "\n"+p.want) || errs.Len() > 0 {
				t.Errorf("printed %q and %q; want a line that begins with %q, and nothing on stderr", &out, &errs, p.want)
			}
		})
	}
}

// programsAsUser runs the test again as an ordinary user, with copies of the
// roots that this user owns.
func programsAsUser(t *testing.T) {
	user := &syscall.Credential{Uid: 1000, Gid: 1000}
	tree := filepath.Join(testEnv.base, "programs-user")
	dir, debian := filepath.Join(tree, "cmd", "mcr"), filepath.Join(tree, "debian")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.Mkdir(debian, 0o755), os.Chown(debian, 1000, 1000)); err != nil {
		t.Fatal(err)
	}
	unpackDebian(t, debian, user)
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	test := filepath.Join(tree, "mcr.test")
	if err := os.WriteFile(test, self, 0o755); err != nil {
		t.Fatal(err)
	}
	alpine := alpineArchive()
	if text, err := os.ReadFile(alpine); err == nil { // it may lie where the user cannot come
		alpine = filepath.Join(tree, "alpine.tar.gz")
		if err := os.WriteFile(alpine, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(test, "-test.run", "^TestPrograms$", "-test.v")
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=/", "TMPDIR=" + os.TempDir(), envPrograms + "=1",
		envBase + "=" + testEnv.base, envAlpine + "=" + alpine, envDebian + "=" + debian,
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("as uid %d: %v\n%s", user.Uid, err, out)
	} else {
		t.Logf("as uid %d:\n%s", user.Uid, out)
	}
}

// unpackDebian unpacks Debian's root, as another user if one is given. Its
// archive is made once and kept in the checkout's .cache.
func unpackDebian(t *testing.T, dir string, user *syscall.Credential) {
	t.Helper()
	archive := filepath.Join(repo, ".cache", "debian12.tar")
	if _, err := os.Stat(archive); err != nil {
		if os.Geteuid() != 0 {
			t.Skip(".cache/debian12.tar is missing: make programs as root makes it")
		}
		makeDebian(t, archive)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	// Devices are mcr's to make, and an ordinary user may not.
	cmd := exec.Command("tar", "-x", "-p", "--numeric-owner", "--exclude=./dev/*", "-C", dir)
	cmd.Stdin = f
	if user != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
}

func makeDebian(t *testing.T, archive string) {
	t.Helper()
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		t.Skip("mmdebstrap is missing; Debian's package is mmdebstrap")
	}
	if err := os.MkdirAll(filepath.Dir(archive), 0o755); err != nil {
		t.Fatal(err)
	}
	args := []string{"--mode=root", "--variant=minbase", "--include=bash,coreutils,findutils,git,nodejs,perl,python3", "--format=tar", "bookworm", archive + ".new"}
	for _, sources := range []string{"/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"} {
		if _, err := os.Stat(sources); err == nil {
			args = append(args, sources) // where this machine has its packages from
			break
		}
	}
	if out, err := exec.Command("mmdebstrap", args...).CombinedOutput(); err != nil {
		t.Fatalf("mmdebstrap: %v\n%s", err, out)
	}
	if err := os.Rename(archive+".new", archive); err != nil {
		t.Fatal(err)
	}
}
