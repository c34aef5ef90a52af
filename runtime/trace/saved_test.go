package trace_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"testing"

	"example.org/mcr/runtime/compile"
	"example.org/mcr/runtime/host"
	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/spec"
	"example.org/mcr/runtime/trace"
)

// TestSavedPlansSayAnything changes each value of a saved plan in turn, and
// takes each away. Whatever is still taken for a plan can be checked, printed
// and saved again.
func TestSavedPlansSayAnything(t *testing.T) {
	b, err := os.ReadFile("../compile/testdata/root.json")
	if err != nil {
		t.Fatal(err)
	}
	facts := &host.Facts{}
	if err := json.Unmarshal(b, facts); err != nil {
		t.Fatal(err)
	}
	facts.Masked, facts.ReadOnly, facts.Devices = nil, nil, []string{"null"} // a short plan: each change reads it whole
	p, err := compile.Compile(&spec.Container{Rootfs: "/r", Hostname: "h", Args: []string{"a"}, Seccomp: "seed", CapAdd: []string{"ALL"}}, facts)
	if err != nil {
		t.Fatal(err)
	}
	saved, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	dec := json.NewDecoder(bytes.NewReader(saved))
	dec.UseNumber() // some have 64 bits
	if err := dec.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	delete(tree, "facts") // their own type's business
	kept, _ := json.Marshal(facts)
	tree["facts"] = json.RawMessage(kept)
	tried, taken := 0, 0
	try := func() {
		tried++
		b, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		var p plan.Plan
		if json.Unmarshal(b, &p) != nil {
			return
		}
		taken++
		plan.Check(&p)
		if err := trace.Plan(io.Discard, &p, trace.Options{Verbose: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(&p); err != nil {
			t.Fatal(err)
		}
	}
	change(tree, try)
	t.Logf("%d changed plans, %d still taken for plans", tried, taken)
	if taken == 0 || taken == tried {
		t.Error("the changes say nothing")
	}
}

// change puts other values in the place of each value below v, one at a time.
func change(v any, try func()) {
	switch v := v.(type) {
	case map[string]any:
		for k, old := range v {
			for _, now := range others(old) {
				v[k] = now
				try()
			}
			delete(v, k)
			try()
			v[k] = old
			change(old, try)
		}
	case []any:
		for i, old := range v {
			if i > 8 {
				break // the rest of a long list is like its beginning
			}
			for _, now := range others(old) {
				v[i] = now
				try()
			}
			v[i] = old
			change(old, try)
		}
	}
}

func others(v any) []any {
	switch v.(type) {
	case json.Number:
		return []any{0, -1, 95}
	case string:
		return []any{"", "execve"}
	case bool:
		return []any{true, false}
	case map[string]any:
		return []any{map[string]any{}}
	case []any:
		return []any{[]any{}}
	}
	return nil
}
