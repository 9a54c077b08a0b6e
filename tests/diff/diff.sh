#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# diff.sh [OPTION...]: the differential test (see its --help) in namespaces of its own, which end with it.
#
# diff.sh soak [SECONDS]: tc, xdp, mixed and stp in turn with new seeds, until a difference is found or it is stopped.
set -eu
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
if [ -z "${KVS_DIFF_NAMESPACES-}" ]; then
	export KVS_DIFF_NAMESPACES=1
	exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$@"
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
dir=${KVS_DIFF_DIR:-$root/build/diff} # a failure's sequence is kept here
mkdir -p "$dir"
[ -c /dev/net/tun ] || modprobe tun
mount -t tmpfs tmpfs /run
mount -t sysfs sysfs /sys
mkdir -p /run/diff/bpf
mount -t bpf bpf /run/diff/bpf

run() {
	"$root/build/tests/diff" --kvsd "$root/build/kvsd" --dir /run/diff "$@"
}

soak() {
	local seed mode
	seed=$(date +%s)
	while [ "$SECONDS" -lt "$1" ]; do
		for mode in tc xdp mixed stp; do
			run --mode "$mode" --seed "$seed" --cases 6000 --save "$dir/$mode.$seed"
		done
		seed=$((seed + 1000))
	done
}

if [ "${1-}" = soak ]; then
	soak "${2:-1000000000}"
else
	status=0
	run --save "$dir/last" "$@" || status=$?
	[ "$status" -eq 0 ] || tail -n 5 /run/diff/kvsd.log 2> /dev/null | sed 's/^/# kvsd: /'
	exit $status
fi
