package caller_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"example.org/mcr/runtime/caller"
)

// TestNoFileIsTheCallers starts this program again under a soft limit of its
// own: os raises it before any test runs, and it must have been read earlier.
func TestNoFileIsTheCallers(t *testing.T) {
	if os.Getenv("MCR_SHOW_NOFILE") != "" {
		fmt.Println("nofile", caller.NoFile[0])
		var now syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &now); err == nil {
			fmt.Println("now", now.Cur)
		}
		return
	}
	cmd := exec.Command("sh", "-c", `ulimit -S -n 123 && exec "$0" -test.run TestNoFileIsTheCallers -test.v`, os.Args[0])
	cmd.Env = append(os.Environ(), "MCR_SHOW_NOFILE=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "nofile 123\n") {
		t.Errorf("the caller's soft limit is 123, seen:\n%s", out)
	}
}
