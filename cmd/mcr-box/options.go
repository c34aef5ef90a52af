//go:build linux

package main

import (
	"fmt"
	"strings"
)

// A letters set holds the option letters a tool was given.
type letters map[rune]bool

// options takes leading options of one letter each, as in -la, off args. A
// lone "-" is an operand, and "--" ends the options.
func options(args []string, known string) (letters, []string, error) {
	set := letters{}
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		for _, c := range arg[1:] {
			if !strings.ContainsRune(known, c) {
				return nil, nil, fmt.Errorf("no such option: -%c; there are: %s", c, dashed(known))
			}
			set[c] = true
		}
	}
	return set, args, nil
}

// dashed turns "la" into "-l -a".
func dashed(known string) string {
	if known == "" {
		return "none"
	}
	return "-" + strings.Join(strings.Split(known, ""), " -")
}
