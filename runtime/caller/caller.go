// Package caller is what the caller handed us, read before Go's own packages
// change it.
package caller

import "syscall"

// NoFile is the soft and the hard RLIMIT_NOFILE, as the caller had them:
// package os raises the soft limit when it is initialised. This package may
// import nothing but syscall, so that its turn comes earlier;
// TestNoFileIsTheCallers holds it to that.
var NoFile = func() (limits [2]uint64) {
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) == nil {
		limits = [2]uint64{r.Cur, r.Max}
	}
	return limits
}()
