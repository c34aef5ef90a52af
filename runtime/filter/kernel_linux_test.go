package filter_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/sys"
)

// childEnv makes the test binary a child that loads a filter and tries calls.
const childEnv = "MCR_FILTER_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childEnv) {
	case "":
		os.Exit(m.Run())
	case "verdicts":
		childVerdicts()
	default:
		childCalls()
	}
}

// A task is what a child is to do, and what it did.
type task struct {
	Prog  []filter.Insn
	Calls [][7]uint64 // number and arguments; a number of i386 has bit 63 set
	Errno []int       // of each
}

func load(prog []filter.Insn, flags uintptr) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		panic(err)
	}
	fprog := unix.SockFprog{Len: uint16(len(prog)), Filter: (*unix.SockFilter)(unsafe.Pointer(&prog[0]))}
	if _, _, e := unix.RawSyscall(unix.SYS_SECCOMP, 1, flags, uintptr(unsafe.Pointer(&fprog))); e != 0 {
		panic(e)
	}
}

func readTask() *task {
	var tk task
	if err := json.NewDecoder(os.Stdin).Decode(&tk); err != nil {
		panic(err)
	}
	tk.Errno = make([]int, len(tk.Calls))
	return &tk
}

// childCalls loads the program as it is, and makes the calls.
func childCalls() {
	runtime.LockOSThread()
	tk := readTask()
	gate := mapGate()
	if len(tk.Prog) > 0 {
		load(tk.Prog, 1) // SECCOMP_FILTER_FLAG_TSYNC: all threads of the Go program
	}
	for i, c := range tk.Calls {
		if c[0]>>63 != 0 {
			gate()
			continue
		}
		_, _, e := unix.RawSyscall6(uintptr(c[0]), uintptr(c[1]), uintptr(c[2]), uintptr(c[3]), uintptr(c[4]), uintptr(c[5]), uintptr(c[6]))
		tk.Errno[i] = int(e)
	}
	answer(tk)
}

// childVerdicts loads a program that answers an errno to everything, on one
// thread, and reads the errnos. That thread then can do nothing more; another,
// made before, prints.
func childVerdicts() {
	debug.SetGCPercent(-1)
	tk := readTask()
	var done atomic.Bool
	runtime.LockOSThread()
	go func() {
		runtime.LockOSThread()
		for !done.Load() {
			time.Sleep(time.Millisecond)
		}
		answer(tk)
		os.Exit(0)
	}()
	time.Sleep(10 * time.Millisecond)
	load(tk.Prog, 0)
	for i, c := range tk.Calls {
		_, _, e := unix.RawSyscall6(uintptr(c[0]), uintptr(c[1]), uintptr(c[2]), uintptr(c[3]), uintptr(c[4]), uintptr(c[5]), uintptr(c[6]))
		tk.Errno[i] = int(e)
	}
	done.Store(true)
	for { // this thread may make no system call, not even to wait
		runtime.KeepAlive(tk)
	}
}

func answer(tk *task) {
	tk.Prog, tk.Calls = nil, nil
	if err := json.NewEncoder(os.Stdout).Encode(tk); err != nil {
		panic(err)
	}
}

// mapGate returns a function that makes getppid(2) through i386's gate:
// mov eax, 64; int 0x80; ret. It is mapped before the filter is loaded.
func mapGate() func() {
	if runtime.GOARCH != "amd64" {
		return func() {}
	}
	code, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		panic(err)
	}
	copy(code, []byte{0xb8, 64, 0, 0, 0, 0xcd, 0x80, 0xc3})
	entry := unsafe.Pointer(&code[0])
	fn := unsafe.Pointer(&entry) // a func value points to where its code is
	return *(*func())(unsafe.Pointer(&fn))
}

// child runs a task, and returns the signal that ended it, if one did.
func child(t *testing.T, mode string, tk task) ([]int, syscall.Signal) {
	t.Helper()
	in, err := json.Marshal(tk)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+mode, "GODEBUG=asyncpreemptoff=1", "GOMAXPROCS=4", "GOCOVERDIR="+t.TempDir())
	cmd.Stdin = bytes.NewReader(in)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
			return nil, ws.Signal()
		}
	}
	if err != nil {
		t.Fatalf("child: %v\n%s", err, errs.String())
	}
	var got task
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	return got.Errno, 0
}

// The kernel runs our programs as Run does: for every number, and at the edges
// of each argument rule. Each verdict is turned into an errno, so nothing runs.
func TestKernelAgrees(t *testing.T) {
	a := sys.NativeArch()
	for _, name := range filter.Names() {
		t.Run(name, func(t *testing.T) {
			p, err := filter.Builtin(name, a)
			if err != nil {
				t.Skip(err)
			}
			prog, err := filter.Program(name, a)
			if err != nil {
				t.Fatal(err)
			}
			tk := task{Calls: callsOf(p)}
			codes := map[uint32]int{}
			for _, in := range prog {
				if in.Code == 0x06 {
					if codes[in.K] == 0 {
						codes[in.K] = 2000 + len(codes)
					}
					in.K = uint32(filter.Errno) | uint32(codes[in.K])
				}
				tk.Prog = append(tk.Prog, in)
			}
			errnos, sig := child(t, "verdicts", tk)
			if sig != 0 {
				t.Fatalf("the child died of %v", sig)
			}
			for i, c := range tk.Calls {
				d := filter.Data{Nr: int32(c[0]), Arch: a.AuditArch(), Args: [6]uint64(c[1:])}
				want, _ := filter.Run(prog, d)
				if errnos[i] != codes[want] {
					t.Errorf("nr %#x args %#x: errno %d, want %d for %s", c[0], c[1:], errnos[i], codes[want], filter.Action(want))
				}
			}
			t.Logf("%d calls", len(tk.Calls))
		})
	}
}

func callsOf(p *filter.Profile) [][7]uint64 {
	var calls [][7]uint64
	for _, nr := range numbers() {
		switch name, _ := p.Arch.Name(int(nr)); {
		case nr >= 1<<31: // the kernel itself refuses those
		case name == "uretprobe" || name == "uprobe": // not shown to a filter; SIGTRAP
		default:
			calls = append(calls, [7]uint64{uint64(nr)})
		}
	}
	for _, r := range p.Rules {
		nr, _ := p.Arch.Number(r.Names[0])
		for _, c := range r.Args {
			for _, v := range edges(p) {
				call := [7]uint64{uint64(nr)}
				call[1+c.Index] = v
				calls = append(calls, call)
			}
		}
	}
	return calls
}

// What the default profile refuses is refused, and what it lets through runs.
func TestKernelDefault(t *testing.T) {
	a := sys.NativeArch()
	prog, err := filter.Program("default", a)
	if err != nil {
		t.Fatal(err)
	}
	const hi, perm, nosys, killed = 1 << 32, int(unix.EPERM), int(unix.ENOSYS), -1
	tests := []struct {
		name string
		args [6]uint64
		want int
	}{
		{"getpid", [6]uint64{}, 0},
		{"ioctl", [6]uint64{1 << 20, 0x541b}, int(unix.EBADF)},
		{"ioctl", [6]uint64{1 << 20, 0x5412}, perm},
		{"ioctl", [6]uint64{1 << 20, hi | 0x5412}, perm},
		{"socket", [6]uint64{1, 2}, 0},
		{"socket", [6]uint64{hi | 40, 1}, perm},
		{"personality", [6]uint64{0xffffffff}, 0},
		{"personality", [6]uint64{hi | 0x40000}, perm},
		{"clone", [6]uint64{0x10000000 | 17}, perm},
		{"unshare", [6]uint64{0x10000000}, perm},
		{"unshare", [6]uint64{0}, 0},
		{"clone3", [6]uint64{}, nosys},
		{"mount", [6]uint64{}, perm},
		{"keyctl", [6]uint64{99}, perm},
		{"io_uring_setup", [6]uint64{}, nosys},
		{"swapon", [6]uint64{}, killed},
		{"kexec_load", [6]uint64{^uint64(0), ^uint64(0)}, killed},
	}
	for _, tt := range tests {
		nr, _ := a.Number(tt.name)
		call := [7]uint64{uint64(nr)}
		copy(call[1:], tt.args[:])
		errnos, sig := child(t, "calls", task{Prog: prog, Calls: [][7]uint64{call}})
		got := killed
		if sig == 0 {
			got = errnos[0]
		}
		if got != tt.want || sig != 0 && sig != unix.SIGSYS {
			t.Errorf("%s(%#x): errno %d, signal %d, want %d", tt.name, tt.args[:2], got, sig, tt.want)
		}
	}
}

// A call through int 0x80 kills, whatever its number.
func TestKernelForeign(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("int 0x80 is amd64's")
	}
	tk := task{Calls: [][7]uint64{{1 << 63}}}
	if _, sig := child(t, "calls", tk); sig != 0 {
		t.Skipf("this kernel has no i386 gate: signal %d", sig)
	}
	for _, name := range filter.Names() {
		var err error
		if tk.Prog, err = filter.Program(name, sys.AMD64); err != nil {
			t.Fatal(err)
		}
		if name == "seed" { // its list has no room for a Go program
			p, _ := filter.Builtin(name, sys.AMD64)
			p.Default = filter.Allow
			if tk.Prog, err = filter.Assemble(p); err != nil {
				t.Fatal(err)
			}
		}
		if _, sig := child(t, "calls", tk); sig != unix.SIGSYS {
			t.Errorf("%s: signal %d, want SIGSYS", name, sig)
		}
	}
}
