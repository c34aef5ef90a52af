// Package observe is what a process's isolation looks like from outside, read
// from /proc. A container that says of itself that it is isolated proves
// little; what the kernel says of it, to somebody who is not in it, proves
// more. The package knows nothing of how containers are made here: any
// runtime's can be looked at.
//
// It sees what the caller may see, ptrace(2): all of it for root, and all of
// it for the user who made the container, who has every capability in its
// user namespace. The exception are a process's descriptors and environment,
// which are the owner's alone: of a payload that has changed to another id of
// its own range, FDs and Environ answer os.ErrPermission.
package observe

// Rests on proc(5), namespaces(7), proc_pid_status(5), user_namespaces(7).

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Kinds are the namespaces a process can be in, as /proc/PID/ns names them.
var Kinds = []string{"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"}

func name(pid int, file string) string { return filepath.Join("/proc", strconv.Itoa(pid), file) }

// Namespaces answers what a process is in, by kind: "pid" → "pid:[4026531836]".
// Two processes share a namespace where the texts are equal. A kind that the
// kernel does not have is left out.
func Namespaces(pid int) (map[string]string, error) {
	all := map[string]string{}
	// By name, not by listing: another user's list is shut where its links are open.
	for _, kind := range Kinds {
		to, err := os.Readlink(name(pid, "ns/"+kind))
		if os.IsNotExist(err) && exists(name(pid, "ns")) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all[kind] = to
	}
	return all, nil
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// Status answers the lines of /proc/PID/status by key.
func Status(pid int) (map[string]string, error) {
	text, err := os.ReadFile(name(pid, "status"))
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		all[key] = strings.TrimSpace(value)
	}
	return all, nil
}

// An IDRange is a line of an id map: Length ids from Inside on are those from
// Outside on, in the reader's own user namespace.
type IDRange struct{ Inside, Outside, Length int }

// IDMap answers the id map of a process, from "uid_map" or "gid_map".
func IDMap(pid int, file string) ([]IDRange, error) {
	text, err := os.ReadFile(name(pid, file))
	if err != nil {
		return nil, err
	}
	var all []IDRange
	for line := range strings.Lines(string(text)) {
		var r IDRange
		if _, err := fmt.Sscan(line, &r.Inside, &r.Outside, &r.Length); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", name(pid, file), line, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// FDs answers the open descriptors of a process and what they are: "/dev/null",
// "pipe:[4711]". Paths are as the process would name them.
func FDs(pid int) (map[int]string, error) {
	dir := name(pid, "fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	all := map[int]string{}
	for _, e := range entries {
		n, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		to, err := os.Readlink(filepath.Join(dir, e.Name()))
		if os.IsNotExist(err) {
			continue // closed in the meantime
		}
		if err != nil {
			return nil, err
		}
		all[n] = to
	}
	return all, nil
}

// A Limit is a resource limit; "unlimited" is one of its values.
type Limit struct{ Soft, Hard string }

// Limits answers the resource limits of a process by the names of
// getrlimit(2): "RLIMIT_NOFILE".
func Limits(pid int) (map[string]Limit, error) {
	text, err := os.ReadFile(name(pid, "limits"))
	if err != nil {
		return nil, err
	}
	all := map[string]Limit{}
	for line := range strings.Lines(string(text)) {
		for words, resource := range resources {
			rest, ok := strings.CutPrefix(line, words+" ")
			if f := strings.Fields(rest); ok && len(f) >= 2 {
				all[resource] = Limit{f[0], f[1]}
			}
		}
	}
	return all, nil
}

var resources = map[string]string{
	"Max cpu time":          "RLIMIT_CPU",
	"Max file size":         "RLIMIT_FSIZE",
	"Max data size":         "RLIMIT_DATA",
	"Max stack size":        "RLIMIT_STACK",
	"Max core file size":    "RLIMIT_CORE",
	"Max resident set":      "RLIMIT_RSS",
	"Max processes":         "RLIMIT_NPROC",
	"Max open files":        "RLIMIT_NOFILE",
	"Max locked memory":     "RLIMIT_MEMLOCK",
	"Max address space":     "RLIMIT_AS",
	"Max file locks":        "RLIMIT_LOCKS",
	"Max pending signals":   "RLIMIT_SIGPENDING",
	"Max msgqueue size":     "RLIMIT_MSGQUEUE",
	"Max nice priority":     "RLIMIT_NICE",
	"Max realtime priority": "RLIMIT_RTPRIO",
	"Max realtime timeout":  "RLIMIT_RTTIME",
}

// Exe answers the program of a process. Of a process in another mount
// namespace it is a path there.
func Exe(pid int) (string, error) { return os.Readlink(name(pid, "exe")) }

// Cwd answers the working directory of a process, likewise. The text may be
// the same for two places, and for one that is outside of the root: Check
// compares what is there.
func Cwd(pid int) (string, error) { return os.Readlink(name(pid, "cwd")) }

// Root answers the root directory of a process, likewise.
func Root(pid int) (string, error) { return os.Readlink(name(pid, "root")) }

// Environ answers the environment that a process was started with.
func Environ(pid int) ([]string, error) { return list(pid, "environ") }

// Args answers the arguments of a process.
func Args(pid int) ([]string, error) { return list(pid, "cmdline") }

func list(pid int, file string) ([]string, error) {
	text, err := os.ReadFile(name(pid, file))
	if err != nil || len(text) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00"), nil
}

// Children answers the processes that a process has given birth to.
func Children(pid int) ([]int, error) {
	tasks, err := os.ReadDir(name(pid, "task"))
	if err != nil {
		return nil, err
	}
	var all []int
	for _, t := range tasks {
		text, err := os.ReadFile(name(pid, "task/"+t.Name()+"/children"))
		if err != nil {
			continue // the thread has ended
		}
		for word := range strings.FieldsSeq(string(text)) {
			if n, err := strconv.Atoi(word); err == nil {
				all = append(all, n)
			}
		}
	}
	return all, nil
}
