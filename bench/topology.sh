#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# topology.sh: what lib.sh runs for a system in its switch's namespace, before bench/systems/NAME.sh, which may do it another way.
set -eu

# endpoints N: veths. GRO is what gives a port NAPI, without which frames sent by XDP do not arrive.
endpoints() {
	local i
	for ((i = 1; i <= $1; i++)); do
		ip link add "p$i" type veth peer name eth0 netns "$SYSTEM.h$i"
		ip link set "p$i" up
		ethtool -K "p$i" gro "${PORT_GRO:-on}"
		ip -n "$SYSTEM.h$i" link set eth0 address "$(printf '02:%02x:00:00:00:00' "$i")" up
	done
}

down() {
	:
}

# bridge_up PORT...: a bridge br0, without netfilter
bridge_up() {
	local port
	nf_call 0
	ip link add br0 type bridge
	ip link set br0 up
	for port; do
		ip link set "$port" master br0
	done
	for port; do
		until_forwarding "$port"
	done
}

until_forwarding() {
	until [ "$(bridge -j -d link show dev "$1" | jq -r '.[0].state')" = forwarding ]; do
		sleep 0.05
	done
}

# nf_call 0|1: whether br_netfilter, where the kernel has it, has the bridge's frames pass through ip_tables and the like
nf_call() {
	local file
	for file in /proc/sys/net/bridge/bridge-nf-call-*; do
		[ ! -w "$file" ] || echo "$1" > "$file"
	done
}
