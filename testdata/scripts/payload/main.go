// Payload is a small static program for the tests to run in containers: each
// argument is a thing to do, in order. It makes the system calls that no
// ordinary tool makes, and it waits without opening a descriptor.
//
//go:debug containermaxprocs=0
package main

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/caller"
	"example.org/mcr/runtime/sys"
)

func init() { runtime.LockOSThread() }

func main() {
	// Go has raised the soft limit for itself; the tests look at the one that was given.
	if l := caller.NoFile; l[1] != 0 {
		check("setrlimit", unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: l[0], Max: l[1]}))
	}
	for i := 1; i < len(os.Args); i++ {
		word, value, _ := strings.Cut(os.Args[i], "=")
		do, ok := words[word]
		if !ok {
			fmt.Fprintf(os.Stderr, "payload: no such thing to do: %s\n", os.Args[i])
			os.Exit(99)
		}
		do(value, os.Args[i+1:])
	}
}

var words map[string]func(value string, rest []string)

func init() {
	words = map[string]func(string, []string){
		"mark": func(string, []string) {}, // a name by which the tests find it
		"say":  func(v string, _ []string) { fmt.Println(v) },
		"exit": func(v string, _ []string) { os.Exit(number(v)) },

		"wait":  func(string, []string) { wait() },
		"sleep": func(v string, _ []string) { time.Sleep(time.Duration(number(v)) * time.Millisecond) },

		// Ways to escape the death of the parent.
		"nodeathsig": func(string, []string) { check("prctl", unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0)) },
		"setuid": func(v string, _ []string) {
			check("setresgid", unix.Setresgid(number(v), number(v), number(v)))
			check("setresuid", unix.Setresuid(number(v), number(v), number(v)))
		},
		"fork":   func(v string, rest []string) { fork(number(v), rest) },
		"daemon": func(_ string, rest []string) { daemon(rest) },
		"orphan": func(_ string, rest []string) { spawn(rest, false); os.Exit(0) },
		"opath": func(v string, _ []string) {
			fd, err := unix.Open(v, unix.O_PATH, 0)
			check(v, err)
			check("dup3", unix.Dup3(fd, 0, 0))
		},
		"file": func(v string, _ []string) { // as this thread sees it, no other
			text, err := os.ReadFile(v)
			check(v, err)
			fmt.Print(string(text))
		},
		"umask": func(v string, _ []string) {
			n, err := strconv.ParseInt(v, 8, 32)
			check(v, err)
			unix.Umask(int(n))
		},
		"leak": func(v string, _ []string) { // stays open in what is executed
			fd, err := unix.Open(v, unix.O_RDONLY, 0)
			check(v, err)
			check("dup3", unix.Dup3(fd, 9, 0))
		},
		"exec":   func(_ string, rest []string) { become(rest) },
		"stop":   func(string, []string) { check("kill", unix.Kill(os.Getpid(), unix.SIGSTOP)) },
		"ignore": func(v string, _ []string) { signal.Ignore(unix.SignalNum("SIG" + v)) },

		"trap": func(v string, _ []string) { trap(v) },
		"kill": func(v string, _ []string) { check("kill", unix.Kill(os.Getpid(), unix.SignalNum("SIG"+v))) },
		"call": func(v string, _ []string) { call(v) },
		"read": func(v string, _ []string) { readFrom(number(v)) },
		"fds":  func(string, []string) { fds() },
		// Go raises the soft limit at its start: this is what was before.
		"nofile":  func(string, []string) { fmt.Println("nofile", caller.NoFile[0], caller.NoFile[1]) },
		"connect": func(v string, _ []string) { connect(v) },
	}
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	check(s, err)
	return n
}

func check(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "payload: %s: %v\n", what, err)
		os.Exit(98)
	}
}

// wait waits for ever, by a call that needs no timer.
func wait() {
	for {
		_, _, _ = syscall.Syscall6(unix.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
	}
}

// fork starts n copies that do the rest, as this process does too.
func fork(n int, rest []string) {
	for range n {
		spawn(rest, false)
	}
}

// daemon starts a copy in a session of its own, whose child does the rest as
// an orphan, daemon(7), and waits itself.
func daemon(rest []string) {
	spawn(append([]string{"orphan"}, rest...), true)
	wait()
}

func spawn(args []string, session bool) {
	_, err := syscall.ForkExec("/proc/self/exe", append([]string{os.Args[0]}, args...), &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{0, 1, 2}, Sys: &syscall.SysProcAttr{Setsid: session},
	})
	check("fork", err)
}

// become is execve(2) of a program on PATH.
func become(argv []string) {
	path, err := exec.LookPath(argv[0])
	check(argv[0], err)
	check(path, syscall.Exec(path, argv, os.Environ()))
}

// trap says which signal came, and ends with status 7.
func trap(name string) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, unix.SignalNum("SIG"+name))
	fmt.Println("ready")
	s := (<-c).(syscall.Signal)
	fmt.Println("got", unix.SignalName(s))
	os.Exit(7)
}

// call makes a system call, "mount" or "socket,40,1,0", and says what the
// kernel answers. Arguments that are not given are 0.
func call(v string) {
	f := strings.Split(v, ",")
	arch := sys.AMD64
	if runtime.GOARCH == "arm64" {
		arch = sys.ARM64
	}
	nr, ok := arch.Number(f[0])
	if !ok {
		fmt.Println(f[0], "is no call of", runtime.GOARCH)
		return
	}
	var a [6]uintptr
	for i, s := range f[1:] {
		n, err := strconv.ParseInt(s, 0, 64)
		check(s, err)
		a[i] = uintptr(n)
	}
	ret, _, errno := syscall.RawSyscall6(uintptr(nr), a[0], a[1], a[2], a[3], a[4], a[5])
	if errno != 0 {
		fmt.Println(f[0], "=", unix.ErrnoName(errno))
		return
	}
	fmt.Println(f[0], "=", int(ret))
}

// readFrom tries a descriptor that may not be there.
func readFrom(fd int) {
	var st unix.Stat_t
	err := unix.Fstat(fd, &st)
	fmt.Println("fstat", fd, "=", errname(err))
}

func errname(err error) string {
	if e, ok := err.(syscall.Errno); ok { //nolint:errorlint // x/sys/unix documents none but Errno
		return unix.ErrnoName(e)
	}
	return "0"
}

// fds lists the descriptors that are open, by asking for each number.
func fds() {
	var open []string
	for fd := range 1024 {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
			open = append(open, strconv.Itoa(fd))
		}
	}
	fmt.Println("open:", strings.Join(open, " "))
}

// connect tries a TCP connection to an address and port.
func connect(to string) {
	addr, err := netip.ParseAddrPort(to)
	check(to, err)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	check("socket", err)
	err = unix.Connect(fd, &unix.SockaddrInet4{Addr: addr.Addr().As4(), Port: int(addr.Port())})
	fmt.Println("connect", to, "=", errname(err))
}
