//go:build linux

package main

import (
	"os"
	"strconv"
	"strings"
)

// userName and groupName read passwd(5) and group(5) themselves: there may be
// no such files, and an id without a name is then shown as a number.
func userName(id int) string  { return nameIn("/etc/passwd", id) }
func groupName(id int) string { return nameIn("/etc/group", id) }

// nameIn returns the name of id in a file whose lines are name:password:id:...
func nameIn(file string, id int) string {
	want := strconv.Itoa(id)
	data, err := os.ReadFile(file)
	if err != nil {
		return want
	}
	for line := range strings.Lines(string(data)) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 4)
		if len(f) >= 3 && f[2] == want {
			return f[0]
		}
	}
	return want
}
