#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# latency.sh [ROUNDS]: how long frames of 64 B take from the source's program to the sink's, by the time the source puts into
# them: few of them, and half of what the switch can do, all on one core.
# expects 50
. "$(dirname "$0")/lib.sh"
export SINK_OPTIONS=--stamped
systems='wire bare bridge kvs-tc kvs-xdp'

# delay SYSTEM CASE PPS
delay() {
	local got p
	flow "$1" 1 2 $CPU0 --size 64 --stamp --pace "$3"
	got=$("$BIN/sink" delays "$T/$1/bpf/h2" --after 0.15 --seconds 0.4)
	flows_stop
	for p in p50 p99 p999; do
		record "$1" "$2" $p us "$(jq ".$p" <<< "$got")"
	done
}

unloaded() {
	local system
	for system in $systems; do
		delay "$system" "10k/s" 10000
	done
}

# most SYSTEM: frames per second that arrive when more are sent than it can take
most() {
	flow "$1" 1 2 $CPU0 --size 64
	WINDOW=0.2 delivered "$1" 2 | jq '.frames / .seconds | round'
	flows_stop
}

half() {
	local system
	for system in $systems; do
		delay "$system" "half load" $(($(most "$system") / 2))
	done
}

for s in $systems; do
	system_up "$s"
done
rounds "${1:-$ROUNDS}" unloaded
rounds "${1:-$ROUNDS}" half
