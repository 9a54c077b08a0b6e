#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# auto_test.sh: path auto goes to XDP for many small frames, and back to tc. Its limits are set low, so that slow machines
# reach them. h11, h12 and h21 are VMs, h1 and h2 veths. left and right are a cable between two switches:
#
#   h11, h12, h1, h2 ── br0 ── left ═══ right ── br1 ── h21      What br0 sends out of left by XDP comes in at right so.
. "$(dirname "$0")/lib.sh"

# auto RATE SMALL LARGE STAY: of kvs.yaml
auto() {
	printf 'switches: [{name: br0}, {name: br1}]\nauto: {rate: %s, small: %s, large: %s, stay: %s}\n' "$@" > "$T/kvs.yaml"
}

changes_are() {
	port_is "$1" path_changes "$2"
}

changes() {
	port "$1" path_changes
}

# says IF PATTERN: path_reason
says() {
	port "$1" path_reason | grep -E "$2"
}

# logged IF PATH
logged() {
	grep -F "$1: path $2 now: " "$T/kvsd.log"
}

# small FROM TO: many small frames until flood_stop
small() {
	flood_start "$1" "$2" --rate $((4000 / SCALE)) --id "${3:-1}"
}

# large FROM TO: until flood_stop
large() {
	flood_start "$1" "$2" --rate $((500 / SCALE)) --len 1400 --id "${3:-2}"
}

starts_on_tc() {
	local name
	for name in h1 h11 right; do
		port_is $name path auto
		port_is $name path_now tc
		port_is $name path_reason ''
		changes_are $name 0
	done
}

# one change is counted, explained and logged
small_to_xdp() {
	small h11 h12
	until_ok 30 port_is h11 path_now xdp
	changes_are h11 1
	says h11 '^small frames: [0-9]+k?/s, [0-9]+ B$'
	logged h11 xdp
	mark
	sleep 1
	is "frames by XDP" "$(rose h11 fast_xdp)" -ge 100
	flood_stop
	[ "$(query stats '.ports[] | select(.name == "h11") | .path_reason')" = "$(port h11 path_reason)" ]
}

large_to_tc() {
	large h11 h12
	until_ok 30 port_is h11 path_now tc
	changes_are h11 2
	says h11 '^large frames: '
	logged h11 tc
	flood_stop
}

# frames sent while it changes, both ways, all arrive
nothing_is_lost() {
	local before sent=0
	before=$(changes h11)
	listen h12
	small h11 h12 7
	until_ok 30 port_is h11 path_now xdp
	sent=$(flood_stop)
	large h11 h12 7
	until_ok 30 port_is h11 path_now tc
	sent=$((sent + $(flood_stop)))
	hush h12
	is "changes" "$(changes h11)" -eq $((before + 2))
	is "frames at h12" "$(heard h12 7)" -eq "$sent"
}

# slow_stream FROM TO: of 2 Mb/s, which is little beside the small frames
slow_stream() {
	serve $2
	spawn tcp $1 iperf3 -J -c "$(ip4 $2)" -b 2M -l 4K -t 600
	until_ok 5 has_stream $2
}

# tcp_goes_on FROM TO: h11 changes twice; it is one of the two
tcp_goes_on() {
	local before
	before=$(changes h11)
	slow_stream $1 $2
	small h11 h1
	until_ok 30 port_is h11 path_now xdp
	flood_stop
	large h11 h1
	until_ok 30 port_is h11 path_now tc
	flood_stop
	tcp_stop
	is "changes" "$(changes h11)" -eq $((before + 2))
}

# bulk_to_tc FROM TO: as fast as it goes; what the port that only acknowledges has must not change
bulk_to_tc() {
	local before
	small $1 $2
	until_ok 30 port_is $1 path_now xdp
	flood_stop
	before=$(changes $1)
	serve $2
	spawn bulk $1 iperf3 -J -c "$(ip4 $2)" -t 600
	until_ok 60 port_is $1 path_now tc
	stop bulk INT
	is "changes" "$(changes $1)" -eq $((before + 1))
	says $1 '^large frames: '
	jq -e 'all(.intervals[:-1][].sum; .bytes > 0)' "$T/bulk"
}

# What a socket sends into a veth is in a packet buffer: XDP would copy it
veth_of_sockets_stays() {
	small h1 h2
	until_ok 30 says h1 'not sent by XDP at the other end'
	sleep 3
	flood_stop
	port_is h1 path_now tc
	changes_are h1 0
}

# br0 sends by XDP into the cable: then right has XDP frames, and the other end's statistics say so
cable_follows() {
	set_path xdp h11
	learn_over_cable
	mark
	small h11 h21
	until_ok 30 port_is right path_now xdp
	says right '^small frames: '
	mark
	sleep 1
	is "frames by XDP" "$(rose right fast_xdp)" -ge 100
	flood_stop
	large h11 h21
	until_ok 30 port_is right path_now tc
	flood_stop
	kvs port set h11 --path auto
	until_ok 5 port_is h11 path_now tc
}

learn_over_cable() {
	hello h11 h21
	until_ok 5 is_known "$(mac h21)" left
	until_ok 5 is_known "$(mac h11)" right
}

# the limits are the configured ones, and a reload is enough
limits_hold() {
	local before
	before=$(changes h11)
	auto 100000000 200 500 1
	kvs reload
	small h11 h12
	sleep 4
	port_is h11 path_now tc
	is "changes" "$(changes h11)" -eq "$before"
	auto $RATE 200 500 1
	kvs reload
	until_ok 30 port_is h11 path_now xdp
	flood_stop
}

# right on the limit of `rate`: it may go to XDP, and then stays
no_flapping() {
	local before
	before=$(changes h11)
	flood_start h11 h12 --rate $RATE --len 200 --id 3
	sleep 10
	flood_stop
	is "changes" "$(changes h11)" -le $((before + 1))
}

# with a stay of minutes, the second change does not come
stays() {
	local before
	auto $RATE 200 500 600
	kvs reload
	small h11 h12
	until_ok 30 port_is h11 path_now xdp
	flood_stop
	before=$(changes h11)
	large h11 h12
	sleep 4
	flood_stop
	port_is h11 path_now xdp
	is "changes" "$(changes h11)" -eq "$before"
}

# a new kvsd keeps what is attached: the same link, and no frame lost
restart_keeps() {
	local link sent
	link=$(hooks h11 | grep ^xdp)
	learn h11 h12
	listen h12
	small h11 h12 9
	kvsd_stop
	kvsd_start --config "$T/kvs.yaml"
	port_is h11 path auto
	port_is h11 path_now xdp
	sleep 2
	port_is h11 path_now xdp
	sent=$(flood_stop)
	hush h12
	[ -n "$link" ] && hooks h11 | grep -q ^xdp
	is "frames at h12" "$(heard h12 9)" -eq "$sent"
}

tc_is_tc() {
	set_path tc h11
	no grep -q ^xdp <(hooks h11)
	port_is h11 path_reason ''
	small h11 h12
	sleep 4
	flood_stop
	port_is h11 path_now tc
	kvs port set h11 --path auto
	until_ok 5 port_is h11 path_now tc
	changes_are h11 0
}

RATE=$((400 / SCALE))
auto $RATE 200 500 1
kvsd_start --config "$T/kvs.yaml"
until_ok 5 ip link show br1
ip link add left type veth peer name right
ip link set right up
join left br0
join right br1
host_add h1 br0
host_add h2 br0
vm_add h11 br0
vm_add h12 br0
vm_add h21 br1
learn h1 h2 h11 h12 h21
t "it starts on tc" starts_on_tc
t "VM: many small frames bring XDP" small_to_xdp
t "VM: large frames bring tc back" large_to_tc
t "VM: no frame is lost on the way" nothing_is_lost
t "VM: a TCP stream from it goes on" tcp_goes_on h11 h12
t "VM: a TCP stream to it goes on" tcp_goes_on h12 h11
t "VM: a TCP stream at full speed brings tc back" bulk_to_tc h11 h12
t "veth: what sockets send stays on tc" veth_of_sockets_stays
t "veth: what comes by XDP goes on by XDP" cable_follows
t "the limits are those of the configuration" limits_hold
t "a load at the limit does not flap" no_flapping
t "explicit tc is tc" tc_is_tc
t "a port stays as long as configured" stays
t "a restart keeps XDP, and loses no frame" restart_keeps
done_testing
