// Package spec is what the user wants: a container in the user's words. It
// says nothing of how; that is compile's business.
package spec

// A Container is what the user asks for.
type Container struct {
	Rootfs   string   // the root directory, absolute
	Root     Root     // how "/" is changed
	Storage  Storage  // what becomes of what the payload writes
	Args     []string // argv of the payload; Args[0] is searched along PATH
	Env      []string // its environment, all of it
	Dir      string   // its working directory; "" is "/"
	Hostname string

	Namespaces Namespaces
	CapAdd     []string // capabilities besides the default ones; "ALL"
	CapDrop    []string // and those to go without; "ALL"
	Seccomp    string   // a built-in profile's name, "unconfined", or the name of a file
	SeccompOCI []byte   // the file's contents, if it is one
	NewPrivs   bool     // no_new_privs is not wanted

	Ulimits   []Ulimit
	AS        uint64 // RLIMIT_AS in bytes; 0: as the caller has it
	PidsLimit int64  // processes at most; 0: the default, -1: no limit of ours
	ShmSize   uint64 // bytes of /dev/shm; 0: the default
	Upper     uint64 // bytes that the payload may write to the ephemeral root; 0: the default
	Profile   string // "" or "seed": the C original's defaults
	Iknow     bool   // the user has read what this gives away
}

// Root says how the payload's "/" comes about.
type Root string

// The ways to change "/".
const (
	Pivot  Root = ""       // pivot_root(2): the old root is gone
	Chroot Root = "chroot" // chroot(2): the old root is a few calls away
	Auto   Root = "auto"   // pivot_root(2), or chroot(2) where the facts rule it out
)

// Storage says what becomes of what the payload writes to its root.
type Storage string

// The kinds of storage.
const (
	Ephemeral Storage = ""   // thrown away: an overlay on tmpfs
	Through   Storage = "rw" // written to the directory
	ReadOnly  Storage = "ro" // refused
)

// Namespaces says which worlds are the container's own; "" is its own, "host"
// is shared with the host.
type Namespaces struct {
	User   string // also "identity": its own, with the host's ids
	PID    string
	UTS    string
	IPC    string
	Net    string
	Cgroup string
	Time   bool  // a time namespace too
	Offset int64 // seconds that its clocks are ahead; needs Time
}

// Host is the value of a namespace that is shared with the host.
const Host = "host"

// Identity is the user namespace in which every id means what it means outside.
const Identity = "identity"

// A Ulimit is a resource limit, getrlimit(2).
type Ulimit struct {
	Resource   int
	Soft, Hard uint64
}

// DefaultEnv is the environment of a payload that asks for nothing else.
func DefaultEnv(hostname string) []string {
	return []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root",
		"HOSTNAME=" + hostname,
	}
}

// Seed gives a container the defaults of the C original: what it isolates and
// what it leaves open. keepUser keeps the user namespace that was asked for.
func (c *Container) Seed(keepUser bool) {
	if !keepUser {
		c.Namespaces.User = ""
	}
	c.Namespaces.IPC, c.Namespaces.Cgroup = Host, Host
	if c.Storage == Ephemeral {
		c.Storage = Through
	}
	if c.AS == 0 {
		c.AS = 128 << 20
	}
}
