#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guests.sh [ROUNDS]: two real VMs (QEMU without vhost-net, emulated where there is no KVM) on one bridge: iperf3 from one to the
# other, while the bridge is plain, with KVS on tc, and with KVS on XDP. One JSON object per line.
# expects 45
set -eu
rounds=${1:-${ROUNDS:-5}}
# shellcheck source=tests/vm/lab.sh
. "$(dirname "$0")/../tests/vm/lab.sh"
lab_enter "$0" "$rounds"

# record SYSTEM CASE UNIT VALUE
record() {
	printf '{"bench":"guests","system":"%s","case":"%s","metric":"rate","unit":"%s","round":%d,"value":%s}\n' "$1" "$2" "$3" "$round" "$4"
}

# become SYSTEM: what the bridge is from now on
become() {
	kvs switch release --all > /dev/null
	[ "$1" != bridge ] || return 0
	kvs switch adopt br0 > /dev/null
	for port in tap-a tap-b; do
		kvs port set $port --path "${1#kvs-}" > /dev/null
	done
	lab_until 10 is_on "${1#kvs-}"
}

is_on() {
	kvs port show --json | jq -e --arg path "$1" 'all(.ports[]; .path_now == $path)'
}

# iperf SYSTEM CASE UNIT FILTER [OPTION...]
iperf() {
	local out
	guest_run b 'iperf3 -s -1 > /dev/null 2>&1 & until netstat -ltn | grep -q :5201; do sleep 0.05; done'
	out=$(guest_run a "iperf3 -J -c 10.77.0.2 -t 1 ${*:5}")
	record "$1" "$2" "$3" "$(jq "$4" <<< "$out")"
}

measure() {
	become "$1"
	guest_run a 'ping -q -c 2 -A 10.77.0.2' > /dev/null
	iperf "$1" TCP Gb/s '.end.sum_received.bits_per_second / 1e7 | round / 100'
	iperf "$1" "UDP, 64 B" kpps '.end.sum | .packets * (100 - .lost_percent) / .seconds / 1e4 | round / 10' -u -b 0 -l 18
}

guest_setup iperf3
lab_kvsd
ip link add br0 type bridge
ip link set br0 up
for name in a b; do
	guest_tap tap-$name
	ip link set tap-$name master br0
done
guest_start a tap-a 02:00:00:00:77:01 10.77.0.1/24
guest_start b tap-b 02:00:00:00:77:02 10.77.0.2/24
guest_wait a
guest_wait b
for ((round = 1; round <= rounds; round++)); do
	for system in bridge kvs-tc kvs-xdp; do
		measure $system
	done
done
