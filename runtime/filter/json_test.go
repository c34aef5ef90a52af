package filter_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/sys"
)

const profiles = "../../testdata/profiles"

func readProfile(t *testing.T, name string, arch sys.Arch, caps []string, kernel string) *filter.Profile {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(profiles, name))
	if err != nil {
		t.Fatal(err)
	}
	p, err := filter.ParseJSON(b, arch, caps, kernel)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParseJSON(t *testing.T) {
	eperm, enosys := filter.Errno|filter.EPERM, filter.Errno|filter.ENOSYS
	tests := []struct {
		name   string
		file   string
		arch   sys.Arch
		caps   []string
		kernel string
		call   string
		args   [6]uint64
		want   filter.Action
	}{
		{"a listed call", "docker_format.json", sys.AMD64, nil, "6.1", "read", [6]uint64{}, filter.Allow},
		{"the default", "docker_format.json", sys.AMD64, nil, "6.1", "unlink", [6]uint64{}, enosys},
		{"an architecture included", "docker_format.json", sys.AMD64, nil, "6.1", "arch_prctl", [6]uint64{}, filter.Allow},
		{"a kernel new enough", "docker_format.json", sys.AMD64, nil, "4.8.0-rc1", "ptrace", [6]uint64{}, filter.Allow},
		{"a kernel too old", "docker_format.json", sys.AMD64, nil, "4.7.10", "ptrace", [6]uint64{}, enosys},
		{"any kernel", "docker_format.json", sys.AMD64, nil, "", "ptrace", [6]uint64{}, filter.Allow},
		{"without the capability", "docker_format.json", sys.ARM64, []string{"CAP_KILL"}, "6.1", "mount", [6]uint64{}, eperm},
		{"with the capability", "docker_format.json", sys.ARM64, []string{"CAP_SYS_ADMIN"}, "6.1", "mount", [6]uint64{}, filter.Allow},
		{"with it in mcr's spelling", "docker_format.json", sys.AMD64, []string{"SYS_ADMIN"}, "6.1", "mount", [6]uint64{}, filter.Allow},
		{"a masked value", "docker_format.json", sys.AMD64, nil, "6.1", "clone", [6]uint64{0x3d0f00}, filter.Allow},
		{"a bit under the mask", "docker_format.json", sys.AMD64, nil, "6.1", "clone", [6]uint64{0x10000011}, enosys},
		{"one alternative", "docker_format.json", sys.AMD64, nil, "6.1", "personality", [6]uint64{0}, filter.Allow},
		{"another alternative", "docker_format.json", sys.AMD64, nil, "6.1", "personality", [6]uint64{8}, filter.Allow},
		{"no alternative", "docker_format.json", sys.AMD64, nil, "6.1", "personality", [6]uint64{16}, enosys},
		{"a kill", "docker_format.json", sys.AMD64, nil, "6.1", "kexec_load", [6]uint64{}, filter.KillProcess},
		{"a list of what is denied", "deny_chmod.json", sys.ARM64, nil, "6.1", "fchmodat", [6]uint64{}, eperm},
		{"and all else", "deny_chmod.json", sys.ARM64, nil, "6.1", "openat", [6]uint64{}, filter.Allow},
		{"AF_UNIX", "no_network.json", sys.AMD64, nil, "6.1", "socket", [6]uint64{1}, filter.Allow},
		{"AF_INET", "no_network.json", sys.AMD64, nil, "6.1", "socket", [6]uint64{2}, filter.Errno | 97},
		{"logged", "log_all.json", sys.AMD64, nil, "6.1", "socket", [6]uint64{2}, filter.Log},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := readProfile(t, tt.file, tt.arch, tt.caps, tt.kernel)
			prog, err := filter.Assemble(p)
			if err != nil {
				t.Fatal(err)
			}
			check(t, p, prog, 100)
			nr, ok := tt.arch.Number(tt.call)
			if !ok {
				t.Fatalf("no %s on %s", tt.call, tt.arch)
			}
			v, _ := filter.Run(prog, filter.Data{Nr: int32(nr), Arch: tt.arch.AuditArch(), Args: tt.args})
			if filter.Action(v) != tt.want {
				t.Errorf("%s(%#x): %s, want %s", tt.call, tt.args[0], filter.Action(v), tt.want)
			}
		})
	}
}

func TestParseJSONUnknown(t *testing.T) {
	p := readProfile(t, "docker_format.json", sys.AMD64, nil, "")
	if want := []string{"_llseek"}; !slices.Equal(p.Unknown, want) {
		t.Errorf("Unknown = %v, want %v", p.Unknown, want)
	}
	if p.Above != filter.Errno|filter.ENOSYS || p.X32 != filter.Errno|filter.ENOSYS {
		t.Errorf("Above %s, X32 %s", p.Above, p.X32)
	}
	p = readProfile(t, "log_all.json", sys.AMD64, nil, "")
	if p.Flags != filter.FlagLog || p.Above != filter.Log {
		t.Errorf("Flags %#x, Above %s", p.Flags, p.Above)
	}
}

// One condition of excludes is enough, includes needs all of them.
func TestParseJSONIncludesExcludes(t *testing.T) {
	tests := []struct {
		name, asks string
		want       bool
	}{
		{"nothing asked", `"includes": {}, "excludes": null`, true},
		{"all included", `"includes": {"caps": ["CAP_KILL", "CAP_CHOWN"], "arches": ["arm64", "amd64"]}`, true},
		{"one not included", `"includes": {"caps": ["CAP_BPF", "CAP_KILL"]}`, false},
		{"another architecture included", `"includes": {"caps": ["CAP_KILL"], "arches": ["arm64"]}`, false},
		{"none excluded", `"excludes": {"caps": ["CAP_BPF"], "arches": ["s390"], "minKernel": "6.2"}`, true},
		{"the first excluded", `"excludes": {"caps": ["CAP_KILL", "CAP_BPF"], "arches": ["s390"]}`, false},
		{"the last excluded", `"excludes": {"caps": ["CAP_BPF"], "minKernel": "6.1"}`, false},
		{"included and excluded", `"includes": {"caps": ["CAP_KILL"]}, "excludes": {"arches": ["amd64"]}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := `{"defaultAction": "SCMP_ACT_KILL", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW", ` + tt.asks + `}]}`
			p, err := filter.ParseJSON([]byte(text), sys.AMD64, []string{"CAP_CHOWN", "CAP_KILL"}, "6.1.9")
			if err != nil {
				t.Fatal(err)
			}
			if got := len(p.Rules) == 1; got != tt.want {
				t.Errorf("the rule is there: %t, want %t", got, tt.want)
			}
		})
	}
}

// An unconditional rule decides, wherever it stands; a repeated default does not.
func TestParseJSONPrecedence(t *testing.T) {
	text := `{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
		{"names": ["read"], "action": "SCMP_ACT_KILL", "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}]},
		{"names": ["read"], "action": "SCMP_ACT_ALLOW"},
		{"names": ["write"], "action": "SCMP_ACT_ERRNO"},
		{"names": ["write"], "action": "SCMP_ACT_TRACE", "errnoRet": 9, "args": [{"index": 0, "value": 1, "op": "SCMP_CMP_LE"}]}
	]}`
	p, err := filter.ParseJSON([]byte(text), sys.AMD64, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	prog, err := filter.Assemble(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		nr   int32
		want filter.Action
	}{{0, filter.Allow}, {1, filter.Trace | 9}} {
		v, _ := filter.Run(prog, filter.Data{Nr: tt.nr, Arch: sys.AMD64.AuditArch(), Args: [6]uint64{1}})
		if filter.Action(v) != tt.want {
			t.Errorf("nr %d: %s, want %s", tt.nr, filter.Action(v), tt.want)
		}
	}
}

func TestParseJSONErrors(t *testing.T) {
	call := func(fields string) string {
		return "{\"defaultAction\": \"SCMP_ACT_KILL\",\n\"syscalls\": [{\"names\": [\"read\"], " + fields + "}]}"
	}
	tests := []struct {
		name, text, want string
	}{
		{"empty", "", "line 1, column 1: profile: the text ends too early"},
		{"cut off", `{"defaultAction": "SCMP_ACT_ALLOW"`, "the text ends too early"},
		{"not an object", `[]`, "line 1, column 1: profile: want an object, have a list"},
		{"not JSON", "{\n  \"defaultAction\": SCMP_ACT_ALLOW\n}", "line 2, column 20: defaultAction: invalid character 'S'"},
		{"something after", `{"defaultAction": "SCMP_ACT_ALLOW"} x`, "something follows"},
		{"no default", `{}`, "defaultAction: missing"},
		{"unknown field", "{\"defaultAction\": \"SCMP_ACT_ALLOW\",\n \"sycalls\": []}", "line 2, column 2: sycalls: unknown field"},
		{"unknown field within", call(`"actoin": "SCMP_ACT_ALLOW"`), "line 2, column 34: syscalls[0].actoin: unknown field"},
		{"field twice", `{"defaultAction": "SCMP_ACT_KILL", "defaultAction": "SCMP_ACT_ALLOW"}`, "defaultAction: given twice"},
		{"wrong type", call(`"action": 3`), "syscalls[0].action: want a string, have the number 3"},
		{"unknown action", call(`"action": "ALLOW"`), `syscalls[0].action: "ALLOW" is not an action`},
		{"no action", call(`"comment": "x"`), "syscalls[0].action: missing"},
		{"notify", call(`"action": "SCMP_ACT_NOTIFY"`), "syscalls[0].action: SCMP_ACT_NOTIFY is not supported"},
		{"listener", `{"defaultAction": "SCMP_ACT_KILL", "listenerPath": "/run/x"}`, "listenerPath: a listener is not supported"},
		{"errno too large", call(`"action": "SCMP_ACT_ERRNO", "errnoRet": 70000`), "syscalls[0].errnoRet: want a number from 0 to 65535, have 70000"},
		{"errno by name", call(`"action": "SCMP_ACT_ERRNO", "errno": "EBUSY"`), `syscalls[0].errno: "EBUSY": give its number`},
		{"argument 6", call(`"action": "SCMP_ACT_ALLOW", "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]`), "syscalls[0].args[0].index: want a number from 0 to 5, have 6"},
		{"negative value", call(`"action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": -1, "op": "SCMP_CMP_EQ"}]`), "args[0].value: want a number"},
		{"unknown comparison", call(`"action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1, "op": "=="}]`), `args[0].op: "==" is not a comparison`},
		{"no comparison", call(`"action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 1}]`), "args[0].op: missing"},
		{"name and names", call(`"name": "write", "action": "SCMP_ACT_ALLOW"`), "syscalls[0]: has both name and names"},
		{"kernel", call(`"action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "new"}`), `syscalls[0].includes.minKernel: "new"`},
		{"flag", `{"defaultAction": "SCMP_ACT_KILL", "flags": ["LOG"]}`, `flags[0]: "LOG" is not a flag`},
		{"architecture", `{"defaultAction": "SCMP_ACT_KILL", "architectures": ["amd64"]}`, `architectures[0]: "amd64" is not an architecture`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := filter.ParseJSON([]byte(tt.text), sys.AMD64, nil, "")
			if err == nil {
				t.Fatalf("no error: %+v", p)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q", err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), "seccomp profile: line ") {
				t.Errorf("error %q does not name the line", err)
			}
		})
	}
}

func FuzzParseJSON(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(profiles, "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no profiles: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := filter.ParseJSON(b, sys.AMD64, nil, "6.1")
		if err != nil {
			return
		}
		prog, err := filter.Assemble(p)
		if err != nil {
			if len(b) < 10000 {
				t.Fatal(err)
			}
			return // more than 4096 instructions
		}
		if err := filter.Validate(prog); err != nil {
			t.Fatal(err)
		}
	})
}
