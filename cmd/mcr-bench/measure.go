//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
)

// The goals: what a start may cost, as a ratio to the floor, and what tracing
// may add to it.
const (
	goal      = 2.0
	traceGoal = 1.03
)

// measure starts every program in turn, round by round: on a busy machine only
// ratios of neighbours say anything.
func measure(s settings) error {
	// One thread does all: the kernel's accounting of a fork is the same for every program.
	runtime.LockOSThread()
	w, done, err := prepare(s)
	defer done()
	if err != nil {
		return err
	}
	if err := adopt(); err != nil {
		return err
	}
	progs, err := w.programs(s.only, s.beside)
	if err != nil {
		return err
	}
	var able []*program
	for _, p := range progs {
		if p.why == "" {
			able = append(able, p)
		}
	}
	if len(able) == 0 || able[0].name != "floor" {
		return fmt.Errorf("the floor cannot be measured: %s", progs[0].why)
	}
	for range s.rounds {
		for _, p := range able {
			d, err := p.start()
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			p.costs = append(p.costs, d)
		}
	}
	return report(progs, s)
}

// report prints the table and judges the goals.
func report(progs []*program, s settings) error {
	who := "an ordinary user"
	if os.Geteuid() == 0 {
		who = "root"
	}
	fmt.Printf("processor time of a start, user and system, all descendants; as %s, %d rounds\n\n", who, len(progs[0].costs))
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "program\tms\tq1\tq3\tx floor\tq1\tq3\t")
	medians := map[string]float64{}
	for _, p := range progs {
		if p.why != "" {
			fmt.Fprintf(t, "%s\t-\t-\t-\t-\t-\t-\t\n", p.name)
			continue
		}
		c := quartiles(p.costs)
		r := quartiles(ratios(p.costs, progs[0].costs))
		medians[p.name] = r[1]
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%.2f\t%.2f\t%.2f\t\n", p.name, ms(c[1]), ms(c[0]), ms(c[2]), r[1], r[0], r[2])
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, p := range progs {
		if p.why != "" {
			fmt.Printf("\n%s was not measured: %s\n", p.name, p.why)
		}
	}
	missed := judge(progs, medians, 1)
	fmt.Println()
	for _, m := range missed {
		fmt.Println("missed:", m)
	}
	if len(missed) == 0 {
		fmt.Println("all goals are met")
	}
	if far := judge(progs, medians, 1+s.slack/100); s.check && len(far) > 0 {
		return fmt.Errorf("%d goals missed by more than %.0f %%", len(far), s.slack)
	}
	return nil
}

// judge names the goals that are missed; each may be missed by the factor slack.
func judge(progs []*program, medians map[string]float64, slack float64) (missed []string) {
	mcr, ok := medians["mcr"]
	if !ok {
		return nil
	}
	if mcr > goal*slack {
		missed = append(missed, fmt.Sprintf("mcr is at %.2f times the floor, the goal is %.1f", mcr, goal))
	}
	// The peers have no overlay: their root is bound, as ours is with --rw.
	same, ok := medians["mcr --rw"]
	if !ok {
		same = mcr
	}
	var plain, traced []time.Duration
	for _, p := range progs {
		switch m, ok := medians[p.name]; {
		case !ok || p.name == "floor" || p.name == "mcr --rw" || strings.HasPrefix(p.name, "mcr: "):
		case p.name == "mcr":
			plain = p.costs
		case p.name == "mcr --trace":
			traced = p.costs
		case m*slack <= same:
			missed = append(missed, fmt.Sprintf("%s is at %.2f times the floor, mcr with the same mounts at %.2f", p.name, m, same))
		}
	}
	if r := quartiles(ratios(traced, plain))[1]; r > traceGoal*slack {
		missed = append(missed, fmt.Sprintf("--trace costs %.1f %% more, the goal is %.0f %%", 100*(r-1), 100*(traceGoal-1)))
	}
	return missed
}

// ratios are those of the same round.
func ratios(a, b []time.Duration) []float64 {
	r := make([]float64, min(len(a), len(b)))
	for i := range r {
		r[i] = float64(a[i]) / float64(b[i])
	}
	return r
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d)/1e6) }
