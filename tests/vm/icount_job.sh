#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# icount_job.sh SYSTEM...: instructions per frame from one host to another. SYSTEM: wire (the hosts are each other's ends),
# bare-xdp, bare-tc (two ports, a program that only redirects), bridge, kvs-tc, kvs-xdp, ovs-kernel; sizes: what KVS loads, instead.
#
# For run.sh --icount, where the clock counts instructions. Prints "SYSTEM LAP INSTRUCTIONS" for each lap of some
# thousand frames: all that is done for a frame, from the source of live.bpf.c to its sink.
#
# While nothing runs, as when a file is read from the host, this clock leaps from timer to timer: so limits and the
# bridge's ageing time are far longer than elsewhere.
for module in veth bridge sch_ingress cls_bpf; do
	modprobe "$module" || exit
done
export KVS_TEST_SCALE=1000
# shellcheck source=tests/net/lib.sh disable=SC1091
. "$(dirname "$0")/../net/lib.sh"

LIVE=$T/bpf/live
FRAMES_SENT=30720 # by live, about

# silent HOST: its eth0 is there; it says nothing of its own
silent() {
	host_eth "$1"
	mute "$1"
	on "$1" bpftool net attach xdp pinned "$LIVE/live_sink" dev eth0
}

# host HOST: with a port that has GRO, without which a veth takes no XDP frames
host() {
	host_netns "$1"
	ip link add "$1" type veth peer name eth0 netns "$1"
	silent "$1"
	ethtool -K "$1" gro on
	ip link set "$1" up
}

# measure SYSTEM [FROM TO]
measure() {
	on "${2-h1}" "$ROOT/build/tests/tools/live" "$LIVE" eth0 "$(mac "${3-h2}")" | awk -v name="$1" '{ print name, NR, $1 }'
}

system_wire() {
	host_netns h3
	host_netns h4
	ip link add eth0 netns h3 type veth peer name eth0 netns h4
	silent h3
	silent h4
	measure wire h3 h4
}

# cross MAP FROM TO
cross() {
	local from to
	from=$(cat "/sys/class/net/$2/ifindex")
	to=$(cat "/sys/class/net/$3/ifindex")
	bpftool map update pinned "$LIVE/$1" key "$from" 0 0 0 value "$to" 0 0 0
}

system_bare-xdp() {
	local port
	cross live_target h1 h2
	for port in h1 h2; do # a veth takes XDP frames where it has XDP itself
		bpftool net attach xdp pinned "$LIVE/live_cross" dev $port
	done
	measure bare-xdp
	for port in h1 h2; do
		bpftool net detach xdp dev $port
	done
}

system_bare-tc() {
	cross live_target_tc h1 h2
	tc qdisc add dev h1 clsact
	tc filter add dev h1 ingress bpf direct-action object-pinned "$LIVE/live_cross_tc"
	measure bare-tc
	tc qdisc del dev h1 clsact
}

bridged() {
	bridge_add br0 ageing_time 30000000
	join h1 br0
	join h2 br0
}

system_bridge() {
	bridged
	hello h1 h2 > /dev/null
	measure bridge
	ip link del br0
}

# all_fast PATH: measured, and no more than a few took the bridge
all_fast() {
	mark
	measure "kvs-$1" > "$T/laps"
	took h1 "fast_$1" "$FRAMES_SENT"
}

# kvs_on PATH
kvs_on() {
	bridged
	kvsd_start --adopt br0
	set_path "$1" h1 h2
	learn h1 h2
	until_ok 1 all_fast "$1"
	cat "$T/laps"
	kvs release --all
	kvsd_stop
	ip link del br0
}

system_kvs-tc() {
	kvs_on tc
}

system_kvs-xdp() {
	kvs_on xdp
}

# sizes of what is loaded while nothing is switched on, as the kernel tells them
system_sizes() {
	build/tests/bpf/load_test 2>&1 | awk '/^# verifier:/ && !/, with/ { print $3, "verified", $4; print $3, "bytes", $7 }'
	bridged
	kvsd_start --adopt br0
	bpftool -j map show | jq -r '.[] | select(.name | test("^kvs_(ports|fdb|vlans|devmap|counters)$")) |
		"\(.name) entry \(.bytes_memlock / .max_entries | ceil)"'
	kvs release --all
	kvsd_stop
	ip link del br0
}

# its kernel module does what is measured; ovs-vswitchd has told it the flow by then
system_ovs-kernel() {
	export OVS_RUNDIR=$T/ovs OVS_DBDIR=$T/ovs OVS_LOGDIR=$T/ovs
	modprobe openvswitch
	mkdir "$T/ovs"
	{
		ovsdb-tool create "$T/ovs/conf.db" /usr/share/openvswitch/vswitch.ovsschema
		ovsdb-server --remote=punix:"$T/ovs/db.sock" --pidfile --detach --log-file "$T/ovs/conf.db"
		ovs-vsctl --no-wait init
		ovs-vswitchd --pidfile --detach --log-file
		ovs-vsctl add-br ovs0 -- add-port ovs0 h1 -- add-port ovs0 h2
		hello h1 h2
		send h1 h2 --count 10
		until_ok 10 has_flow
	} > "$T/ovs/out" 2>&1
	measure ovs-kernel
	ovs-vsctl del-br ovs0
	kill "$(cat "$T/ovs/ovs-vswitchd.pid")" "$(cat "$T/ovs/ovsdb-server.pid")"
}

has_flow() {
	ovs-appctl dpctl/dump-flows | grep -q "dst=$(mac h2)"
}

bpftool prog loadall build/obj/tests/tools/live.bpf.o "$LIVE" pinmaps "$LIVE"
host h1
host h2
for system; do
	"system_$system"
done
trap - EXIT
