package observe_test

import (
	"os"
	"reflect"
	"testing"

	"example.org/mcr/runtime/observe"
)

func TestParseMounts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, line string
		want       observe.Mount
	}{
		{
			"private", "22 1 0:21 / /proc rw,nosuid - proc proc rw",
			observe.Mount{ID: 22, Parent: 1, Device: "0:21", Root: "/", Point: "/proc", Options: []string{"rw", "nosuid"}, Tags: []string{}, Type: "proc", Source: "proc", Super: []string{"rw"}},
		},
		{
			"shared and a slave", "30 22 8:1 /a /b ro shared:7 master:3 - ext4 /dev/sda1 rw,errors=remount-ro",
			observe.Mount{ID: 30, Parent: 22, Device: "8:1", Root: "/a", Point: "/b", Options: []string{"ro"}, Tags: []string{"shared:7", "master:3"}, Type: "ext4", Source: "/dev/sda1", Super: []string{"rw", "errors=remount-ro"}},
		},
		{
			"a space, a backslash and an empty source", `31 22 0:5 / /a\040b\134c rw - tmpfs  rw,size=1k`,
			observe.Mount{ID: 31, Parent: 22, Device: "0:5", Root: "/", Point: `/a b\c`, Options: []string{"rw"}, Tags: []string{}, Type: "tmpfs", Source: "", Super: []string{"rw", "size=1k"}},
		},
		{
			"a source with a space", `32 22 0:5 / /x rw - overlay over\040lay rw,lowerdir=/a b`,
			observe.Mount{ID: 32, Parent: 22, Device: "0:5", Root: "/", Point: "/x", Options: []string{"rw"}, Tags: []string{}, Type: "overlay", Source: "over lay", Super: []string{"rw", "lowerdir=/a b"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := observe.ParseMounts(test.line + "\n")
			if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], test.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, test.want)
			}
		})
	}
	for _, line := range []string{"\n", "x\n", "22 1 0:21 / /proc rw proc proc rw\n", "a 1 0:21 / /proc rw - proc proc rw\n", "1 b 0:21 / /proc rw - proc proc rw\n", "22 1 0:21 / /proc rw - proc\n"} {
		if got, err := observe.ParseMounts(line); err == nil {
			t.Errorf("%q: got %+v, want an error", line, got)
		}
	}
}

// TestAt: of several mounts at one point, the one on top is seen, whatever the
// order of the list.
func TestAt(t *testing.T) {
	t.Parallel()
	all, err := observe.ParseMounts("9 5 0:1 / / rw - tmpfs top rw\n5 2 0:2 / / rw - ext4 below rw\n7 9 0:3 / /x rw - proc x rw\n")
	if err != nil {
		t.Fatal(err)
	}
	if m := observe.At(all, "/"); m == nil || m.Source != "top" {
		t.Errorf("at /: %v", m)
	}
	if m := observe.At(all, "/y"); m != nil {
		t.Errorf("at /y: %v", m)
	}
}

// FuzzParseMounts: no text makes it panic.
func FuzzParseMounts(f *testing.F) {
	f.Add("22 1 0:21 / /proc rw,nosuid shared:1 - proc proc rw\n")
	f.Add(`1 2 3 \04 \777 \ - - - -`)
	if text, err := os.ReadFile("/proc/self/mountinfo"); err == nil {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		all, err := observe.ParseMounts(text)
		for i := range all {
			if err == nil && observe.At(all, all[i].Point) == nil && all[i].ID != all[i].Parent && len(all) == 1 {
				t.Errorf("%q: its one mount is not seen", text)
			}
			_ = all[i].String()
		}
	})
}
