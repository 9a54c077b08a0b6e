#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# dpdk.sh [ROUNDS]: KVS's XDP beside Open vSwitch in userspace, at its best: with DPDK and VMs, and at the endpoints of KVS.
# expects 90
#
# VMs are two ports of testpmd (testpmd.sh) on the first core, the PMD thread has the last one. A thread that polls takes all of its core, so those not measured are stopped.
. "$(dirname "$0")/lib.sh"
. "$ROOT/bench/testpmd.sh"
VHOST=ovs-dpdk-vhost
VETH="ovs-dpdk-afxdp ovs-dpdk-afpacket ovs-user-afxdp ovs-user"
HOLD=0.3 # seconds from the start of frames on, for caches and flow tables

# --- VMs

vhost_up() {
	mkdir -p "$T/$VHOST/bpf"
	mount -t bpf bpf "$T/$VHOST/bpf"
	ip netns add "$VHOST.sw"
	system $VHOST up p1 p2
	testpmd_up $VHOST 2 16384
	testpmd_say 'start tx_first 1' # the switch learns both
	sleep 1
	testpmd_say stop
	testpmd_say "start tx_first 8"
	sleep 0.5
	vhost_pause
}

vhost_pause() {
	kill -STOP "$TESTPMD"
	system $VHOST pause
}

vhost_resume() {
	system $VHOST resume
	kill -CONT "$TESTPMD"
	sleep $HOLD
}

# --- rounds

# switching SYSTEM MPPS WIRE: what it takes more than the endpoints wired directly
switching() {
	record "$1" "64 B, switching alone" "time per frame" ns "$(jq -n "(1e3 / $2 - 1e3 / $3) * 10 | round / 10")"
}

# sent SYSTEM CASE FLOW...: sets $rate; a flow is "FROM TO CPU"
sent() {
	local system=$1 case=$2 hosts=() f
	shift 2
	for f; do
		flow "$system" $f --size 64
		hosts+=("$(cut -d ' ' -f 2 <<< "$f")")
	done
	sleep $HOLD
	rate=$(delivered "$system" "${hosts[@]}" | mpps)
	flows_stop
	record "$system" "$case" rate Mpps "$rate"
}

# bare is what no switch made of XDP can exceed
xdp_round() {
	local rate wire system
	sent wire "64 B, veth, one core" "1 2 $CPU0"
	wire=$rate
	for system in bare kvs-xdp; do
		sent $system "64 B, veth, one core" "1 2 $CPU0"
		switching $system "$rate" "$wire"
		sent $system "64 B, veth, two cores" "1 2 $CPU0" "2 1 $CPU1"
	done
}

vhost_round() {
	local perf
	vhost_resume
	perf=$(system $VHOST perf "$WINDOW")
	vhost_pause
	record $VHOST "64 B, VMs, two cores" rate Mpps "$(mpps <<< "$perf")"
	record $VHOST "64 B, switching alone" "time per frame" ns "$(jq .ns <<< "$perf")"
}

# with two cores the PMD thread has one for itself, and one way is as fast as both; without one, the main thread does it all
veth_round() {
	local rate
	system "$1" resume
	system "$1" pmd_cpu $CPU0
	sent "$1" "64 B, veth, one core" "1 2 $CPU0"
	system "$1" pmd_cpu $CPU1
	sent "$1" "64 B, veth, two cores" "1 2 $CPU0"
	system "$1" pause
}

round() {
	local system
	xdp_round
	vhost_round
	for system in $VETH; do
		veth_round "$system"
	done
}

finish() {
	local system
	trap - EXIT
	testpmd_down
	for system in $VHOST $VETH; do
		[ ! -d "$T/$system" ] || system "$system" down
	done
}

trap finish EXIT
trap 'exit 130' INT TERM
for s in wire bare kvs-xdp; do
	system_up "$s"
done
vhost_up
for s in $VETH; do
	system_up "$s"
	system "$s" pause
done
rounds "${1:-$ROUNDS}" round
