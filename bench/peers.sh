#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# peers.sh [PORTS]: how long kvsd takes when each veth's other end is in a network namespace of its own.
#
# docs/scale.md says what the lines mean: "NAME VALUE ms".
ports=${1:-1000}
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/../tests/net/lib.sh"

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

# took NAME START
took_ms() {
	printf '%s\t%d\tms\n' "$1" $(($(now_ms) - $2))
}

is_ready() {
	grep -q 'is ready' "$T/kvsd.log"
}

# start PATH: kvsd, and how long until it is ready
start() {
	local start
	printf 'limits: {ports: %d}\n' $((ports + 20)) > "$T/kvs.yaml"
	start=$(now_ms)
	"$ROOT/build/kvsd" --run-dir "$T/run" --pin-dir "$T/bpf/kvs" --config "$T/kvs.yaml" --adopt br0 > "$T/kvsd.log" 2>&1 &
	echo $! > "$T/kvsd.pid"
	disown
	until_ok 120 is_ready
	took_ms "$1" "$start"
}

# show NAME: kvs port show
show() {
	local start
	start=$(now_ms)
	kvs port show --json > "$T/shown"
	took_ms "$1" "$start"
	is "peers in sight" "$(jq '[.ports[] | select(.peer_gro != "unknown")] | length' "$T/shown")" -eq "$ports"
}

# all_paths PATH NAME: of all ports, by one request each
all_paths() {
	local n start
	start=$(now_ms)
	for ((n = 0; n < ports; n++)); do
		printf 'url = "http://kvs/v1/ports/p%d"\noutput = /dev/null\n' "$n"
	done | curl -s --unix-socket "$T/run/kvs.sock" -X PATCH -H 'Content-Type: application/json' -d "{\"path\": \"$1\"}" -K -
	took_ms "$2" "$start"
	# shellcheck disable=SC2016 # of jq
	is "ports" "$(query 'port show' '[.ports[] | select(.path_now == $path)] | length' --arg path "$1")" -eq "$ports"
}

ip link add br0 type bridge
ip link set br0 up
for ((n = 0; n < ports; n++)); do
	ip netns add "n$n"
	ip link add "p$n" type veth peer name eth0 netns "n$n"
	ip -n "n$n" link set eth0 up
	ip link set "p$n" master br0 up
done
start "adopting"
show "kvs port show, the first time"
show "kvs port show, again"
all_paths xdp "path xdp for all ports"
kvsd_stop
start "taking over, all on xdp"
show "kvs port show, the first time"
all_paths tc "path tc for all ports"
kvs release --all
kvsd_stop
trap - EXIT
