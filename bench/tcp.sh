#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tcp.sh [ROUNDS [SECONDS]]: TCP between two containers with KVS on tc, beside a plain bridge, alternating.
#
# Two pairs of network namespaces on veths, one pair on a bridge with KVS, one on a plain bridge. A round is one iperf3
# stream over each, the first one changing from round to round; what counts is the round's ratio, since machines are noisy.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/../tests/net/lib.sh"
rounds=${1:-9} seconds=${2:-4}

# mbps FROM TO: as the receiver saw it, the first second left out
mbps() {
	iperf "$1" "$2" -t "$seconds" -O 1 | jq '.end.sum_received.bits_per_second / 1e6 | round'
}

# round N: prints "KVS PLAIN"
round() {
	local kvs plain
	if [ $(($1 % 2)) = 1 ]; then
		kvs=$(mbps h1 h2)
		plain=$(mbps h4 h5)
	else
		plain=$(mbps h4 h5)
		kvs=$(mbps h1 h2)
	fi
	echo "$kvs $plain"
}

summary() {
	jq -rs 'def median: sort | if length % 2 == 1 then .[length / 2 | floor]
			else (.[length / 2 - 1] + .[length / 2]) / 2 end;
		def two: . * 100 | round / 100;
		map(.[0] / .[1]) as $r |
		"median  \(map(.[0]) | median)  \(map(.[1]) | median)  ratio \($r | median | two) (\($r | min | two) to \($r | max | two))"'
}

{
	bridge_add br0
	bridge_add br1
	host_add h1 br0
	host_add h2 br0
	host_add h4 br1
	host_add h5 br1
	kvsd_start --adopt br0
	learn h1 h2
	on h4 ping -q -c 1 "$(ip4 h5)"
} > /dev/null
trap - EXIT
echo "round   KVS (tc), Mb/s   plain bridge, Mb/s"
for i in $(seq "$rounds"); do
	result=$(round "$i")
	echo "$i       $result"
	echo "[${result/ /,}]" >> "$T/rounds"
done
summary < "$T/rounds"
