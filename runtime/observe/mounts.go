package observe

// Rests on proc_pid_mountinfo(5), mount_namespaces(7).

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// A Mount is a line of /proc/PID/mountinfo: what a process sees mounted. The
// paths are relative to its root.
type Mount struct {
	ID, Parent int
	Device     string   // major:minor
	Root       string   // the part of the file system that is shown
	Point      string   // where
	Options    []string // of this mount: "ro", "nosuid"
	Tags       []string // how mounts travel: "shared:1", "master:2"; none: private
	Type       string   // "proc"
	Source     string
	Super      []string // options of the file system
}

// Private reports whether mounts made elsewhere do not come here, nor those
// made here go elsewhere.
func (m *Mount) Private() bool { return len(m.Tags) == 0 }

// Has reports whether the mount has an option, or its file system has.
func (m *Mount) Has(option string) bool {
	return slices.Contains(m.Options, option) || slices.Contains(m.Super, option)
}

// String is the mount in one line: where, type, options, how mounts travel,
// and the file system's options.
func (m *Mount) String() string {
	travel := "private"
	if !m.Private() {
		travel = strings.Join(m.Tags, ",")
	}
	return strings.Join([]string{m.Point, m.Type, strings.Join(m.Options, ","), travel, strings.Join(m.Super, ",")}, " ")
}

// Mounts answers what a process sees mounted, in the order of the kernel's
// list. What a later mount covers is listed too.
func Mounts(pid int) ([]Mount, error) {
	text, err := os.ReadFile(name(pid, "mountinfo"))
	if err != nil {
		return nil, err
	}
	return ParseMounts(string(text))
}

// ParseMounts reads the text of a mountinfo file.
func ParseMounts(text string) ([]Mount, error) {
	var all []Mount
	for line := range strings.Lines(text) {
		m, err := parseMount(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("mountinfo: %w: %q", err, line)
		}
		all = append(all, m)
	}
	return all, nil
}

func parseMount(line string) (m Mount, err error) {
	// Fields end in one space each, and a source may be empty: "a  b" has three.
	own, fs, ok := strings.Cut(line, " - ")
	f, s := strings.Split(own, " "), strings.SplitN(fs, " ", 3)
	if !ok || len(f) < 6 || len(s) != 3 {
		return m, fmt.Errorf("not as proc(5) has it")
	}
	if m.ID, err = strconv.Atoi(f[0]); err != nil {
		return m, err
	}
	if m.Parent, err = strconv.Atoi(f[1]); err != nil {
		return m, err
	}
	m.Device, m.Root, m.Point, m.Options, m.Tags = f[2], unescape(f[3]), unescape(f[4]), strings.Split(f[5], ","), f[6:]
	m.Type, m.Source, m.Super = unescape(s[0]), unescape(s[1]), strings.Split(s[2], ",")
	return m, nil
}

// unescape turns \040 back into a space: the kernel writes space, tab, newline,
// backslash and # as octal numbers.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// At answers the mount that is seen at a mount point: of several the one on
// top; nil if there is none.
func At(all []Mount, point string) *Mount {
	var here []*Mount
	for i := range all {
		if all[i].Point == point {
			here = append(here, &all[i])
		}
	}
	// The one on top is nobody's parent among those at the same point.
	for _, m := range here {
		if !slices.ContainsFunc(here, func(o *Mount) bool { return o != m && o.Parent == m.ID }) {
			return m
		}
	}
	return nil
}
