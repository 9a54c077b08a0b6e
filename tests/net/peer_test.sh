#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# peer_test.sh: XDP redirects into a veth whose other end comes up only after the port has joined, as containers' do.
. "$(dirname "$0")/lib.sh"

# late GRO: h4's end is still down when its port joins, with GRO on or off
late() {
	host_netns h4
	ip link add h4 type veth peer name eth0 netns h4
	on h4 ethtool -K eth0 gro "$1"
	ip link set h4 master br0 up
	until_ok 5 port_is h4 hook_tc "$(port h1 hook_tc)"
	host_eth h4
	until_ok 5 is_forwarding h4
	learn h4
	mark
	listen h4
	send h1 h4 --count 500 --rate 1000 --id 4
	hush h4
	is "frames at h4" "$(heard h4 4)" -eq 500
	is "frames on XDP" "$(rose h1 fast_xdp)" -ge 400
	ip netns del h4
	until_ok 5 no ip link show h4
}

bridge_add br0
host_add h1 br0
host_add h2 br0
kvsd_start --adopt br0
set_path xdp h1
learn h1 h2
t "a container that comes up after its port joined gets XDP frames" late off
t "also when it has GRO on by itself" late on
done_testing
