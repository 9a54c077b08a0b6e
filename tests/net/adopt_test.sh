#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# adopt_test.sh: a running bridge is adopted, ports come and go, events get lost: the fast path is right again.
. "$(dirname "$0")/lib.sh"

# frames FROM TO OTHER: 200 arrive, on tc, and OTHER gets none
frames() {
	mark
	listen $2 $3
	send $1 $2 --count 200 --rate 5000 --id 1
	hush $2 $3
	is "frames at $2" "$(heard $2 1)" -eq 200
	is "frames at $3" "$(heard $3 1)" -eq 0
	took $1 fast_tc 200
}

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

adopt_under_load() {
	local sent
	qdisc_before h1 h2 h3 h4
	listen h2
	flood_start h1 h2 --rate $((20000 / SCALE)) --id 2
	tcp_start h3 h4
	sleep 0.5
	kvs switch adopt br0
	until_ok 5 is_fast h1
	sleep 0.5
	sent=$(flood_stop)
	hush h2
	tcp_stop
	is "frames lost of $sent" $((sent - $(heard h2 2))) -eq 0
	is "duplicates" "$(heard h2 2 duplicates)" -eq 0
	kvs release br0
	qdisc_after h1 h2 h3 h4
	kvs switch adopt br0
	learn h1 h2 h3 h4
}

is_fast() {
	[ "$(query stats '.ports[] | select(.name == $name) | .fast_tc' --arg name $1)" -gt 0 ]
}

# what the bridge knew before it was adopted is known at once: nobody speaks first
known_before() {
	kvs release br0
	hello h1 h2 h3
	kvs switch adopt br0
	until_ok 5 is_known "$(mac h1)" h1
	frames h1 h2 h3
}

port_joins() {
	local start
	host_netns h5
	ip link add h5 type veth peer name eth0 netns h5
	host_eth h5
	ip link set h5 up
	start=$(now_ms)
	ip link set h5 master br0
	until_ok 2 no has_no_hooks h5
	echo "note: hooked $(($(now_ms) - start)) ms after it joined"
	until_ok 5 is_forwarding h5
	learn h1 h5
	frames h1 h5 h2
	frames h5 h1 h2
}

many_join() {
	local i
	for i in $(seq 100 139); do
		echo "link add n$i type veth peer name m$i"
		echo "link set n$i master br0 up"
	done | ip -batch -
	until_ok 5 no has_no_hooks n139
	until_ok 5 ports_are 45
	for i in $(seq 100 139); do
		echo "link del n$i"
	done | ip -batch -
	until_ok 5 ports_are 5
	frames h1 h2 h3
}

ports_are() {
	[ "$(query 'port show' '.ports | length')" -eq "$1" ]
}

port_vanishes() {
	ip link del h5
	until_ok 2 ports_are 4
	mark
	listen h2 h3
	send h1 h5 --count 100 --id 3
	hush h2 h3
	is "frames at h2" "$(heard h2 3)" -eq 100
	is "frames at h3" "$(heard h3 3)" -eq 100
	is "slow frames" "$(rose h1 slow)" -ge 100
	ip netns del h5
}

port_renamed() {
	ip link set h4 down
	ip link set h4 name h4x up
	until_ok 5 port_is h4x state forwarding
	hello h4
	until_ok 5 is_known "$(mac h4)" h4x
	ip link set h4x down
	ip link set h4x name h4 up
	until_ok 5 port_is h4 state forwarding
	learn h1 h4
	frames h1 h4 h2
}

# A stopped kvsd cannot keep up: its socket overflows. What it missed: a port that left, one that came, a station that
# moved, 20000 entries.
events_lost() {
	local pid i
	pid=$(cat "$T/kvsd.pid")
	kill -STOP $pid
	ip link set h4 nomaster
	for i in $(seq 0 19999); do
		printf 'fdb add 06:00:00:00:%02x:%02x dev h3 master static\n' $((i / 256)) $((i % 256))
	done | bridge -batch -
	on h3 "$FRAMES" send eth0 --src "$(mac h2)" --dst ff:ff:ff:ff:ff:ff
	join h4 br0
	kill -CONT $pid
	until_ok 10 is_known 06:00:00:00:4e:1f h3
	until_ok 10 is_known "$(mac h2)" h3
	learn h1 h4
	frames h1 h4 h2
	mark
	listen h2 h3
	send h1 h2 --count 100 --id 4
	hush h2 h3
	is "frames at h3" "$(heard h3 4)" -eq 100
	is "frames at h2" "$(heard h2 4)" -eq 0
	took h1 fast_tc 100
	bridge fdb flush dev h3 master 2> /dev/null || ip link set br0 type bridge fdb_flush
}

# a pattern takes bridges that appear later
pattern() {
	kvsd_stop
	kvsd_start --adopt 'vm*'
	bridge_add vmbr7
	bridge_add other
	until_ok 5 adopted vmbr7
	no adopted other
	ip link del vmbr7
	until_ok 5 no adopted vmbr7
	ip link del other
}

adopted() {
	kvs switch show --json | jq -e --arg name $1 'any(.switches[]; .name == $name and .adopted)'
}

two_bridges() {
	bridge_add br1
	host_add h6 br1
	host_add h7 br1
	kvs switch adopt br1
	learn h6 h7
	# the same MAC in both: h1's, behind h7
	on h7 "$FRAMES" send eth0 --src "$(mac h1)" --dst ff:ff:ff:ff:ff:ff
	until_ok 5 is_known "$(mac h1)" h7
	learn h1 h2
	mark
	listen h1 h7
	send h6 h1 --count 100 --id 5
	send h2 h1 --count 100 --id 6
	hush h1 h7
	is "frames of br1 at h7" "$(heard h7 5)" -eq 100
	is "frames of br1 at h1" "$(heard h1 5)" -eq 0
	is "frames of br0 at h1" "$(heard h1 6)" -eq 100
	is "frames of br0 at h7" "$(heard h7 6)" -eq 0
	took h6 fast_tc 100
	took h2 fast_tc 100
}

made_by_kvs() {
	kvs switch add sw0
	adopted sw0
	ip -d link show sw0 | grep -q 'stp_state 0'
	[ "$(cat /proc/sys/net/ipv6/conf/sw0/disable_ipv6)" = 1 ] ||
		[ "$(cat /proc/sys/net/ipv6/conf/sw0/autoconf)" = 0 ]
	kvs port add h7 sw0 || kvs port del h7 && kvs port add h7 sw0
	until_ok 5 port_is h7 switch sw0
	kvs switch del sw0
	no ip link show sw0
}

bridge_add br0
for host in h1 h2 h3 h4; do
	host_add $host br0
done
hello h1 h2 h3 h4
kvsd_start
t "adopting loses no frame of a flood or a TCP stream" adopt_under_load
t "frames are fast and reach no other" frames h1 h2 h3
t "what the bridge knew is known" known_before
t "a port that joins is fast" port_joins
t "40 ports come and go" many_join
t "a port that vanished: frames are flooded" port_vanishes
t "a port is renamed" port_renamed
t "lost events: everything is read again" events_lost
t "two bridges have the same station" two_bridges
t "kvs makes a switch, and deletes it" made_by_kvs
t "--adopt takes a pattern, for later bridges too" pattern
done_testing
