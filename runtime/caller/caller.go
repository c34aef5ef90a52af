// Package caller is what the caller handed us, read before Go's own packages
// change it.
package caller

// NoFile is the soft and the hard RLIMIT_NOFILE, as the caller had them;
// zeroes where that cannot be told. Package syscall raises the soft limit when
// it is initialised. This package imports nothing, so that its turn comes
// earlier; TestNoFileIsTheCallers holds it to that.
var NoFile = noFile()
