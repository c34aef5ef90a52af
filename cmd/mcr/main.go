// Mcr makes containers and shows how: a container is a list of system calls,
// and this program compiles it, prints it, runs it and traces it.
//
// It links only what starting a container needs. What explains is in mcr-lab,
// what lays down roots in mcr-root; to the user they are one command.
package main

import (
	"fmt"
	"os"
	"runtime"

	"example.org/mcr/runtime/explain"
)

// version is set by the Makefile.
var version = "devel"

// The exit statuses of our own, as docker(1) has them.
const (
	exitFailure    = 125 // mcr itself failed
	exitCannotExec = 126 // the command was found and cannot be run
	exitNotFound   = 127 // the command was not found
)

func init() {
	// PR_SET_PDEATHSIG speaks of the thread that clones: it must be one that lives as long as we do.
	runtime.LockOSThread()
}

func main() { os.Exit(mcr(os.Args[1:])) }

// mcr runs a verb and answers the exit status.
func mcr(args []string) int {
	verb := "help"
	if len(args) > 0 {
		verb, args = args[0], args[1:]
	}
	switch verb {
	case "run":
		return run(args, false)
	case "plan":
		return run(args, true)
	case "version", "--version":
		fmt.Println("mcr", version, runtime.GOOS+"/"+runtime.GOARCH)
		return 0
	case "features":
		fmt.Print(features)
		return 0
	case "help", "--help", "-h":
		fmt.Print(explain.Text(language(""), "msg/usage"))
		return 0
	}
	return companion(verb, args)
}

// features are the names of what this runtime claims to do, one a line; the
// labs ask for them.
const features = "pid\nuts\nmnt\nuser\nroot\nproc\ndev\nnet\nipc\ncaps\nno_new_privs\nseccomp\ntty\nrlimit\nfds\nbreak\n"

// language is the user's: the flag, or else the environment, locale(7).
func language(flag string) string {
	return explain.Language(flag, os.Getenv("MCR_LANG"), os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG"))
}
