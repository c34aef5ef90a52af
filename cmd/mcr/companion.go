package main

import (
	"os"
	"syscall"

	"example.org/mcr/runtime/explain"
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
		return fail(language(""), "msg/unknown_verb", verb, explain.Nearest(verb, append(verbs, labVerbs...)))
	}
	err = syscall.Exec(path, append([]string{name}, argv...), os.Environ())
	return fail(language(""), "msg/companion", path, err.Error())
}
