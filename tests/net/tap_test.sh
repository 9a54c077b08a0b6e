#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tap_test.sh: taps of every kind as ports: with and without virtio-net headers, with several queues, gone and back.
. "$(dirname "$0")/lib.sh"

# frames FROM TO OTHER PATH
frames() {
	mark
	listen $2 $3
	send $1 $2 --count 1000 --rate 5000 --id 1 --proto udp
	hush $2 $3
	is "frames at $2" "$(heard $2 1)" -eq 1000
	is "frames at $3" "$(heard $3 1)" -eq 0
	is "bad checksums at $2" "$(heard $2 1 csum_bad)" -eq 0
	took $1 $4 1000
}

# as a VM that restarts: its tap goes and comes, and nobody tells KVS
restarts() {
	stop h1.pump
	until_ok 5 no ip link show h1
	ip netns del h1
	vm_add h1 br0
	learn h1 h2 h3
	frames h1 h2 h3 fast_tc
	frames h2 h1 h3 fast_tc
}

# a tap that is made before its VM starts, and stays when it ends: without a carrier in between
persistent() {
	ip tuntap add h5 mode tap vnet_hdr
	ip link set h5 master br0 up
	no is_forwarding h5
	host_netns h5
	pump_start h5 --vnet-hdr
	until_ok 5 is_forwarding h5
	learn h1 h5
	frames h1 h5 h2 fast_tc
	stop h5.pump
	until_ok 5 no is_forwarding h5
	mark
	send h1 h5 --count 10
	is "fast frames" "$(rose h1 fast_tc)" -eq 0
	ip link del h5
}

# frames go in by every queue; the tool owns the taps itself
queues() {
	rm -f "$T/go"
	"$FRAMES" recv --tap q2 --vnet-hdr --queues 4 > "$T/q2.heard" &
	echo $! > "$T/q2.pid"
	"$FRAMES" send --tap q1 --vnet-hdr --queues 4 --src "$(mac h11)" --dst "$(mac h12)" --proto udp \
		--count 2000 --rate 4000 --id 4 --wait "$T/go" --hold > "$T/q1.sent" &
	echo $! > "$T/q1.pid"
	until_ok 5 ip link show q1
	until_ok 5 ip link show q2
	join q1 br0
	join q2 br0
	set_path $1 q1 q2
	bridge fdb replace "$(mac h11)" dev q1 master dynamic
	bridge fdb replace "$(mac h12)" dev q2 master dynamic
	until_ok 5 is_known "$(mac h11)" q1
	until_ok 5 is_known "$(mac h12)" q2
	mark
	touch "$T/go"
	until_ok 10 test -s "$T/q1.sent"
	took q1 fast_$1 2000
	stop q2
	stop q1
	is "frames at q2" "$(heard q2 4)" -eq 2000
	is "bad checksums at q2" "$(heard q2 4 csum_bad)" -eq 0
	until_ok 5 no ip link show q1
}

stream() {
	mark
	iperf $1 $2 -t 2 > "$T/iperf"
	echo "note: $(jq '.end.sum_received.bits_per_second / 1e9' "$T/iperf") Gb/s"
	is "fast frames" $(($(rose $1 fast_tc) + $(rose $1 fast_xdp))) -gt $((99 * $(rose_unicast $1)))
}

bridge_add br0
vm_add h1 br0
vm_add h2 br0 --queues 4
vm_add_plain h3 br0
host_add h4 br0
kvsd_start --adopt br0
for path in tc xdp; do
	set_path $path h1 h2 h3 h4
	learn h1 h2 h3 h4
	t "$path: to a tap with four queues" frames h1 h2 h3 fast_$path
	t "$path: and from it" frames h2 h1 h3 fast_$path
	t "$path: to a tap without virtio-net headers" frames h1 h3 h2 fast_$path
	t "$path: and from it" frames h3 h1 h2 fast_$path
	t "$path: to a veth" frames h1 h4 h2 fast_$path
	t "$path: and from it" frames h4 h1 h2 fast_$path
	t "$path: by every queue" queues $path
	t "$path: TCP between VMs" stream h1 h2
	t "$path: TCP from a VM without offloads" stream h3 h1
done
set_path tc h1 h2 h3 h4
t "a VM restarts" restarts
t "a tap outlives its VM" persistent
done_testing
