package plan

import (
	"fmt"
	"slices"

	"example.org/mcr/runtime/sys"
)

// A Violation is a rule that a plan breaks.
type Violation struct {
	Rule  Key    // what is missing, or stands in the wrong place
	Text  string // in a sentence
	Order bool   // it is there, and stands in the wrong place
}

// walls are the keys that every plan has, and the note by which the user gave
// one up. Where a wall has several keys, one of them will do.
var walls = []struct {
	keys   []Key
	excuse Key
	why    string
}{
	{[]Key{"start/newuser"}, "note/host_user", "without a user namespace, root inside is root outside"},
	{[]Key{"start/newns"}, "", "without a mount namespace, its mounts are the host's"},
	{[]Key{"start/newpid"}, "note/host_pid", "without a PID namespace it sees the host's processes, and may outlive mcr"},
	{[]Key{"start/newuts"}, "note/host_uts", "without a UTS namespace its host name is the host's"},
	{[]Key{"start/newipc"}, "note/host_ipc", "without an IPC namespace it reaches the host's shared memory"},
	{[]Key{"start/newnet"}, "note/host_net", "without a network namespace it has the host's network"},
	{[]Key{"user/uid_map", "host/uid_map"}, "note/host_user", "without a map it is nobody, and cannot set anything up"},
	{[]Key{"mount/private"}, "", "without it, mounts could travel between host and container"},
	{[]Key{"mount/stage"}, "", "without it, what is put together for the root is made on the host's own files"},
	{[]Key{"root/pivot"}, "note/chroot", "without it the host's files stay in reach"},
	{[]Key{"root/detach"}, "note/chroot", "without it the host's files are on top of the container's"},
	{[]Key{"tty/setsid"}, "", "without it, the payload could type into the caller's terminal"},
	{[]Key{"caps/ambient"}, "", "without it, capabilities may survive execve(2)"},
	{[]Key{"caps/bounding"}, "note/seed_bounding", "without it, only no_new_privs keeps execve(2) as user 0 from giving every capability back"},
	{[]Key{"caps/sets"}, "", "without it, the payload has every capability of its namespace"},
	{[]Key{"caps/no_new_privs"}, "note/new_privs", "without it, set-uid programs raise privileges"},
	{[]Key{"caps/go"}, "", "without it, the payload could start before its watcher"},
	{[]Key{"caps/pdeathsig"}, "", "without it, the payload may outlive mcr"},
	{[]Key{"caps/parent_alive"}, "", "without it, the death of mcr during the start goes unseen"},
	{[]Key{"fds/close_range"}, "", "without it, an inherited descriptor leads out of the container"},
	{[]Key{"seccomp/filter"}, "note/unconfined", "without it, every system call of the kernel can be asked for"},
	{[]Key{"after/wait"}, "", "without it, the watcher does not wait for the parent's end"},
	{[]Key{"after/kill"}, "", "without it, the payload may outlive mcr"},
}

// A Rule is a rule of order: the first comes before the second wherever both
// are.
type Rule struct {
	First, Second Key
	Why           string
}

// Rules are the rules of order that Check holds plans to.
func Rules() []Rule { return slices.Clone(order) }

// Walls are the keys that every plan has, unless a note says that the user
// gave one up.
func Walls() (keys []Key) {
	for _, w := range walls {
		keys = append(keys, w.keys[0])
	}
	return keys
}

var order = []Rule{
	{"user/setgroups", "user/gid_map", "the kernel refuses a map of groups before setgroups(2) is given up"},
	{"user/setresgid", "user/setresuid", "the group changes while there is still a right to"},
	{"mount/private", "mount/stage", "a mount made earlier would reach the host"},
	{"mount/proc", "root/detach", "the kernel gives a new proc only where an old one can be seen"},
	{"root/pivot", "root/detach", "what is detached earlier is the new root"},
	{"caps/bounding", "caps/sets", "dropping from the bounding set takes CAP_SETPCAP"},
	{"caps/sets", "caps/no_new_privs", "the sets are reduced before the filter that no_new_privs allows"},
	{"caps/sets", "caps/pdeathsig", "a change of credentials clears the death signal"},
	{"user/setresuid", "caps/pdeathsig", "a change of credentials clears the death signal"},
	{"caps/pdeathsig", "caps/parent_alive", "a parent that dies in between would go unseen"},
	{"caps/sets", "seccomp/filter", "the filter would judge capset(2)"},
	{"caps/no_new_privs", "seccomp/filter", "without capabilities the kernel takes a filter only with no_new_privs"},
	{"tty/setsid", "seccomp/filter", "the filter would judge setsid(2)"},
	{"fds/close_range", "seccomp/filter", "the filter would judge close_range(2)"},
	{"limits/as", "fds/close_range", "the limit stands as late as can be"},
	{"caps/sets", "limits/as", "the limit would bind the set-up itself"},
}

// Check names the walls that a plan lacks and the rules of order that it
// breaks. An empty answer means that it is as compile makes them.
func Check(p *Plan) (broken []Violation) {
	at := map[Key][]int{}
	for i := range p.Inside {
		at[p.Inside[i].Why] = append(at[p.Inside[i].Why], i)
	}
	have := p.Keys()
	for _, w := range walls {
		there := slices.ContainsFunc(w.keys, func(k Key) bool { return slices.Contains(have, k) })
		excused := w.excuse != "" && slices.ContainsFunc(p.Notes, func(n Note) bool { return n.Why == w.excuse })
		if !there && !excused && !everything(p, w.keys[0]) {
			broken = append(broken, Violation{Rule: w.keys[0], Text: w.why})
		}
	}
	for _, path := range append(slices.Clone(p.Facts.Masked), p.Facts.ReadOnly...) {
		if !covered(p, path) && !slices.ContainsFunc(p.Notes, func(n Note) bool { return n.Why == "note/seed_dev" }) {
			broken = append(broken, Violation{Rule: "root/mask_file", Text: path + " is neither hidden nor read-only"})
		}
	}
	for _, o := range order {
		a, b := at[o.First], at[o.Second]
		if len(a) > 0 && len(b) > 0 && slices.Max(a) > slices.Min(b) {
			broken = append(broken, Violation{o.First, fmt.Sprintf("%s comes before %s: %s", o.First, o.Second, o.Why), true})
		}
	}
	return append(append(broken, p.checkPhases()...), p.checkEnd()...)
}

// everything reports whether the wall is not needed because nothing is to be
// dropped: --cap-add ALL leaves the bounding set whole.
func everything(p *Plan, k Key) bool {
	if k != "caps/bounding" {
		return false
	}
	for i := range p.Inside {
		if a := &p.Inside[i]; a.Why == "caps/sets" && len(a.Call.Args) == 2 {
			s, _ := a.Call.Args[1].(Struct)
			if len(s.Fields) == 0 {
				return false
			}
			f, ok := s.Fields[0].Val.(Flags)
			return ok && f.Bits == 1<<(p.Facts.LastCap+1)-1
		}
	}
	return false
}

// covered reports whether a mount of the plan lies on path.
func covered(p *Plan, path string) bool {
	return slices.ContainsFunc(p.Inside, func(a Action) bool {
		return a.Call.Sys == sys.Mount && len(a.Call.Args) > 1 && a.Call.Args[1] == Path(path)
	})
}

// checkPhases holds the inside list to the order of the phases; limits/as is
// the one exception.
func (p *Plan) checkPhases() []Violation {
	last := Start
	for i := range p.Inside {
		k := p.Inside[i].Why
		if k == "limits/as" {
			continue
		}
		if ph := k.Phase(); ph < last || ph > Exec {
			return []Violation{{k, fmt.Sprintf("%s comes after phase %s", k, last), true}}
		} else if ph > last {
			last = ph
		}
	}
	return nil
}

// checkEnd holds the end of the list to execve(2), with nothing between it
// and the filter.
func (p *Plan) checkEnd() (broken []Violation) {
	filter := -1
	for i := range p.Inside {
		c := p.Inside[i].Call.Sys
		if filter >= 0 && c != sys.Execve {
			broken = append(broken, Violation{p.Inside[i].Why, c.Name + "(2) after the filter, which would judge it", true})
		}
		if c == sys.Seccomp {
			filter = i
		}
	}
	if n := len(p.Inside); n == 0 || p.Inside[n-1].Call.Sys != sys.Execve {
		broken = append(broken, Violation{"exec/execve", "the last call is not execve(2)", true})
	}
	return broken
}
