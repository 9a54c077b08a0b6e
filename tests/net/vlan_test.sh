#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vlan_test.sh: a bridge that filters VLANs, with veths and VMs as access ports and trunks, on tc and on XDP.
#
#   h1 veth, access 10    h2 veth, trunk 10 20    h3 VM, access 10    h4 VM, trunk 10 20
. "$(dirname "$0")/lib.sh"

N=100 # frames of a stream: fewer than a veth queues, should its other end have to wait

has_vlan_filtering() {
	ip link add name vlan-test type bridge vlan_filtering 1 2> /dev/null && ip link del vlan-test
}

access() {
	bridge vlan del vid 1 dev $1
	bridge vlan add vid $2 pvid untagged dev $1
}

trunk() {
	bridge vlan del vid 1 dev $1
	bridge vlan add vid 10 dev $1
	bridge vlan add vid 20 dev $1
}

# is_known_in HOST VID
is_known_in() {
	kvs fdb show --json | jq -e --arg mac "$(mac $1)" --arg port $1 --argjson vid $2 \
		'any(.fdb[]; .mac == $mac and .port == $port and .vlan == $vid and .fast)'
}

# meet VID HOST...: the trunks say hello with a tag
meet() {
	local vid=$1 host
	shift
	for host; do
		case $host in
		h2 | h4) send $host ff:ff:ff:ff:ff:ff --vlan $vid > /dev/null ;;
		*) hello $host ;;
		esac
		until_ok 5 is_known_in $host $vid
	done
}

# heard_in HOST VID: frames of the stream, with that tag; -1 is none
heard_in() {
	jq --argjson vid "$2" '[.flows[] | select(.id == 1 and .vlan == $vid) | .count] | add // 0' "$T/$1.heard"
}

# followed: kvsd has heard of what was changed; it reads what waits before it answers
followed() {
	kvs vlan show > /dev/null
}

# frames FROM TO VID TAG PATH: VID is the tag they are sent with, TAG the one they arrive with; -1: none
frames() {
	mark
	listen $2
	send $1 $2 --count $N --rate 1000 --id 1 --vlan $3
	hush $2
	is "frames at $2 with tag $4" "$(heard_in $2 $4)" -eq $N
	took $1 $5 $N
}

# nothing FROM TO VID [HOST...]: not a frame arrives at TO, nor at the others
nothing() {
	local from=$1 to=$2 vid=$3 host
	shift 3
	listen $to "$@"
	send $from $to --count 50 --id 1 --vlan $vid
	hush $to "$@"
	for host in $to "$@"; do
		is "frames at $host" "$(heard $host 1)" -eq 0
	done
}

# stream ID FROM TO VID [DEVICE]: VID -1 is no tag
stream() {
	local id=$1 from=$2 to=$3 vid=$4 device=${5:-eth0}
	on $from "$FRAMES" send $device --src "$(mac $from)" --dst "$(mac $to)" --proto udp \
		--count $N --rate 1000 --id $id --vlan $vid
}

# arrived HOST: "ID TAG COUNT" of each stream
arrived() {
	jq -r '[.flows[] | select(.id > 0) | "\(.id) \(.vlan) \(.count)"] | sort | join(", ")' "$T/$1.heard"
}

# arrives HOST TEXT
arrives() {
	local now
	now=$(arrived $1)
	[ "$now" = "$2" ] || fail "at $1 arrived '$now', not '$2'"
}

# between all of them; the driver of a veth has the tag beside the frame when a VLAN device sent it
streams() {
	ip -n h2 link add link eth0 name eth0.10 type vlan id 10
	ip -n h2 link set eth0.10 up
	mark
	listen h1 h2 h3 h4
	stream 1 h1 h3 -1
	stream 2 h1 h2 -1
	stream 3 h2 h1 10
	stream 4 h2 h4 20
	stream 5 h3 h2 -1
	stream 6 h4 h1 10
	stream 7 h4 h3 10
	stream 8 h2 h1 -1 eth0.10
	hush h1 h2 h3 h4
	ip -n h2 link del eth0.10
	arrives h1 "3 -1 $N, 6 -1 $N, 8 -1 $N"
	arrives h2 "2 10 $N, 5 10 $N"
	arrives h3 "1 -1 $N, 7 -1 $N"
	arrives h4 "4 20 $N"
	took h1 fast_$1 $((2 * N))
	took h2 fast_$1 $((3 * N))
	took h3 fast_$1 $N
	took h4 fast_$1 $((2 * N))
}

# tx_vlan HOST: whether it sends tags beside the frame
tx_vlan() {
	on $1 ethtool -k eth0 | awk '$1 == "tx-vlan-offload:" { print $2 }'
}

tx_vlan_is() {
	[ "$(tx_vlan $1)" = $2 ]
}

shows_vlans() {
	kvs vlan show --port h1 --json | jq -e '.vlans == [{port: "h1", switch: "br0", vid: 10, pvid: true, untagged: true}]'
	[ "$(query 'vlan show' '[.vlans[] | select(.port == "h2") | .vid] | join(" ")')" = "10 20" ]
}

# the station is known, but its port is not in the VLAN any more
member_follows() {
	kvs vlan del h4 20
	nothing h2 h4 20
	kvs vlan add h4 20
	meet 20 h2 h4
	frames h2 h4 20 20 $1
}

untagged_follows() {
	bridge vlan add vid 20 dev h4 untagged
	followed
	meet 20 h2 h4
	frames h2 h4 20 -1 $1
	bridge vlan add vid 20 dev h4
}

pvid_follows() {
	kvs vlan add h1 20 --pvid --untagged
	meet 20 h1 h2
	frames h1 h2 -1 20 $1
	kvs vlan add h1 10 --pvid --untagged
	kvs vlan del h1 20
	meet 10 h1
}

state_follows() {
	bridge vlan set vid 20 dev h4 state 4
	followed
	nothing h2 h4 20
	bridge vlan set vid 20 dev h4 state 3
	followed
	frames h2 h4 20 20 fast_tc
}

protocol_follows() {
	ip link set br0 type bridge vlan_protocol 802.1ad
	followed
	nothing h2 h1 10 h3
	meet 10 h1 h3
	frames h1 h3 -1 -1 fast_tc
	frames h1 h2 -1 10 fast_tc
	ip link set br0 type bridge vlan_protocol 802.1Q
	followed
	meet 10 h2
	frames h2 h1 10 -1 fast_tc
}

reason_is() {
	query status '.switches[].reason' | grep -q "$1"
}

stats_are_left_to_the_bridge() {
	ip link set br0 type bridge vlan_stats_enabled 1
	until_ok 5 reason_is 'by VLAN'
	frames h1 h3 -1 -1 slow
	is "reason vlan_stats" "$(rose_slow h1 vlan_stats)" -ge $N
	ip link set br0 type bridge vlan_stats_enabled 0
	until_ok 5 no reason_is 'by VLAN'
	frames h1 h3 -1 -1 fast_tc
}

filtering_follows() {
	ip link set br0 type bridge vlan_filtering 0
	followed
	hello h1 h2
	until_ok 5 is_known_in h1 0
	until_ok 5 is_known_in h2 0
	frames h1 h2 -1 -1 fast_tc
	frames h2 h1 10 10 fast_tc
	ip link set br0 type bridge vlan_filtering 1
	followed
	meet 10 h1 h2 h3
	frames h1 h2 -1 10 fast_tc
}

# what changes while no daemon runs
restart() {
	set_path $1 h1 h2 h3 h4
	kvsd_stop
	bridge vlan del vid 20 dev h4
	kvsd_start
	nothing h2 h4 20
	frames h2 h1 10 -1 fast_$1
	bridge vlan add vid 20 dev h4
	followed
	meet 20 h2 h4
	frames h2 h4 20 20 fast_$1
}

has_vlan_filtering || {
	t "a bridge that filters VLANs" skip "no CONFIG_BRIDGE_VLAN_FILTERING"
	done_testing
}
bridge_add br0 vlan_filtering 1 ageing_time 360000 # longer than a slow machine takes
host_add h1 br0
host_add h2 br0
vm_add h3 br0
vm_add h4 br0
access h1 10
trunk h2
access h3 10
trunk h4
kvsd_start --adopt br0
t "VLANs are shown" shows_vlans
for path in tc xdp; do
	set_path $path h1 h2 h3 h4
	meet 10 h1 h2 h3 h4
	meet 20 h2 h4
	t "$path: between access ports and trunks" streams $path
	t "$path: not into another VLAN" nothing h2 h1 20 h3
done
t "a VLAN is taken off and put on" member_follows fast_xdp
t "tags are sent in the frame" tx_vlan_is h2 off
t "kvsd is started anew" restart xdp
set_path tc h1 h2 h3 h4
t "tags are sent beside the frame again" until_ok 5 tx_vlan_is h2 on
t "another pvid" pvid_follows fast_tc
t "a VLAN leaves untagged" untagged_follows fast_tc
t "a VLAN is blocked" state_follows
t "the bridge's protocol is 802.1ad" protocol_follows
t "frames are counted by VLAN" stats_are_left_to_the_bridge
t "the bridge filters no more, and again" filtering_follows
done_testing
