package sys

import (
	"runtime"
	"strings"
)

//go:generate go run gen/nr.go

// An Arch is an architecture whose system call numbers are known. Both tables
// are always compiled in, so that a plan or a filter for one machine can be
// made and read on another.
type Arch uint8

// The architectures.
const (
	AMD64 Arch = iota // x86_64
	ARM64             // aarch64
)

// A NrName is a system call: its number on one architecture, and its name as
// the man page has it.
type NrName struct {
	Nr   int
	Name string
}

// NativeArch returns the architecture this program was built for, and AMD64
// where it is neither.
func NativeArch() Arch {
	if runtime.GOARCH == "arm64" {
		return ARM64
	}
	return AMD64
}

// AuditArch returns the architecture word that seccomp(2) shows to a filter:
// AUDIT_ARCH_X86_64 or AUDIT_ARCH_AARCH64.
func (a Arch) AuditArch() uint32 {
	if a == ARM64 {
		return 0xc00000b7
	}
	return 0xc000003e
}

// String returns Go's name of the architecture.
func (a Arch) String() string {
	if a == ARM64 {
		return "arm64"
	}
	return "amd64"
}

// All returns the system calls in the order of their numbers. The slice is
// shared: it must not be written to.
func (a Arch) All() []NrName {
	calls, _ := a.tables()
	return calls
}

// MaxNr returns the highest number in the table. A number above it belongs to a
// call that is newer than this program.
func (a Arch) MaxNr() int {
	calls, _ := a.tables()
	return calls[len(calls)-1].Nr
}

// Number returns the number of a system call, and whether the architecture has it.
func (a Arch) Number(name string) (nr int, ok bool) {
	calls, byName := a.tables()
	lo, hi := 0, len(byName)
	for lo < hi {
		mid := (lo + hi) / 2
		switch c := calls[byName[mid]]; strings.Compare(c.Name, name) {
		case 0:
			return c.Nr, true
		case -1:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return 0, false
}

// Name returns the name of the system call with a number, and whether there is one.
func (a Arch) Name(nr int) (string, bool) {
	calls, _ := a.tables()
	lo, hi := 0, len(calls)
	for lo < hi {
		mid := (lo + hi) / 2
		switch c := calls[mid]; {
		case c.Nr == nr:
			return c.Name, true
		case c.Nr < nr:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return "", false
}

func (a Arch) tables() ([]NrName, []uint16) {
	if a == ARM64 {
		return arm64Calls[:], arm64ByName[:]
	}
	return amd64Calls[:], amd64ByName[:]
}
