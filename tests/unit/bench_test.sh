#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bench_test.sh: results.jq works out ratios by round, their medians, and whether the goals hold. Needs no root.
# shellcheck disable=SC2016 # $ in single quotes is jq's
set -u
export LC_ALL=C
cd "$(dirname "$0")" || exit 1
until [ -f CONTRIBUTING.md ]; do cd .. || exit 1; done
TESTS=0 FAILED=0

# line SYSTEM ROUND VALUE [BENCH CASE METRIC]
line() {
	printf '{"bench":"%s","system":"%s","case":"%s","metric":"%s","unit":"Mpps","round":%d,"value":%s}\n' \
		"${4:-rate}" "$1" "${5:-64 B, one core}" "${6:-rate}" "$2" "$3"
}

lines() {
	line bare 1 4 && line kvs-xdp 1 2 && line bridge 1 1
	line bridge 2 1 && line bare 2 8 && line kvs-xdp 2 6
	line kvs-xdp 3 9 && line bridge 3 2 && line bare 3 10
	line kvs-xdp 1 6 dpdk '64 B, veth, two cores'
	line ovs-dpdk-afxdp 1 1 dpdk '64 B, veth, two cores'
	line ovs-dpdk-afpacket 1 2 dpdk '64 B, veth, two cores'
	line kvs-xdp 1 50 dpdk '64 B, switching alone' 'time per frame'
	line ovs-dpdk-vhost 1 100 dpdk '64 B, switching alone' 'time per frame'
	line kvs-xdp 1 2 macs '1 MAC'
	line kvs-xdp 1 1 macs '64k MACs'
}

# same WHAT FILTER WANTED
same() {
	local got
	got=$(jq -c "$2" <<< "$results")
	if [ "$got" = "$3" ]; then
		echo "ok $((++TESTS)) - $1"
	else
		echo "not ok $((++TESTS)) - $1"
		echo "# $got, expected $3"
		FAILED=1
	fi
}

results=$(lines | jq -s --argjson machine '{"cpus": 2}' -f bench/results.jq)
same "a ratio is the median of those of the rounds" '.ratios.xdp64_vs_bare' 0.75
same "not that of the medians" '.ratios.xdp64_vs_bridge' 4.5
same "its lowest and highest, and the goal it misses" '.spread.xdp64_vs_bare' \
	'{"min":0.5,"max":0.9,"goal":">= 0.97","holds":false}'
same "a goal that holds" '.spread.xdp64_vs_bridge.holds' true
same "a goal that is an upper bound" '[.ratios, .spread | .switch_ns_vs_ovs_dpdk] | [.[0], .[1].holds]' '[0.5,true]'
same "the best of several systems counts" '.ratios.veth64_vs_ovs_dpdk' 3
same "two cases of one system" '.ratios.mac64k_vs_1' 0.5
same "null where it was not run" '[.ratios.tc64_vs_bridge, .spread.memory_vs_ovs_dpdk.holds]' '[null,null]'
same "every ratio is there, and plain" '[.ratios[] | type] | [length, (unique | join(" "))]' '[22,"null number"]'
same "results have their rounds in order" '.results[] | select(.system == "bare") | [.median, .min, .max, .rounds]' \
	'[8,4,10,[4,8,10]]'
same "the machine is in it" '.machine.cpus' 2
echo "1..$TESTS"
exit $FAILED
