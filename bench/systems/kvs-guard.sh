#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kvs-guard: KVS on xdp, each port with `guard: vm`, its MAC and its address
MODE=xdp
. "$ROOT/bench/systems/kvs.sh"

up() {
	local port
	kvs_up "$@"
	for port; do
		guard "$port"
	done
}

# guard PORT: as bench/frame.h has the addresses of an endpoint
guard() {
	local n=${1#p}
	kvs guard set "$1" --guard vm --macs "$(printf '02:%02x:00:00:00:00' "$n")" --addresses "198.18.0.$n"
}
