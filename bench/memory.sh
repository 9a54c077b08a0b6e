#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# memory.sh: what a switch of 16 ports and 4,096 stations takes, KVS beside OVS-DPDK, and what more ports and stations add.
# expects 80
#
# "memory" is the resident set of the daemons, pages of shared libraries included, with huge pages in use, or with maps
# and programs as the kernel reports them. PSS counts a page's share, private what the process itself has written. Each round
# starts the daemons anew; two do, since this is no matter of noise. ovs-dpdk is as dpdk.sh runs it, with the pool of buffers of its defaults; ovs-dpdk-least has so
# few huge pages that it takes the smallest pool it can. The VMs' own memory is not counted.
. "$(dirname "$0")/lib.sh"
. "$ROOT/bench/testpmd.sh"
PORTS=16 MACS=4096
export PMD_CPU=$CPU0 # not where this script runs
CASE="16 ports, 4k MACs"
OVS="ovs-dpdk-vhost ovs-dpdk-least"

# resident_kb PID, rollup_kb PID FIELD...: sums
resident_kb() {
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"
}

rollup_kb() {
	local pid=$1
	shift
	awk -v fields="$*" '{ sub(":", "", $1) } index(" " fields " ", " " $1 " ") { n += $2 } END { print n }' "/proc/$pid/smaps_rollup"
}

pid_of() {
	cat "$T/$1/$2.pid"
}

# mb KB
mb() {
	jq -n "($1) / 10.24 | round / 100"
}

# switch_up SYSTEM PORT...: without endpoints
switch_up() {
	local system=$1
	shift
	mkdir -p "$T/$system/bpf"
	mount -t bpf bpf "$T/$system/bpf"
	ip netns add "$system.sw"
	on "$system.sw" ip link set lo up
	[ "$system" != kvs-xdp ] || veths "$@"
	system "$system" up "$@"
}

veths() {
	local port
	for port; do
		ip -n kvs-xdp.sw link add "$port" up type veth peer name "e$port"
		ip -n kvs-xdp.sw link set "e$port" up
	done
}

# station N: sets $mac
station() {
	printf -v mac '02:01:00:00:%02x:%02x' $(($1 / 256)) $(($1 % 256))
}

# --- KVS

kvs_stations() {
	local n mac
	for ((n = $1; n < $2; n++)); do
		station $n
		echo "fdb replace $mac dev p$((n % PORTS + 1)) master static"
	done | on kvs-xdp.sw bridge -batch -
	until_ok 30 kvs_is_settled
}

# kvs_is_settled: all was told to the maps
kvs_is_settled() {
	local before
	before=$(kvs_memory .maps_bytes)
	sleep 0.5
	[ "$(kvs_memory .maps_bytes)" = "$before" ]
}

# kvs_memory FILTER: as kvsd tells it
kvs_memory() {
	system kvs-xdp kvs status --json | jq ".memory | $1"
}

kvs_kb() {
	jq -n "$(resident_kb "$(pid_of kvs-xdp kvsd)") + $(kvs_memory '(.maps_bytes + .programs_bytes) / 1024')"
}

kvs_figures() {
	local pid
	pid=$(pid_of kvs-xdp kvsd)
	record kvs "$CASE" memory MB "$(mb "$(kvs_kb)")"
	record kvs "$CASE" RSS MB "$(mb "$(resident_kb "$pid")")"
	record kvs "$CASE" PSS MB "$(mb "$(rollup_kb "$pid" Pss)")"
	record kvs "$CASE" private MB "$(mb "$(rollup_kb "$pid" Private_Dirty)")"
	record kvs "$CASE" maps MB "$(mb "$(kvs_memory '.maps_bytes / 1024')")"
	record kvs "$CASE" programs MB "$(mb "$(kvs_memory '.programs_bytes / 1024')")"
}

# a further station, then 100 further ports
kvs_more() {
	local before maps
	maps=$(kvs_memory .maps_bytes)
	kvs_stations $MACS $((3 * MACS))
	record kvs "per further station" maps B "$(jq -n "($(kvs_memory .maps_bytes) - $maps) / (2 * $MACS) | round")"
	before=$(kvs_kb)
	veths $(seq -f 'p%.0f' $((PORTS + 1)) $((PORTS + 100)))
	seq -f 'link set p%.0f master br0' $((PORTS + 1)) $((PORTS + 100)) | on kvs-xdp.sw ip -batch -
	until_ok 30 kvs_has $((PORTS + 100))
	record kvs "per further port" memory KB "$(jq -n "($(kvs_kb) - $before) / 10 | round / 10")"
}

kvs_has() {
	[ "$(system kvs-xdp kvs status --json | jq .limits.ports_used)" = "$1" ]
}

kvs_round() {
	switch_up kvs-xdp $(seq -f 'p%.0f' $PORTS)
	kvs_stations 0 $MACS
	kvs_figures
	kvs_more
	system_down kvs-xdp
}

# --- Open vSwitch

# one connection for all: a call of ovs-appctl takes 10 ms
ovs_stations() {
	local n mac
	for ((n = 0; n < MACS; n++)); do
		station $n
		echo "{\"method\": \"fdb/add\", \"params\": [\"br0\", \"p$((n % PORTS + 1))\", \"0\", \"$mac\"], \"id\": $n}"
	done | timeout 20 socat -t 5 - "UNIX:$T/$1/ovs/ctl" > /dev/null
	[ "$(system "$1" appctl fdb/stats-show br0 | awk '/static/ { print $NF }')" = $MACS ] || fail "$1 does not know all stations"
}

# huge_kb: in use, but those of the VMs
huge_kb() {
	local vms
	vms=$(rollup_kb "$TESTPMD" Private_Hugetlb Shared_Hugetlb)
	awk -v vms="$vms" '/HugePages_Total/ { n += $2 } /HugePages_Free/ { n -= $2 } /Hugepagesize/ { kb = $2 }
		END { print n * kb - vms }' /proc/meminfo
}

ovs_round() {
	local name=$1 huge rss vswitchd ovsdb
	switch_up "$1" $(seq -f 'p%.0f' $PORTS)
	testpmd_up "$1" $PORTS 4096
	ovs_stations "$1"
	vswitchd=$(pid_of "$1" vswitchd) ovsdb=$(pid_of "$1" ovsdb)
	huge=$(huge_kb)
	rss=$(($(resident_kb "$vswitchd") + $(resident_kb "$ovsdb")))
	[ "$1" = ovs-dpdk-least ] || name=ovs-dpdk
	record $name "$CASE" memory MB "$(mb "$huge + $rss")"
	record $name "$CASE" "huge pages" MB "$(mb "$huge")"
	record $name "$CASE" RSS MB "$(mb "$rss")"
	record $name "$CASE" private MB "$(mb "$(rollup_kb "$vswitchd" Private_Dirty) + \
		$(rollup_kb "$ovsdb" Private_Dirty)")"
	testpmd_down
	system_down "$1"
}

round() {
	local system
	kvs_round
	for system in $OVS; do
		ovs_round "$system"
	done
}

finish() {
	local system
	trap - EXIT
	testpmd_down
	for system in $OVS; do
		[ ! -d "$T/$system" ] || system "$system" down
	done
}

trap finish EXIT
trap 'exit 130' INT TERM
rounds "${1:-2}" round
