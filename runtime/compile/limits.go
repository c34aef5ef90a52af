package compile

// Rests on getrlimit(2), proc(5) for oom_score_adj, umask(2).

import (
	"strconv"

	"example.org/mcr/runtime/plan"
	"example.org/mcr/runtime/sys"
)

const (
	defaultNProc  = 1024
	defaultNoFile = 8192
	oomRaise      = 500
)

// limits bounds what the payload can take from the host without a cgroup.
func (b *builder) limits() error {
	set := map[int]bool{}
	for _, u := range b.spec.Ulimits {
		if set[u.Resource] {
			continue
		}
		set[u.Resource] = true
		if u.Resource == rlimitAS {
			continue // stands after the capabilities: setting the container up may need more
		}
		b.rlimit("limits/ulimit", u.Resource, u.Soft, u.Hard)
	}
	if b.spec.Profile == seed {
		b.rlimit("limits/nofile", rlimitNoFile, b.facts.NoFile[0], b.facts.NoFile[1])
		return nil
	}
	if !set[rlimitNoFile] {
		hard := min(b.facts.NoFile[1], defaultNoFile)
		b.rlimit("limits/nofile", rlimitNoFile, min(b.facts.NoFile[0], hard), hard)
	}
	if !set[rlimitNProc] && b.spec.PidsLimit >= 0 {
		n := uint64(defaultNProc)
		if b.spec.PidsLimit > 0 {
			n = uint64(b.spec.PidsLimit)
		}
		n = min(n, b.facts.NProc[1])
		b.rlimit("limits/nproc", rlimitNProc, n, n)
	}
	if b.hostUser() {
		b.note("note/nproc_root")
	}
	adj := strconv.Itoa(min(b.facts.OOMScoreAdj+oomRaise, 1000))
	b.writeFile("limits/oom_score_adj", "/proc/self/oom_score_adj", adj, &plan.Probe{File: "oom_score_adj", Want: adj})
	return nil
}

const (
	rlimitNProc  = 6
	rlimitNoFile = 7
	rlimitAS     = 9
)

func (b *builder) rlimit(why plan.Key, resource int, soft, hard uint64) {
	name := sys.Resource.Text(uint64(resource))
	b.do(why, plan.Prlimit(resource, soft, hard)).Probe = &plan.Probe{File: "limits", Field: name, Want: sys.Limit.Text(soft)}
}

// addressSpace is RLIMIT_AS, as late as can be: it would bind the set-up too.
func (b *builder) addressSpace() {
	for _, u := range b.spec.Ulimits {
		if u.Resource == rlimitAS {
			b.rlimit("limits/as", rlimitAS, u.Soft, u.Hard)
			return
		}
	}
	if b.spec.AS != 0 {
		b.rlimit("limits/as", rlimitAS, b.spec.AS, b.spec.AS)
	}
}
