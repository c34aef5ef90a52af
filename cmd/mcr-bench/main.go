//go:build linux

// Mcr-bench measures what a start costs, in processor time, against a floor: a
// raw C program that makes exactly the system calls of the plan.
//
//	mcr-bench floor < plan.json > floor.c   write the floor of a plan
//	mcr-bench check                         compare the floor's calls with the plan's, by strace(1)
//	mcr-bench run [--rounds N] [--check]    measure mcr and its peers
//
// The flags --mcr FILE, --beside FILE,FILE, --dir DIR and --only NAME,NAME say
// which mcr is measured, with which other builds of it, where the bench keeps
// its files, and which programs take part.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"example.org/mcr/runtime/plan"
)

func main() {
	if err := bench(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mcr-bench:", err)
		os.Exit(1)
	}
}

// settings are what the flags say.
type settings struct {
	mcr, dir, only, beside string
	rounds                 int
	check                  bool
	slack                  float64 // percent by which a goal may be missed
}

func bench(args []string) error {
	verb := "run"
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		verb, args = args[0], args[1:]
	}
	var s settings
	f := flag.NewFlagSet("mcr-bench "+verb, flag.ContinueOnError)
	f.StringVar(&s.mcr, "mcr", "", "the mcr to measure; default: the one beside mcr-bench")
	f.StringVar(&s.dir, "dir", "", "where to keep the bench's files; default: a new directory, removed at the end")
	f.StringVar(&s.only, "only", "", "take only these programs, separated by commas")
	f.StringVar(&s.beside, "beside", "", "measure other builds of mcr as well: files, separated by commas")
	f.IntVar(&s.rounds, "rounds", 200, "how often each program is started")
	f.BoolVar(&s.check, "check", false, "exit with 1 when a goal is missed")
	f.Float64Var(&s.slack, "slack", 0, "with --check: by how many percent a goal may be missed, on a machine that does other work too")
	if err := f.Parse(args); err != nil {
		return err
	}
	switch verb {
	case "floor":
		p, err := readPlan(os.Stdin)
		if err != nil {
			return err
		}
		return writeFloor(os.Stdout, p)
	case "check":
		return checkFloor(s)
	case "run":
		return measure(s)
	}
	return fmt.Errorf("%q: there are floor, check and run", verb)
}

func readPlan(r io.Reader) (*plan.Plan, error) {
	p := &plan.Plan{}
	if err := json.NewDecoder(r).Decode(p); err != nil {
		return nil, err
	}
	return p, nil
}
