package kernel

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "example.org/mcr/runtime/kernel.fork"

// reachable is all that the child may call, and what each of these may call
// in turn. None of it can grow a stack, allocate or meet the scheduler: they
// are assembly, or nosplit and a few lines long.
//
// The runtime's panics are not among them. An index that is checked would be a
// call of the runtime in the child, so fork has every index in bounds by its
// form (a remainder, a constant limit) and the compiler leaves no check.
var reachable = map[string][]string{
	root:                  {"syscall.RawSyscall6", "syscall.RawSyscall", "example.org/mcr/runtime/kernel.counter"},
	"syscall.RawSyscall":  {"syscall.RawSyscall6"},
	"syscall.RawSyscall6": {"internal/runtime/syscall/linux.Syscall6"},
	"internal/runtime/syscall/linux.Syscall6": nil,
	"example.org/mcr/runtime/kernel.counter":  nil,
}

// growth is what the prologue calls when the stack is too small. It is fork's
// only: it runs before the clone, and begins fork again.
const growth = "runtime.morestack_noctxt"

func TestChildReach(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		t.Run(arch, func(t *testing.T) {
			for _, complaint := range reach(t, build(t, arch, "", "")) {
				t.Error(complaint)
			}
		})
	}
}

// TestChildReachSees plants what must not be there, so that a silent
// TestChildReach means something.
func TestChildReachSees(t *testing.T) {
	tests := []struct{ name, old, planted, want string }{
		{"call", "rec.done = 1", "rec.done = uint32(len(itoa(int(i))))", "kernel.fork calls"},
		{"index", "sh.regs[a[j]%maxRegs]", "sh.regs[a[j]]", "runtime.panicBounds"},
		{"allocation", "o = &ops[i]", "o = &ops[i]; sh.recs[0].begin = uint64(len(make([]byte, i)))", "runtime.makeslice"},
		{"indirect call", "rec.done = 1", "rec.done = 1; planted()", "indirectly"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(reach(t, build(t, "amd64", tt.old, tt.planted)), "\n")
			if !strings.Contains(got, tt.want) {
				t.Errorf("complaints: %q; want one with %q", got, tt.want)
			}
		})
	}
}

// build builds mcr, with one place of the child's file changed if old is given.
func build(t *testing.T, arch, old, planted string) string {
	t.Helper()
	dir := t.TempDir()
	args := []string{"build", "-buildvcs=false", "-ldflags=-w", "-o", filepath.Join(dir, "mcr")}
	if old != "" {
		file, err := filepath.Abs("child_linux.go")
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte(old)) {
			t.Fatalf("%s has no %q: plant the call elsewhere", file, old)
		}
		text = bytes.Replace(text, []byte(old), []byte(planted), 1)
		text = append(text, "\nvar planted = func() {}\n\nfunc init() {\n\tif len(itoa(0)) > 1 {\n\t\tplanted = nil\n\t}\n}\n"...)
		changed, overlay := filepath.Join(dir, "child.go"), filepath.Join(dir, "overlay.json")
		files, err := json.Marshal(map[string]map[string]string{"Replace": {file: changed}})
		if err != nil {
			t.Fatal(err)
		}
		for name, b := range map[string][]byte{changed: text, overlay: files} {
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.CommandContext(t.Context(), "go", append(args, "example.org/mcr/cmd/mcr")...)
	cmd.Env = append(os.Environ(), "GOARCH="+arch, "GOOS=linux", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return filepath.Join(dir, "mcr")
}

// An instruction is a line of objdump's: where it is, and the words of it.
type instruction struct {
	addr uint64
	op   string
	arg  string
}

// target is where a jump within a function goes; 0 if it is none.
func (in instruction) target() uint64 {
	last := in.arg[strings.LastIndex(in.arg, " ")+1:]
	// arm64 counts instructions from here.
	if n, ok := strings.CutSuffix(last, "(PC)"); ok {
		if d, err := strconv.ParseInt(n, 0, 64); err == nil {
			return in.addr + uint64(4*d) // wraps for a jump back, as it should
		}
	}
	if !strings.HasPrefix(last, "0x") {
		return 0
	}
	addr, _ := strconv.ParseUint(last, 0, 64) // 0(SB) and the like are not numbers: 0
	return addr
}

// reach follows the calls from fork and says what it should not have met.
func reach(t *testing.T, program string) (complaints []string) {
	t.Helper()
	complain := func(format string, args ...any) { complaints = append(complaints, fmt.Sprintf(format, args...)) }
	code := map[string][]instruction{}
	queue := []string{root}
	for len(queue) > 0 {
		fn := queue[0]
		queue = queue[1:]
		if _, seen := code[fn]; seen {
			continue
		}
		code[fn] = disassemble(t, program, fn)
		for _, in := range code[fn] {
			symbol, named := strings.CutSuffix(in.arg, "(SB)")
			target := strings.TrimSuffix(symbol, ".abi0") // what is written in assembly may have it
			switch {
			case in.op != "CALL" && in.op != "JMP":
			case in.op == "JMP" && in.target() != 0: // within the function
			case !named:
				complain("%s calls %s indirectly, at %#x", fn, in.arg, in.addr)
			case target == growth && fn == root:
			case in.op == "JMP" && target == root && fn == root:
			case slices.Contains(reachable[strings.TrimSuffix(fn, ".abi0")], target):
				queue = append(queue, symbol)
			default:
				complain("%s calls %s, at %#x", fn, target, in.addr)
			}
		}
	}
	if err := grows(code[root]); err != nil {
		complain("%v", err)
	}
	return complaints
}

// grows holds fork's call of growth to its place: at the function's end,
// followed by nothing but a new beginning, and reached by one jump, which is
// before the first system call.
func grows(code []instruction) error {
	first, at := -1, -1
	for i, in := range code {
		if in.op == "CALL" && first < 0 {
			first = i
		}
		if in.op == "CALL" && strings.HasPrefix(in.arg, growth) {
			if at >= 0 {
				return fmt.Errorf("fork calls %s twice", growth)
			}
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	if first == at {
		return fmt.Errorf("fork calls %s before all else: this test does not know its prologue", growth)
	}
	// The block begins behind the last jump or return before it: nothing falls into it.
	begin := at
	for begin > 0 && code[begin-1].op != "JMP" && code[begin-1].op != "RET" {
		begin--
	}
	if !slices.ContainsFunc(code[at:], func(in instruction) bool { return in.op == "JMP" && in.arg == root+"(SB)" }) {
		return fmt.Errorf("fork does not begin again after %s", growth)
	}
	for _, in := range code {
		inside := in.addr >= code[begin].addr
		if inside || in.target() < code[begin].addr {
			continue
		}
		if in.addr >= code[first].addr {
			return fmt.Errorf("fork can grow its stack after a system call: a jump at %#x", in.addr)
		}
	}
	return nil
}

// disassemble has go tool objdump read one function.
func disassemble(t *testing.T, program, fn string) (code []instruction) {
	t.Helper()
	pattern := "^" + regexp.QuoteMeta(fn) + "$"
	out, err := exec.CommandContext(t.Context(), "go", "tool", "objdump", "-s", pattern, program).Output()
	if err != nil {
		t.Fatalf("go tool objdump: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.FieldsFunc(line, func(r rune) bool { return r == '\t' || r == '\n' })
		if len(fields) < 4 {
			continue // TEXT, or between functions
		}
		addr, err := strconv.ParseUint(fields[1], 0, 64)
		if err != nil {
			t.Fatalf("objdump: %q: %v", line, err)
		}
		op, arg, _ := strings.Cut(strings.TrimSpace(fields[3]), " ")
		code = append(code, instruction{addr, op, arg})
	}
	if len(code) == 0 {
		t.Fatalf("%s is not in %s: it was inlined, renamed or left out", fn, program)
	}
	return code
}
