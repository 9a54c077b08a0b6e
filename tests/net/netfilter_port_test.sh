#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# netfilter_port_test.sh: chains of nftables at a port itself (families netdev and inet) are obeyed.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/net/rules.sh"

# chain FAMILY HOOK IF
chain() {
	nft add table "$1" t
	nft add chain "$1" t c "{ type filter hook $2 device $3 priority 0; }"
}

# has FAMILY HOOK: or the test is skipped
has() {
	chain "$1" "$2" h1 2> "$T/nft" || skip "this kernel has no chains of family $1 at $2"
	nft delete table "$1" t
}

drop_to_h2() {
	nft add rule "$1" t c ether daddr "$(mac h2)" counter drop
}

has_reason() {
	port "$1" path_reason | grep -q "netfilter rules: $2"
}

# h1 alone is slow, and the switch is not
ingress() {
	has "$1" ingress
	chain "$1" ingress h1
	sleep 0.5
	is_fast
	drop_to_h2 "$1"
	until_ok 5 port_is h1 path_now slow
	has_reason h1 "nftables $1 t c"
	port_is h2 path_now tc
	query status '.switches[].fast_path' | grep -qx true
	all_slow 0
	from_h2 45
	nft delete table "$1" t
	until_ok 5 is_fast
}

# from_h2 N: at least N of 50 frames from h2 to h1 are fast
from_h2() {
	mark
	listen h1
	send h2 h1 --count 50 --id 9
	hush h1
	is "fast frames" $(($(rose h2 fast_tc) + $(rose h2 fast_xdp))) -ge "$1"
	is "frames at h1" "$(heard h1 9)" -eq 50
}

# frames to h2 are slow, those from it are not
egress() {
	has netdev egress
	chain netdev egress h2
	drop_to_h2 netdev
	until_ok 5 has_reason h2 'nftables netdev t c'
	port_is h1 path_now tc
	port_is h2 path_now tc
	all_slow 0
	from_h2 45
	kvs switch set br0 --netfilter bypass
	is_fast
	kvs switch set br0 --netfilter follow
	nft delete table netdev t
	until_ok 5 is_fast
}

on_xdp() {
	has netdev egress
	set_path xdp h1
	chain netdev egress h2
	drop_to_h2 netdev
	until_ok 5 has_reason h2 'nftables netdev t c'
	all_slow 0
	nft delete table netdev t
	until_ok 5 is_fast
	set_path tc h1
}

# the chain follows the device, whatever its name
renamed() {
	has netdev ingress
	chain netdev ingress h1
	drop_to_h2 netdev
	until_ok 5 port_is h1 path_now slow
	ip link set h1 down
	ip link set h1 name other
	ip link set other up
	listed=$(nft list chain netdev t c)
	if grep -q other <<< "$listed"; then
		until_ok 5 port_is other path_now slow
	else
		until_ok 5 port_is other path_now tc # newer kernels bind chains to names
	fi
	nft delete table netdev t
	until_ok 5 port_is other path_now tc
	ip link set other down
	ip link set other name h1
	ip link set h1 up
	until_ok 5 is_forwarding h1
	until_ok 5 is_fast
}

elsewhere() {
	has netdev ingress
	ip link add stranger type veth peer name stranger2
	chain netdev ingress stranger
	drop_to_h2 netdev
	sleep 0.5
	is_fast
	nft delete table netdev t
}

bridge_add br0
host_add h1 br0
host_add h2 br0
kvsd_start --adopt br0
t "a switch without rules is fast" until_ok 5 is_fast
t "family netdev, ingress" ingress netdev
t "family inet, ingress" ingress inet
t "family netdev, egress" egress
t "egress of the target of XDP" on_xdp
t "a port is renamed" renamed
t "chains at other devices change nothing" elsewhere
done_testing
