package main

import (
	"os"
	"syscall"

	"example.org/mcr/runtime/host"
)

// labVerbs are the verbs that mcr-lab serves: what explains needs tables and
// texts that no start should pay for.
var labVerbs = []string{"explain", "step", "inspect", "doctor", "report", "lab"}

// verbs are those of this program.
var verbs = []string{"run", "plan", "version", "features", "help"}

// companion becomes the program that serves a verb.
func companion(verb string, args []string) int {
	name, argv := "mcr-"+verb, args
	for _, v := range labVerbs {
		if v == verb {
			name, argv = "mcr-lab", append([]string{verb}, args...)
		}
	}
	path, err := host.Companion(name)
	if err != nil && name == "mcr-lab" {
		return fail(language(""), "msg/no_lab", verb)
	}
	if err != nil {
		return fail(language(""), "msg/unknown_verb", verb, nearest(verb, append(verbs, labVerbs...)))
	}
	err = syscall.Exec(path, append([]string{name}, argv...), os.Environ())
	return fail(language(""), "msg/companion", path, err.Error())
}

// nearest is the word of a list that is closest to s, by the fewest letters
// to change, add or take away.
func nearest(s string, list []string) string {
	best, least := "", len(s)+3
	for _, w := range list {
		if d := distance(s, w); d < least {
			best, least = w, d
		}
	}
	return best
}

func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			last, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, last+cost)
		}
	}
	return row[len(b)]
}
