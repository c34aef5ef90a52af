package filter_test

import (
	"testing"

	"example.org/mcr/runtime/filter"
	"example.org/mcr/runtime/sys"
)

func BenchmarkAssemble(b *testing.B) {
	for _, name := range filter.Names() {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				p, err := filter.Builtin(name, sys.AMD64)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := filter.Assemble(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("1000 alternating", func(b *testing.B) {
		p := &filter.Profile{Default: filter.KillProcess}
		for nr := range uint32(1000) {
			p.Rules = append(p.Rules, filter.Rule{Nrs: []uint32{nr}, Action: filter.Errno | filter.Action(nr%7)})
		}
		for b.Loop() {
			if _, err := filter.Assemble(p); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRun(b *testing.B) {
	prog, err := filter.Program("default", sys.AMD64)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		filter.Run(prog, filter.Data{Nr: 39, Arch: sys.AMD64.AuditArch()})
	}
}
