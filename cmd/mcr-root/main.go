//go:build linux

// Mcr-root lays down root file systems in mcr's cache and says where they are.
//
//	mcr-root default [--lang en|es]
//
// prints the path of the default root, made from mcr-box, and nothing else. It
// is made once; after that a stat(2) finds it. Exit status 125: it could not be.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	lang := language(os.Getenv)
	var verbs []string
	for i := 0; i < len(args); i++ {
		value, joined := strings.CutPrefix(args[i], "--lang=")
		switch {
		case joined:
			lang = value
		case args[i] == "--lang" && i+1 < len(args):
			i++
			lang = args[i]
		default:
			verbs = append(verbs, args[i])
		}
	}
	if lang != "en" && lang != "es" {
		fmt.Fprintf(os.Stderr, "mcr-root: --lang %s: %s\n", lang, say("en", "lang"))
		return 125
	}
	if len(verbs) != 1 || verbs[0] != "default" {
		fmt.Fprintf(os.Stderr, "mcr-root: %s\n", say(lang, "usage"))
		return 125
	}
	dir, err := defaultRoot()
	if err != nil {
		text := err.Error()
		if known, ok := errors.AsType[*failure](err); ok {
			text += "; " + say(lang, known.hint)
		}
		// A file's name may hold a newline; the message is one line.
		fmt.Fprintf(os.Stderr, "mcr-root: %s\n", strings.ReplaceAll(text, "\n", `\n`))
		return 125
	}
	if _, err := fmt.Println(dir); err != nil {
		return 125
	}
	return 0
}
