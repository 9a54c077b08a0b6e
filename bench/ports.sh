#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ports.sh [ROUNDS]: 64 B on one core as the number of ports grows to 256, broadcasts to all of 64 ports, frames of stations that
# were not heard before, and a chain of five switches.
# expects 60
. "$(dirname "$0")/lib.sh"
systems='bridge kvs-tc kvs-xdp'
STATIONS=20000 # heard anew in a round

# with NAME=VALUE FUNCTION: systems made so, and all rounds of it
with() {
	local system
	export "${1?}"
	for system in $systems; do
		system_up "$system"
	done
	rounds "$ROUNDS" "$2"
	for system in $systems; do
		system_down "$system"
	done
	unset "${1%%=*}"
}

# take CASE [OPTION...]: from h1 to h2
take() {
	local system rate
	for system in $systems; do
		flow "$system" 1 2 $CPU0 --size 64 "${@:2}"
		rate=$(WINDOW=0.3 delivered "$system" 2 | mpps)
		flows_stop
		record "$system" "$1" rate Mpps "$rate"
	done
}

few() {
	take "2 ports"
	stations
}

some() {
	take "64 ports"
	take "64 ports, broadcasts" --dst ff:ff:ff:ff:ff:ff
}

many() {
	take "256 ports"
}

chain() {
	take "5 switches"
}

# stations: each frame is of one that was not heard before
stations() {
	local system sent
	for system in $systems; do
		sent=$(on "$system.h1" "$BIN/source" eth0 --src "$(mac 1)" --dst "$(mac 2)" --cpu $CPU0 --srcs $STATIONS --count $STATIONS)
		record "$system" "2 ports, new stations" rate Mpps "$(jq '.sent / .seconds / 1e4 | round / 100' <<< "$sent")"
		on "$system.sw" bridge fdb flush dev br0 dynamic
		hello "$system"
		until_ok 20 is_forgotten "$system"
	done
}

is_forgotten() {
	[ "$1" = bridge ] || [ "$(system "$1" kvs fdb show --json | jq '.fdb | length')" -lt 100 ]
}

[ $# -eq 0 ] || ROUNDS=$1
with SPARE_PORTS= few
with SPARE_PORTS=62 some
with SPARE_PORTS=254 many
with CHAIN=5 chain
