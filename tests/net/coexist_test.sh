#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# coexist_test.sh: other tools' filters and programs on the ports keep working, and KVS's hook survives them.
#
# The foreign programs count every frame and drop the stream with id 99.
. "$(dirname "$0")/lib.sh"

FOREIGN=$ROOT/build/obj/tests/tools/foreign.bpf.o

# foreign IF: how many frames the foreign programs there have seen
foreign() {
	local id map n=0
	for id in $(hooks $1 | sed 's/.* //'); do
		for map in $(bpftool -j prog show id $id | jq 'select(.name | startswith("foreign")) | .map_ids[]'); do
			n=$((n + $(bpftool -j map lookup id $map key 0 0 0 0 | jq .formatted.value)))
		done
	done
	echo $n
}

# obeyed IF: 100 frames from h1 to h2 arrive and are seen by the foreign program on IF; those with id 99 do not arrive
obeyed() {
	local before
	learn h1 h2
	before=$(foreign $1)
	mark
	listen h2
	send h1 h2 --count 100 --id 1
	send h1 h2 --count 100 --id 99
	hush h2
	is "frames at h2" "$(heard h2 1)" -eq 100
	is "frames at h2 that the foreign program drops" "$(heard h2 99)" -eq 0
	is "frames the foreign program saw" $(($(foreign $1) - before)) -ge 200
}

# h1's frames take its path, or kvs says why not
fast_or_why() {
	local path
	path=$(port h1 path)
	[ $path != auto ] || path=tc
	if [ "$(port h1 path_now)" = $path ]; then
		is_on_path $path
	else
		echo "note: $path became $(port h1 path_now): $(port h1 path_reason)"
		[ -n "$(port h1 path_reason)" ]
	fi
}

# tc_filter IF ingress|egress PROGRAM [PREF]
tc_filter() {
	tc filter add dev $1 $2 pref ${4:-10} bpf direct-action object-file "$FOREIGN" section tc/$3
}

existing_filter() {
	kvs release br0
	tc qdisc add dev h1 clsact
	tc_filter h1 ingress $1
	kvs switch adopt br0
	kvs port set h1 --path ${2:-tc}
	obeyed h1
	until_ok 5 fast_or_why
}

later_filter() {
	until_ok 5 fast_again
	tc qdisc add dev h1 clsact 2> /dev/null || true
	tc_filter h1 ingress $1 ${2:-10}
	until_ok 5 obeyed h1
	until_ok 5 fast_or_why
}

filter_goes() {
	tc filter del dev h1 ingress pref ${1:-10}
	until_ok 2 tc qdisc del dev h1 clsact # busy while kvsd looks at it
	until_ok 5 fast_again
}

# fast_again: h1 is on the path it should be
fast_again() {
	learn h1 h2
	mark
	send h1 h2 --count 100
	is "fast frames" $(($(rose h1 fast_tc) + $(rose h1 fast_xdp))) -ge 95
}

egress_filter() {
	tc qdisc add dev h2 clsact 2> /dev/null || true
	tc_filter h2 egress foreign_tc
	kvs port set h1 --path $1
	until_ok 5 obeyed h2
	tc filter del dev h2 egress pref 10
}

released_leaves_filter() {
	tc qdisc add dev h1 clsact 2> /dev/null || true
	tc_filter h1 ingress foreign_tc
	kvs release br0
	obeyed_without_kvs
	tc filter show dev h1 ingress | grep -q foreign_tc
	tc filter del dev h1 ingress pref 10
	tc qdisc del dev h1 clsact
	kvs switch adopt br0
}

obeyed_without_kvs() {
	hello h1 h2
	listen h2
	send h1 h2 --count 100 --id 1
	send h1 h2 --count 100 --id 99
	hush h2
	is "frames at h2" "$(heard h2 1)" -eq 100
	is "frames at h2 that the foreign program drops" "$(heard h2 99)" -eq 0
}

existing_tcx() {
	has_tcx || skip "this kernel has no tcx"
	kvs release br0
	"$TCX" attach h1 "$FOREIGN" $1 &
	echo $! > "$T/tcx.pid"
	trap 'stop tcx' EXIT
	until_ok 5 no has_no_hooks h1
	kvs switch adopt br0
	kvs port set h1 --path $2
	obeyed h1
	until_ok 5 fast_or_why
}

existing_xdp() {
	kvs release br0
	ip link set dev h1 xdpdrv object "$FOREIGN" section xdp
	kvs switch adopt br0
	kvs port set h1 --path xdp
	obeyed h1
	port_is h1 path xdp
	until_ok 5 port_is h1 path_now tc
	[ -n "$(port h1 path_reason)" ]
	until_ok 5 is_on_path tc
	ip -d link show h1 | grep -q foreign_xdp
}

xdp_goes() {
	ip link set dev h1 xdp off
	until_ok 5 port_is h1 path_now xdp
}

later_xdp() {
	set_path tc h1
	ip link set dev h1 xdpdrv object "$FOREIGN" section xdp
	obeyed h1
	is "fast frames" "$(rose h1 fast_tc)" -ge 95
	ip link set dev h1 xdp off
}

# removed COMMAND...: which must fail, or KVS's hook comes back within a second (here: five)
removed() {
	local path
	path=$(port h1 path_now)
	"$@" || echo "note: refused by the kernel: $*"
	until_ok 5 is_on_path $path
}

is_on_path() {
	learn h1 h2
	mark
	send h1 h2 --count 100
	took h1 fast_$1 100
}

bridge_add br0
host_add h1 br0
host_add h2 br0
kvsd_start --adopt br0
t "a filter is there: it sees all, and drops" existing_filter foreign_tc
t "it goes" filter_goes
t "a filter is there that ends the chain" existing_filter foreign_ok
t "it goes" filter_goes
t "a filter comes later" later_filter foreign_tc
t "it goes" filter_goes
t "a filter comes later that ends the chain" later_filter foreign_ok
t "it goes" filter_goes
t "a filter comes later, as the last" later_filter foreign_tc 65000
t "it goes" filter_goes 65000
t "a filter is there, and path is xdp" existing_filter foreign_tc xdp
t "it goes" filter_goes
t "the target has an egress filter: tc" egress_filter tc
t "the target has an egress filter: xdp" egress_filter xdp
kvs port set h1 --path tc
t "release leaves others' filters" released_leaves_filter
t "a tcx program is there" existing_tcx foreign_tc tc
t "a tcx program is there that lets nothing run after it" existing_tcx foreign_ok tc
t "a tcx program is there, and path is xdp" existing_tcx foreign_tc xdp
t "an XDP program is there: it stays, the port is on tc" existing_xdp
t "it goes: KVS takes its place" xdp_goes
t "an XDP program comes later" later_xdp
t "'tc qdisc del clsact' does not take KVS off" removed tc qdisc del dev h1 clsact
set_path xdp h1
t "'ip link set xdp off' neither" removed ip link set dev h1 xdp off
t "'ip link set xdpdrv off' neither" removed ip link set dev h1 xdpdrv off
done_testing
