package judge_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// A verdict is how what was seen differs from what was said.
type verdict struct {
	differ  []string // said one way and seen another
	hidden  []string // seen, and not said
	missing []string // said, and not seen
}

func (v verdict) ok() bool { return len(v.differ)+len(v.hidden)+len(v.missing) == 0 }

func (v verdict) String() string {
	return fmt.Sprintf("%d differing, %d hidden, %d missing\n%s", len(v.differ), len(v.hidden), len(v.missing),
		strings.Join(append(append(append([]string{}, v.differ...), v.hidden...), v.missing...), "\n"))
}

// compare holds two lists of lines against each other, as diff(1) does: along
// their longest common subsequence.
func compare(said, seen []string) (v verdict) {
	n, m := len(said), len(seen)
	longest := make([][]int, n+1)
	longest[n] = make([]int, m+1)
	for i := n - 1; i >= 0; i-- {
		longest[i] = make([]int, m+1)
		for j := m - 1; j >= 0; j-- {
			if said[i] == seen[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var gone, come []string
	flush := func() {
		k := min(len(gone), len(come))
		for x := range k {
			v.differ = append(v.differ, "said "+gone[x]+"\nseen "+come[x])
		}
		for _, line := range gone[k:] {
			v.missing = append(v.missing, "not seen: "+line)
		}
		for _, line := range come[k:] {
			v.hidden = append(v.hidden, "not said: "+line)
		}
		gone, come = nil, nil
	}
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && said[i] == seen[j]:
			flush()
			i, j = i+1, j+1
		case j == m || i < n && longest[i+1][j] >= longest[i][j+1]:
			gone = append(gone, said[i])
			i++
		default:
			come = append(come, seen[j])
			j++
		}
	}
	flush()
	return v
}

// inOrder names the lines of said that seen does not have, in said's order;
// seen may have others between them.
func inOrder(said, seen []string) (missing []string) {
	j := 0
	for _, line := range said {
		k := j
		for k < len(seen) && seen[k] != line {
			k++
		}
		if k == len(seen) {
			missing = append(missing, "not seen, or not here: "+line)
			continue
		}
		j = k + 1
	}
	return missing
}

// start is the lines of a process from its birth to the execve(2) that
// succeeded. Signals are told apart: they are no calls.
func start(lines []string) (calls, signals []string) {
	for _, line := range lines {
		if strings.HasPrefix(line, "--- ") || strings.HasPrefix(line, "+++ ") {
			signals = append(signals, line)
			continue
		}
		calls = append(calls, line)
		if strings.HasPrefix(line, "execve(") && strings.HasSuffix(line, " = 0") {
			break
		}
	}
	return calls, signals
}

var addresses = regexp.MustCompile(`pidfd=0x[0-9a-f]+`)

// placed takes out of a line the one thing that nobody can know beforehand:
// at which address memory lies.
func placed(line string) string { return addresses.ReplaceAllString(line, "pidfd=<address>") }

// column is where strace(1) puts results.
const column = 40

// written is a call and its answer as strace(1) prints them.
func written(call, result string) string { return fmt.Sprintf("%-*s= %s", column, call+" ", result) }

// The comparison can fail: what is planted into a copy of strace's own words
// is found, each for what it is.
func TestStraceComparisonFindsWhatIsPlanted(t *testing.T) {
	said := []string{
		`close(9)                                = 0`,
		`umask(022)                              = 077`,
		`mount("", "/", NULL, MS_REC|MS_PRIVATE, NULL) = 0`,
		`write(8, "deny", 4)                     = 4`,
		`execve("/bin/true", ["/bin/true"], []) = 0`,
	}
	plant := func(at, drop int, lines ...string) []string {
		seen := append(append(append([]string{}, said[:at]...), lines...), said[at+drop:]...)
		seen, _ = start(append(seen, `brk(NULL)                               = 0x1000`, `+++ exited with 0 +++`))
		return seen
	}
	tests := []struct {
		name                    string
		seen                    []string
		differ, hidden, missing int
	}{
		{"nothing", plant(0, 0), 0, 0, 0},
		{"a signal", plant(2, 0, `--- SIGCONT {si_signo=SIGCONT, si_code=SI_USER, si_pid=1, si_uid=0} ---`), 0, 0, 0},
		{"an extra call", plant(3, 0, `getpid()                                = 1`), 0, 1, 0},
		{"an extra call at birth", plant(0, 0, `getpid()                                = 1`), 0, 1, 0},
		{"a call made twice", plant(2, 0, said[1]), 0, 1, 0},
		{"a changed result", plant(1, 1, `umask(022)                              = 022`), 1, 0, 0},
		{"a changed argument", plant(1, 1, `umask(023)                              = 077`), 1, 0, 0},
		{"a line less", plant(2, 1), 0, 0, 1},
		{"two lines the other way round", plant(0, 2, said[1], said[0]), 0, 1, 1},
		{"another spacing", plant(1, 1, `umask(022) = 077`), 1, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			v := compare(said, test.seen)
			if len(v.differ) != test.differ || len(v.hidden) != test.hidden || len(v.missing) != test.missing {
				t.Errorf("want %d differing, %d hidden, %d missing; have %s", test.differ, test.hidden, test.missing, v)
			}
		})
	}
	if got := inOrder(said[:3], []string{said[0], "other", said[2], said[1]}); len(got) != 1 {
		t.Errorf("a host list out of order: %d lines named, want 1", len(got))
	}
	if written("close(9)", "0") != said[0] || written(`mount("", "/", NULL, MS_REC|MS_PRIVATE, NULL)`, "0") != said[2] {
		t.Error("written does not put results where strace does")
	}
}
