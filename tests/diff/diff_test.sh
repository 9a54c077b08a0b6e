#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# diff_test.sh: KVS against the plain bridge, with fixed seeds, as far as the time given suffices; see capture.h for
# what may differ. A difference counts when it comes again in a fresh world.
#
# KVS_DIFF_CASES and KVS_DIFF_SECONDS bound each mode.
set -u
cd "$(dirname "$0")" || exit
cases=${KVS_DIFF_CASES:-8000} seconds=${KVS_DIFF_SECONDS:-25}
n=0

# t WHAT STATUS COMMAND...: one line of TAP; it must exit so
t() {
	local what=$1 wanted=$2 status=0 out line
	shift 2
	n=$((n + 1))
	out=$("$@" 2>&1) || status=$?
	if [ "$status" -eq "$wanted" ]; then
		echo "ok $n - $what"
		[ "$wanted" -eq 0 ] || return # a failure that was wanted is not quoted
	else
		echo "not ok $n - $what"
		echo "# exit status $status, expected $wanted"
	fi
	while read -r line; do
		echo "# ${line#\# }"
	done <<< "$out"
}

t "a script without a fault shows no difference" 0 ./diff.sh --script plain
t "a wrong port in kvs_fdb is found" 1 ./diff.sh --script fault
t "a port that the spanning tree has blocked shows no difference" 0 ./diff.sh --script stp-plain
t "such a port that counts as forwarding is found" 1 ./diff.sh --script stp-fault
modes=(tc xdp mixed stp)
for mode in "${modes[@]}"; do
	t "$mode: as the plain bridge" 0 ./diff.sh --mode "$mode" --seed 1 --cases "$cases" --seconds "$seconds"
done
echo "1..$n"
