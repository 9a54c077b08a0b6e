#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vxlan_test.sh: a switch over two machines, which are namespaces here, each with a kvsd of its own.
#
#   h1 ── br0 ── vx0 (a) ──── underlay 203.0.113.0/24 ──── (b) vx0 ── br0 ── h2, h3
. "$(dirname "$0")/lib.sh"

# at MACHINE COMMAND...: in its namespace; kvs is that machine's
at() {
	local machine=$1
	shift
	case $1 in
	kvs) shift && "$ROOT/build/kvs" --run-dir "$T/run.$machine" "$@" ;;
	*) on $machine "$@" ;;
	esac
}

# machine NAME N
machine() {
	ip netns add $1
	ip -n $1 link set lo up
	at $1 sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6'
	ip link set u$1 netns $1
	ip -n $1 link set u$1 up
	ip -n $1 address add 203.0.113.$2/24 dev u$1
	ip -n $1 link add br0 type bridge
	ip -n $1 link set br0 up
	ip -n $1 link add vx0 type vxlan id 42 local 203.0.113.$2 remote 203.0.113.$((3 - $2)) dstport 4789
	ip -n $1 link set vx0 master br0 up
}

# host HOST MACHINE
host() {
	host_netns $1
	ip link add $1 type veth peer name eth0 netns $1
	ip -n $1 link set eth0 mtu 1450
	host_eth $1
	ip link set $1 netns $2
	ip -n $2 link set $1 master br0 up
}

machine_kvsd() {
	on $1 "$ROOT/build/kvsd" --run-dir "$T/run.$1" --pin-dir "$T/bpf/$1" --adopt br0 >> "$T/kvsd.log" 2>&1 &
	echo $! > "$T/kvsd.$1.pid"
	until_ok 20 at $1 kvs status
}

# count MACHINE IF FIELD
count() {
	at $1 kvs stats --json | jq --arg name $2 ".ports[] | select(.name == \$name) | .$3"
}

known_at() {
	at $1 kvs fdb show --json | jq -e --arg mac $2 --arg port $3 \
		'any(.fdb[]; .mac == $mac and .port == $port and .fast)'
}

learned() {
	hello h1 h2 h3
	known_at a "$(mac h1)" h1 && known_at a "$(mac h2)" vx0 && known_at a "$(mac h3)" vx0
	known_at b "$(mac h1)" vx0 && known_at b "$(mac h2)" h2 && known_at b "$(mac h3)" h3
}

# crosses PATH OF h1: into the tunnel at a, out of it at b, each on the fast path
crosses() {
	local before_a before_b
	until_ok 10 learned
	before_a=$(count a h1 $1)
	before_b=$(count b vx0 fast_tc)
	listen h2 h3
	send h1 h2 --count 500 --rate 5000 --id 1
	hush h2 h3
	is "frames at h2" "$(heard h2 1)" -eq 500
	is "frames at h3" "$(heard h3 1)" -eq 0
	is "bad checksums at h2" "$(heard h2 1 csum_bad)" -eq 0
	is "fast frames of h1 at a" $(($(count a h1 $1) - before_a)) -ge 495
	is "fast frames of vx0 at b" $(($(count b vx0 fast_tc) - before_b)) -ge 495
}

ping_over() {
	until_ok 10 on h1 ping -q -c 1 -W 1 "$(ip4 h2)"
	on h1 ping -q -c 100 -i 0.01 "$(ip4 h2)"
	on h1 ping -q -c 100 -i 0.01 -s 1422 "$(ip4 h2)" # the MTU
}

tcp_over() {
	iperf h1 h2 -t 2 > "$T/iperf"
	echo "note: $(jq '.end.sum_received.bits_per_second / 1e9' "$T/iperf") Gb/s"
	is "Mb/s" "$(jq '.end.sum_received.bits_per_second / 1e6 | floor' "$T/iperf")" -ge 10
}

# longer than the tunnel takes: a bridge drops them too
too_long() {
	listen h2
	ip -n h1 link set eth0 mtu 1500
	send h1 h2 --count 50 --id 2 --len 1514
	send h1 h2 --count 50 --id 3 --len 1464
	ip -n h1 link set eth0 mtu 1450
	hush h2
	is "frames of 1514 bytes at h2" "$(heard h2 2)" -eq 0
	is "frames of 1464 bytes at h2" "$(heard h2 3)" -eq 50
}

# shout HOST: a broadcast of the station that moves; none else has its MAC, which would take it back
STATION=02:00:00:00:00:55
shout() {
	on $1 "$FRAMES" send eth0 --src $STATION --dst ff:ff:ff:ff:ff:ff
}

# the driver throws a frame or two away while kvsd switches GRO on at the veth's other end
gro_is_on() {
	at a kvs port show --json | jq -e '.ports[] | select(.name == "h4") | .peer_gro == "kvs"'
}

# it moves from b to a: not through the tunnel any more
moves() {
	host h4 a
	until_ok 10 gro_is_on
	shout h2
	until_ok 10 known_at a $STATION vx0
	shout h4
	listen h2 h4
	send h1 $STATION --count 100 --rate 1000 --id 4
	hush h2 h4
	is "frames at h2" "$(heard h2 4)" -eq 0
	is "frames at h4" "$(heard h4 4)" -eq 100
}

ip link add ua type veth peer name ub
machine a 1
machine b 2
host h1 a
host h2 b
host h3 b
machine_kvsd a
machine_kvsd b
t "frames cross the tunnel on tc" crosses fast_tc
t "ping" ping_over
t "TCP" tcp_over
t "frames the tunnel is too small for" too_long
at a kvs port set h1 --path xdp
t "a port on XDP hands on what goes into the tunnel" crosses fast_tc
t "TCP from there" tcp_over
t "a station moves from the other machine to this one" moves
done_testing
