#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# load.sh [ROUNDS]: the share of a core that 10,000 to 1,000,000 frames of 64 B per second take, source and sink included, which
# send and count in the same process; and what kvsd takes when there are none.
# expects 50
. "$(dirname "$0")/lib.sh"
systems='wire bridge kvs-tc kvs-xdp'
IDLE=3 # seconds

# load SYSTEM CASE PPS: what the switch does is done in the time of the source
load() {
	local out
	out=$(on "$1.h1" "$BIN/source" eth0 --src "$(mac 1)" --dst "$(mac 2)" --cpu $CPU0 --rate "$3" --seconds 0.4)
	record "$1" "$2" CPU % "$(jq '.cpu / .seconds * 1e4 | round / 100' <<< "$out")"
}

# wakes PID, spent_ns PID
wakes() {
	awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$1/task/"*/status
}

spent_ns() {
	cat "/proc/$1/task/"*/schedstat | awk '{ ns += $1 } END { printf "%d\n", ns }'
}

# idle: all kvsd at a time
idle() {
	local system pid
	local -A woken spent
	for system in $kvs; do
		pid=$(cat "$T/$system/kvsd.pid")
		woken[$system]=$(wakes "$pid") spent[$system]=$(spent_ns "$pid")
	done
	sleep $IDLE
	for system in $kvs; do
		pid=$(cat "$T/$system/kvsd.pid")
		record "$system" "kvsd, no frames" wakes 1/s "$(jq -n "($(wakes "$pid") - ${woken[$system]}) / $IDLE * 100 | round / 100")"
		record "$system" "kvsd, no frames" CPU % "$(jq -n "($(spent_ns "$pid") - ${spent[$system]}) / $IDLE / 1e5 | round / 100")"
	done
}

round() {
	local system
	for system in $systems; do
		load "$system" "10k/s" 10000
		load "$system" "100k/s" 100000
		load "$system" "1M/s" 1000000
	done
	idle
}

kvs='kvs-auto kvs-tc kvs-xdp'
system_up kvs-auto
for s in $systems; do
	system_up "$s"
done
rounds "${1:-$ROUNDS}" round
