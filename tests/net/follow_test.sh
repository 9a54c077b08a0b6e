#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# follow_test.sh: what happens to the bridge happens to the fast path: frames go where a plain bridge sends them.
#
# br0 (hosts h1 to h4) is KVS's, br1 (h11 to h14) a plain bridge. The same is done to both and a stream is sent at
# once: it has to reach the same hosts of both. KVS hears of a change from the kernel, so a few frames may still go
# the old way, but for a station that moved, which the hooks see themselves.
. "$(dirname "$0")/lib.sh"

STREAM=200 # frames, at 400 per second
LATE=100   # of them may come before KVS has followed, on a noisy machine
PATH_NOW=tc

# side 0|1: br, h1 to h4 are those of br0 or br1
side() {
	br=br$1
	h1=h$((10 * $1 + 1)) h2=h$((10 * $1 + 2)) h3=h$((10 * $1 + 3)) h4=h$((10 * $1 + 4))
}

relearn() {
	hello $h1 $h2 $h3 $h4
	[ $br = br1 ] || learn h1 h2 h3 h4
}

# stream CHANGE FROM TO: prints how many frames each host got, and of the last one
stream() {
	local host from=h$((${h1#h} - 1 + $2)) to=h$((${h1#h} - 1 + $3))
	relearn
	listen $h1 $h2 $h3 $h4
	"$1" > "$T/change.$br"
	send "$from" "$to" --count $STREAM --rate 400 --id 7 ${LENGTH:+--len $LENGTH} > "$T/sent.$br"
	hush $h1 $h2 $h3 $h4
	for host in $h1 $h2 $h3 $h4; do
		echo $((${host#h} % 10)) "$(heard $host 7)" $(($(heard $host 7 last) == STREAM - 1))
	done
}

nothing() {
	:
}

# both CHANGE UNDO FROM TO LATE: either side has to do the same
both() {
	local i pids=()
	for i in 0 1; do
		(
			side $i
			stream "$1" "$3" "$4" > "$T/stream.$i"
			"$2"
		) &
		pids+=($!)
	done
	wait ${pids[0]}
	wait ${pids[1]}
	paste "$T/stream.0" "$T/stream.1" | awk -v late="$5" '
		{ diff = $2 - $5; if (diff < 0) diff = -diff }
		{ printf "h%d got %d frames, %s, of KVS; %d, %s, of a plain bridge\n", $1,
			$2, $3 ? "the last too" : "not the last", $5, $6 ? "the last too" : "not the last" }
		diff > late || $3 != $6 { bad = 1 }
		diff > worst { worst = diff }
		END { print "note: " worst + 0 " frames went the old way"; exit bad }'
}

follows() {
	t "$PATH_NOW: $1" both "$2" "$3" "${4:-1}" "${5:-2}" "${6:-$LATE}"
}

move() {
	on $h3 "$FRAMES" send eth0 --src "$(mac $h2)" --dst ff:ff:ff:ff:ff:ff
}

# by a frame that KVS would forward: to a known station
move_by_unicast() {
	on $h3 "$FRAMES" send eth0 --src "$(mac $h2)" --dst "$(mac $h4)"
}

port_delete() {
	ip link del $h2
}

port_again() {
	ip netns del $h2
	host_add $h2 $br
	[ $br = br1 ] || set_path $PATH_NOW $h2
}

fdb_flush() {
	ip link set $br type bridge fdb_flush
}

fdb_delete() {
	bridge fdb del "$(mac $h2)" dev $h2 master
}

fdb_static() {
	bridge fdb replace "$(mac $h2)" dev $h3 master static
}

fdb_static_undo() {
	bridge fdb del "$(mac $h2)" dev $h3 master
}

port_down() {
	ip link set $h2 down
}

port_up() {
	ip link set $h2 up
	until_ok 5 is_forwarding $h2
}

carrier_down() {
	ip -n $h2 link set eth0 down
}

carrier_up() {
	ip -n $h2 link set eth0 up
	until_ok 5 is_forwarding $h2
}

isolate() {
	bridge link set dev $h1 isolated on
	bridge link set dev $h2 isolated on
}

isolate_one() {
	bridge link set dev $h2 isolated on
}

isolate_undo() {
	bridge link set dev $h1 isolated off
	bridge link set dev $h2 isolated off
}

block() {
	bridge link set dev $h2 state 4
}

block_source() {
	bridge link set dev $h1 state 4
}

block_undo() {
	bridge link set dev $h1 state 3
	bridge link set dev $h2 state 3
}

bridge_down() {
	ip link set $br down
}

bridge_up() {
	ip link set $br up
	until_ok 5 is_forwarding $h1
	until_ok 5 is_forwarding $h4
}

bridge_leave() {
	ip link set $h2 nomaster
}

bridge_join() {
	join $h2 $br
	[ $br = br1 ] || set_path $PATH_NOW $h2
}

mtu() {
	ip link set $h2 mtu 1000
}

mtu_undo() {
	ip link set $h2 mtu 1500
}

hairpin() {
	bridge link set dev $h1 hairpin on
}

hairpin_undo() {
	bridge link set dev $h1 hairpin off
}

lock() {
	bridge fdb del "$(mac $h1)" dev $h1 master
	bridge link set dev $h1 learning off locked on
}

lock_undo() {
	bridge link set dev $h1 learning on locked off
}

vlan_filtering() {
	ip link set $br type bridge vlan_filtering 1
}

vlan_other() {
	vlan_filtering
	bridge vlan del vid 1 dev $h2
}

vlan_undo() {
	bridge vlan add vid 1 pvid untagged dev $h2
	ip link set $br type bridge vlan_filtering 0
}

# tcpdump on the bridge sees every frame, as it does without KVS
promiscuous() {
	local pid
	side 0
	relearn
	tcpdump -n -U --immediate-mode -i br0 -w "$T/pcap" ether src "$(mac h1)" 2> "$T/tcpdump" &
	pid=$!
	until_ok 5 grep -q listening "$T/tcpdump"
	until_ok 5 is_promiscuous
	mark
	listen h2 h3
	send h1 h2 --count $STREAM --rate 400 --id 8
	hush h2 h3
	until_ok 10 tcpdump_saw_all
	kill $pid
	until_ok 5 gone $pid
	is "frames at h2" "$(heard h2 8)" -eq $STREAM
	is "frames at h3" "$(heard h3 8)" -eq 0
	is "slow frames as promisc" "$(rose_slow h1 promisc)" -eq $STREAM
}

tcpdump_saw_all() {
	[ "$(tcpdump -r "$T/pcap" 2> /dev/null | wc -l)" -gt $STREAM ]
}

is_promiscuous() {
	mark
	send h1 h2
	[ "$(rose_slow h1 promisc)" -eq 1 ]
}

fast_again() {
	side 0
	relearn
	mark
	send h1 h2 --count 100
	took h1 "fast_$PATH_NOW" 100
}

ports_and_stations() {
	follows "nothing happens" nothing nothing 1 2 0
	follows "a station moves" move nothing 1 2 0
	follows "a station moves, and says so to one other" move_by_unicast nothing 1 2 0
	follows "the FDB is flushed" fdb_flush nothing
	follows "an FDB entry is deleted" fdb_delete nothing
	follows "a static FDB entry is made" fdb_static fdb_static_undo
	follows "the target's port goes down" port_down port_up
	follows "the source's port goes down" port_down port_up 2 1
	follows "the target loses its carrier" carrier_down carrier_up
	follows "the target's port is deleted" port_delete port_again
	follows "the target's port leaves" bridge_leave bridge_join
	follows "the source's port leaves" bridge_leave bridge_join 2 1
	follows "both ports are isolated" isolate isolate_undo
	follows "one port is isolated" isolate_one isolate_undo
	follows "the target's port is blocked" block block_undo
	follows "the source's port is blocked" block_source block_undo
	follows "the bridge goes down" bridge_down bridge_up
	follows "a port may send back what it receives" hairpin hairpin_undo 1 1
	follows "a port is locked" lock lock_undo
	LENGTH=1200 follows "the target's MTU is smaller than the frames" mtu mtu_undo
	LENGTH=1014 follows "the target's MTU is as large as the frames" mtu mtu_undo
	t "$PATH_NOW: somebody listens on the bridge" promiscuous
}

has_vlan_filtering() {
	ip link add name vlan-test type bridge vlan_filtering 1 2> /dev/null && ip link del vlan-test
}

for i in 0 1; do
	side $i
	bridge_add $br
	for host in $h1 $h2 $h3 $h4; do
		host_add $host $br
	done
	mute $h1 $h2 $h3 $h4
done
kvsd_start --adopt br0
for PATH_NOW in tc xdp; do
	set_path $PATH_NOW h1 h2 h3 h4
	# an emulated processor takes its time: there, what depends on VLANs is left for xdp
	[ $PATH_NOW${KVS_TEST_GUEST-} = xdp1 ] || ports_and_stations
	if has_vlan_filtering; then
		follows "the bridge filters VLANs" vlan_filtering vlan_undo
		follows "the target is in another VLAN" vlan_other vlan_undo
	else
		t "$PATH_NOW: the bridge filters VLANs" skip "no CONFIG_BRIDGE_VLAN_FILTERING"
	fi
	t "$PATH_NOW: after all that the fast path is back" fast_again
done
done_testing
