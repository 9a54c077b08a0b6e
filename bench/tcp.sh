#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tcp.sh [ROUNDS]: TCP between two containers: one stream, and requests of 64 bytes, one at a
# time. kvs-auto is KVS as it is without configuration. Offloads are those the kernel gives veths.
# expects 90
. "$(dirname "$0")/lib.sh"
. "$ROOT/bench/sockets.sh"
SLICES=3 # of each stream in a round

# slice SYSTEM CASE CPU: of a stream, in Gb/s, as the receiver on that CPU sees it
slice() {
	local got=$T/$1/got
	nsenter --net="/run/netns/$1.h2" taskset -c "$3" "$BIN/rr" take --after 0.05 --seconds 0.2 > "$got" &
	until_ok 5 is_listening "$1" 2 7007
	on "$1.h1" taskset -c $CPU0 "$BIN/rr" give "$(ip4 2)"
	wait $!
	jq '.bytes / .seconds * 8 / 1e9' "$got" >> "$T/$1/slices"
}

# streams CASE CPU: these vary a lot from moment to moment, so slices of all systems alternate
streams() {
	local system i
	rm -f "$T"/*/slices
	for ((i = 0; i < SLICES; i++)); do
		for system in $systems; do
			slice "$system" "$@"
		done
	done
	for system in $systems; do
		record "$system" "$1" rate Gb/s "$(jq -s 'add / length * 100 | round / 100' "$T/$system/slices")"
	done
}

# requests SYSTEM CASE CPU: the one that answers is on that CPU
requests() {
	local p
	asked "$1" 1 2 $CPU0 "$3"
	record "$1" "$2" rate 1/s "$(jq '.answered / .seconds | round' <<< "$answer")"
	for p in p50 p99; do
		record "$1" "$2" $p us "$(jq ".$p" <<< "$answer")"
	done
}

round() {
	local system
	streams TCP_STREAM "$CPU1"
	streams "TCP_STREAM, one core" $CPU0
	for system in $systems; do
		requests "$system" TCP_RR "$CPU1"
		requests "$system" "TCP_RR, one core" $CPU0
	done
}

systems='wire macvlan bridge kvs-auto kvs-xdp'
for s in $systems; do
	sockets_up "$s" 2
done
rounds "${1:-$ROUNDS}" round
