#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# stp_test.sh: the kernel's spanning tree on switches in a loop: blocked ports, failover, topology changes.
#
#   h1 ── br0 ══ u1, u2 ═══ d1, d2 ══ br1 ── h2     br0 is the root; d2 is blocked, its link costs more
#
# Three of these get the same at the same time: h1, h2 on tc; h11, h12 on XDP (br10, u11...); h21, h22 plain bridges. How
# long the tree takes is up to the kernel's timers: the test waits for states, and asks for what must hold in them.
. "$(dirname "$0")/lib.sh"

LOOPS=(0 10 20) # the last one without KVS
N=100           # frames
AGEING=30000    # 1/100 s: nothing ages in this time but by a topology change

state() {
	cat "/sys/class/net/$1/brport/state"
}

# state_is STATE IF...: 0 disabled, 1 listening, 2 learning, 3 forwarding, 4 blocking
state_is() {
	local wanted=$1 name now
	shift
	for name; do
		now=$(state "$name")
		[ "$now" = "$wanted" ] || { echo "$name is in state $now, not $wanted" && return 1; }
	done
}

# each PREFIX: that device of all three
each() {
	local i
	for i in "${LOOPS[@]}"; do
		echo "${1%%[0-9]*}$((i + ${1##*[a-z]}))"
	done
}

# all_are STATE PREFIX...: of all three, and kvsd knows
all_are() {
	local wanted=$1 name
	shift
	for name; do
		# shellcheck disable=SC2046 # several names
		state_is "$wanted" $(each "$name") || return
	done
	for name; do
		kvs_sees "$wanted" "$name" || return
	done
}

# kvs_sees STATE PREFIX
kvs_sees() {
	local names=(disabled listening learning forwarding blocking)
	port_is "$2" state "${names[$1]}" && port_is "$(each "$2" | sed -n 2p)" state "${names[$1]}"
}

loop_add() {
	local i=$1 br
	for br in br$i br$((i + 1)); do
		bridge_add "$br" forward_delay 200 hello_time 100 max_age 2000 ageing_time $AGEING
	done
	ip link set br$i type bridge stp_state 1 priority 4096
	ip link set br$((i + 1)) type bridge stp_state 1
	host_netns h$((i + 1))
	host_netns h$((i + 2))
	port_add u$((i + 1)) d$((i + 1)) $i
	port_add u$((i + 2)) d$((i + 2)) $i
	ip link set d$((i + 2)) type bridge_slave cost 100
	for h in 1 2; do
		ip link add h$((i + h)) type veth peer name eth0 netns h$((i + h))
		host_eth h$((i + h))
		mute h$((i + h))
		ip link set h$((i + h)) master br$((i + h - 1)) up
	done
}

# port_add U D I: a link between the two bridges
port_add() {
	ip link add "$1" type veth peer name "$2"
	ip link set "$1" master br"$3" up
	ip link set "$2" master br$(($3 + 1)) up
}

tree_is_there() {
	until_ok 60 all_are 3 u1 u2 d1 h1 h2
	until_ok 60 all_are 4 d2
}

# say FROM TO [OPTION...]: the hosts of all three
say() {
	local i from=$1 to=$2
	shift 2
	for i in "${LOOPS[@]}"; do
		send h$((i + from)) h$((i + to)) "$@" > /dev/null
	done
}

# are_known D U LINK: the stations are on the fast path of all four switches, by that link
are_known() {
	local i
	for i in "${LOOPS[@]}"; do
		hello h$((i + 1)) h$((i + 2))
	done
	for i in 0 10; do
		is_known "$(mac h$((i + 1)))" h$((i + 1)) && is_known "$(mac h$((i + 2)))" h$((i + 2)) &&
			is_known "$(mac h$((i + 1)))" "$1$((i + $3))" && is_known "$(mac h$((i + 2)))" "$2$((i + $3))" || return
	done
}

# passes LINK: frames go over this link once and, unless stations have just been forgotten, fast
passes() {
	local try
	for try in 1 2 3 4 5; do
		until_ok 30 are_known d u "$1"
		mark
		comes_once "$1"
		! is_fast "$1" || return 0
	done
	fail "frames were not fast in $try tries"
}

# comes_once ID
comes_once() {
	local i
	# shellcheck disable=SC2046 # several names
	listen $(each h2)
	say 1 2 --count $N --id "$1"
	# shellcheck disable=SC2046
	hush $(each h2)
	for i in "${LOOPS[@]}"; do
		is "frames at h$((i + 2))" "$(heard h$((i + 2)) "$1")" -eq $N
		is "duplicates at h$((i + 2))" "$(heard h$((i + 2)) "$1" duplicates)" -eq 0
	done
}

# is_fast LINK
is_fast() {
	local name
	for name in h1 "d$1"; do
		echo "$name: $(rose "$name" fast_tc) fast; $(each "$name" | sed -n 2p): $(rose "$(each "$name" | sed -n 2p)" fast_xdp)"
		[ "$(rose "$name" fast_tc)" -ge $((N / 2)) ] || return
		[ "$(rose "$(each "$name" | sed -n 2p)" fast_xdp)" -ge $((N / 2)) ] || return
	done
}

# a broadcast comes once: the loop is cut
no_storm() {
	local i
	# shellcheck disable=SC2046
	listen $(each h2)
	for i in "${LOOPS[@]}"; do
		send h$((i + 1)) ff:ff:ff:ff:ff:ff --count 10 --id 7 > /dev/null
	done
	# shellcheck disable=SC2046
	hush $(each h2)
	for i in "${LOOPS[@]}"; do
		is "broadcasts at h$((i + 2))" "$(heard h$((i + 2)) 7)" -eq 10
	done
}

# what comes by a blocked port goes nowhere, though the fast path knows where the station is
blocked_takes_nothing() {
	local i
	# shellcheck disable=SC2046
	until_ok 30 are_known d u 1
	# shellcheck disable=SC2046
	listen $(each h2)
	for i in "${LOOPS[@]}"; do
		"$FRAMES" send u$((i + 2)) --src "$(mac h$((i + 1)))" --dst "$(mac h$((i + 2)))" --proto udp --count $N --id 8 > /dev/null
	done
	say 1 2 --id 9 # which comes, and so the others would have
	# shellcheck disable=SC2046
	hush $(each h2)
	for i in "${LOOPS[@]}"; do
		is "frames at h$((i + 2)) from the blocked port" "$(heard h$((i + 2)) 8)" -eq 0
		is "other frames at h$((i + 2))" "$(heard h$((i + 2)) 9)" -gt 0
	done
}

# what is for a station behind a blocked port goes nowhere
blocked_sends_nothing() {
	local i
	for i in "${LOOPS[@]}"; do
		bridge fdb add 02:00:00:00:00:77 dev d$((i + 2)) master static
	done
	until_ok 10 is_known 02:00:00:00:00:77 d2
	until_ok 10 is_known 02:00:00:00:00:77 d12
	for i in "${LOOPS[@]}"; do
		"$FRAMES" recv u$((i + 2)) > "$T/u$((i + 2)).heard" &
		echo $! > "$T/u$((i + 2)).heard.pid"
	done
	until_ok 10 watched
	for i in "${LOOPS[@]}"; do
		send h$((i + 2)) 02:00:00:00:00:77 --count $N --id 10 > /dev/null
		"$FRAMES" send d$((i + 2)) --src "$(mac h1)" --dst 02:00:00:00:00:77 --id 14 > /dev/null # by the device itself
	done
	sleep 0.2
	for i in "${LOOPS[@]}"; do
		stop "u$((i + 2)).heard"
		is "frames that left d$((i + 2))" "$(heard u$((i + 2)) 10)" -eq 0
		is "frames that would have been seen" "$(heard u$((i + 2)) 14)" -gt 0
	done
}

# watched: the three packet sockets are there
watched() {
	[ "$(awk '$4 == "0003" { n++ } END { print n + 0 }' /proc/net/packet)" -ge 3 ]
}

fail_over() {
	local i
	for i in "${LOOPS[@]}"; do
		ip link set u$((i + 1)) down
	done
	until_ok 60 all_are 3 d2
	passes 2
}

# is_past STATE: the ports of all h2 are in that state, or one is beyond it
is_past() {
	local name
	# shellcheck disable=SC2046 # several names
	state_is "$1" $(each h2) && return
	for name in $(each h2); do
		! state_is 3 "$name" || return 0
	done
	return 1
}

# try_state STATE: the ports of all h2 come up, and frames are sent in that state; 1 if it was over too soon
try_state() {
	local name
	for name in $(each h2); do
		ip link set "$name" down
	done
	for name in $(each h2); do
		ip link set "$name" up
	done
	until_ok 30 is_past "$1"
	say 2 1 --id $((10 + $1))
	say 1 2 --id $((20 + $1))
	# shellcheck disable=SC2046
	state_is "$1" $(each h2)
}

# on_the_way STATE: no frame passes a port in that state; where a busy machine misses it, again
on_the_way() {
	local i try
	until_ok 30 are_known d u 1
	for try in 1 2 3 4 5 6 7 8; do
		# shellcheck disable=SC2046
		listen $(each h1) $(each h2)
		if try_state "$1"; then
			# shellcheck disable=SC2046
			hush $(each h1) $(each h2)
			break
		fi
		# shellcheck disable=SC2046
		hush $(each h1) $(each h2)
		until_ok 60 all_are 3 h2
		[ "$try" -lt 8 ] || fail "the state was always over too soon"
	done
	for i in "${LOOPS[@]}"; do
		is "frames of h$((i + 2))" "$(heard h$((i + 1)) $((10 + $1)))" -eq 0
		is "frames to h$((i + 2))" "$(heard h$((i + 2)) $((20 + $1)))" -eq 0
	done
	until_ok 60 all_are 3 h2
}

# flushed: h1's frames come again, by the other link. The kernel looks for what is too old when the ageing time is set.
flushed() {
	local i
	for i in "${LOOPS[@]}"; do
		ip link set br$i type bridge ageing_time $AGEING
	done
	# shellcheck disable=SC2046
	listen $(each h2)
	say 1 2 --count 20 --id 30
	# shellcheck disable=SC2046
	hush $(each h2)
	for i in "${LOOPS[@]}"; do
		[ "$(heard h$((i + 2)) 30)" -gt 0 ] || return
	done
}

# d1 is now the dear one: the tree changes without a link going down. h1 goes on sending, h2 is silent: br0 has to forget
# where h2 was, for that link is blocked now.
change_topology() {
	local i
	tree_is_there
	passes 1
	for i in "${LOOPS[@]}"; do
		ip link set d$((i + 1)) type bridge_slave cost 200
	done
	until_ok 60 all_are 3 d2
	until_ok 60 all_are 4 d1
	until_ok 60 flushed
	passes 2
}

for i in "${LOOPS[@]}"; do
	loop_add "$i"
done
kvsd_start --adopt br0 --adopt br1 --adopt br10 --adopt br11
set_path tc h1 h2 u1 u2 d1 d2
set_path xdp h11 h12 u11 u12 d11 d12
t "the loop is cut, at the same port with and without KVS" tree_is_there
t "frames take the open link, once and fast" passes 1
t "a broadcast comes once" no_storm
t "what a blocked port receives goes nowhere" blocked_takes_nothing
t "what is for a blocked port goes nowhere" blocked_sends_nothing
t "no frame passes a port that listens" on_the_way 1
t "no frame passes a port that learns" on_the_way 2
t "a link fails: the blocked port takes over" fail_over
for i in "${LOOPS[@]}"; do
	ip link set u$((i + 1)) up
done
t "a topology change: stations are found anew" change_topology
done_testing
