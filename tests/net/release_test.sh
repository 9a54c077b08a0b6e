#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# release_test.sh: what KVS leaves behind, which is nothing.
. "$(dirname "$0")/lib.sh"

# state: all that KVS may change, without what changes by itself
state() {
	local ns dev
	for ns in '' h1 h2 h3; do
		ip ${ns:+-n $ns} -d link show | sed 's/_timer *[0-9.]*//g'
	done
	tc qdisc show
	for dev in h1 h2 h3 br0; do
		tc filter show dev $dev ingress 2>&1
		tc filter show dev $dev egress 2>&1
		ethtool -k $dev
		hooks $dev
	done
	for ns in h1 h2 h3; do
		on $ns ethtool -k eth0
	done
	find "$T/bpf"
}

before() {
	state > "$T/state.$1"
}

# after NAME: the same as before NAME
after() {
	state > "$T/state.now"
	diff "$T/state.$1" "$T/state.now"
}

# pinned prog|map|link: ids of what is pinned
pinned() {
	find "$T/bpf/kvs" -type f | while read -r pin; do
		bpftool -j "$1" show pinned "$pin" 2>/dev/null | jq .id || true
	done
}

# remember: ids of what KVS loaded, pinned or only attached
remember() {
	local kind dev
	for kind in prog map link; do
		pinned "$kind" > "$T/ids.$kind"
	done
	for dev in h1 h2 h3; do
		hooks "$dev" | sed 's/.* //' >> "$T/ids.prog"
	done
	is "programs in use" "$(wc -l < "$T/ids.prog")" -gt 0
	is "maps in use" "$(wc -l < "$T/ids.map")" -gt 0
}

exists() {
	bpftool "$1" show id "$2"
}

none_exists() {
	local kind id
	for kind in prog map link; do
		while read -r id; do
			until_ok 5 no exists "$kind" "$id"
		done < "$T/ids.$kind"
	done
}

works() {
	listen h2 h3
	send h1 h2 --count 100 --id "$1"
	hush h2 h3
	is "frames at h2" "$(heard h2 "$1")" -eq 100
	is "frames at h3" "$(heard h3 "$1")" -eq 0
}

in_use() {
	set_path "$1" h1 h2 h3
	learn h1 h2 h3
	mark
	works 1
	took h1 "fast_$1" 100
	remember
	no after "$1"
}

release_under_flood() {
	local allowed=$VETH_LOSS
	[ "$1" != tc ] || allowed=0
	set_path "$1" h1 h2 h3
	learn h1 h2 h3
	listen h2
	flood_start h1 h2 --rate $((5000 / SCALE)) --id 3
	sleep 0.5
	kvs release br0
	sleep 0.5
	flood_stop
	hush h2
	is "frames lost of $(cat "$T/flood")" $(($(cat "$T/flood") - $(heard h2 3))) -le "$allowed"
}

leave_bridge() {
	ip link set h1 nomaster
	until_ok 2 has_no_hooks h1
	ip link set h1 master br0
	until_ok 2 no has_no_hooks h1
}

delete_bridge() {
	local dev
	ip link del br0
	for dev in h1 h2 h3; do
		until_ok 2 has_no_hooks "$dev"
	done
}

# the last one: nothing that kvsd loaded outlives it
end() {
	bridge_add br0
	join h1 br0
	kvs switch adopt br0
	remember
	kvs release --all
	kvsd_stop
	none_exists
	is "pins" "$(find "$T/bpf" -mindepth 1 ! -name '*.debug')" = '' # those are the kernel's
}

bridge_add br0
for host in h1 h2 h3; do
	host_add $host br0
done
on h3 ethtool -K eth0 gro on
hello h1 h2 h3
kvsd_start
for path in tc xdp; do
	before $path
	kvs switch adopt br0
	t "$path: in use" in_use $path
	t "$path: release" kvs release br0
	t "$path: nothing is changed" after $path
	t "$path: the bridge works on" works 2
done
kvs switch adopt br0
set_path xdp h1
t "release --all" kvs release --all
t "release --all: nothing is changed" after tc
t "releasing what is not adopted is refused" refused 1 br0 kvs release br0
qdisc_before h1 h2 h3
for path in tc xdp; do
	kvs switch adopt br0
	t "$path: release under a flood loses nothing" release_under_flood $path
done
qdisc_after h1 h2 h3
kvs switch adopt br0
t "a port that leaves its bridge is released" leave_bridge
t "the ports of a deleted bridge are released" delete_bridge
t "after release and SIGTERM no program, map, link or pin is left" end
done_testing
