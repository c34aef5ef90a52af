// Mcr-lab is the part of mcr that explains: why each action of a plan is
// there, and what the filter makes of a system call. It is what `mcr explain`
// becomes, and links the tables and texts that no start should pay for.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"example.org/mcr/runtime/explain"
)

// exitFailure is the exit status of our own mistakes, as mcr has it.
const exitFailure = 125

// planned are verbs of mcr's that are to be served here and are not yet.
var planned = []string{"step", "inspect", "doctor", "report", "lab"}

func main() { os.Exit(lab(os.Args[1:])) }

// lab runs a verb and answers the exit status.
func lab(args []string) int {
	verb := ""
	if len(args) > 0 {
		verb, args = args[0], args[1:]
	}
	lang, args, err := language(args)
	switch {
	case err != nil:
	case verb == "explain":
		err = explainVerb(os.Stdout, lang, args)
	case verb == "docs" && len(args) == 1: // for go generate, and told to nobody
		err = writeDocs(args[0])
	case slices.Contains(planned, verb):
		err = message(lang, "lab/no_verb", "mcr "+verb)
	default:
		err = message(lang, "lab/usage")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mcr: "+err.Error())
		return exitFailure
	}
	return 0
}

// language takes --lang out of the arguments. Without it the language is the
// environment's, locale(7).
func language(args []string) (lang string, rest []string, err error) {
	for len(args) > 0 {
		value, ok := strings.CutPrefix(args[0], "--lang")
		switch {
		case ok && value == "" && len(args) > 1:
			lang, args = args[1], args[1:]
		case ok && strings.HasPrefix(value, "="):
			lang = value[1:]
		default:
			rest = append(rest, args[0])
		}
		args = args[1:]
	}
	if lang != "" && !slices.Contains(explain.Languages, lang) {
		err = message(explain.Languages[0], "lab/usage")
	}
	return explain.Language(lang, os.Getenv("MCR_LANG"), os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")), rest, err
}
