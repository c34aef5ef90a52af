//go:build !linux

package main

import (
	"os"

	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
)

// A container is Linux's. Elsewhere mcr prints and explains plans, against
// facts that were saved on a Linux machine.

func (o *options) start(lang string, _ *plan.Plan, _ *os.File) int {
	return fail(lang, "msg/not_linux")
}

func hostFacts(*spec.Container) (*host.Facts, error) { return nil, wrong("msg/not_linux") }

func defaultRoot(string) (string, error) { return "/", nil }

func checkRootfs(string) error { return nil }

func writers(*os.File) string { return "" }

func isTerminal(int) bool { return false }
