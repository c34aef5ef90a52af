#!/bin/sh
# Runs a command, as root, where /sys/fs/cgroup is a cgroup2 file system and
# nothing else, in a mount namespace of its own. crun(1) refuses to start
# anything where both versions of cgroups are mounted:
#
#	testdata/bench/cgroup2.sh bin/mcr-bench run
#	testdata/bench/cgroup2.sh su USER -c 'bin/mcr-bench run'
set -eu
if [ "${MCR_BENCH_CGROUP2-}" != 1 ]; then
	exec env MCR_BENCH_CGROUP2=1 unshare --mount --propagation private "$0" "$@"
fi
unset MCR_BENCH_CGROUP2
umount -R /sys/fs/cgroup 2>/dev/null || umount -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec "$@"
