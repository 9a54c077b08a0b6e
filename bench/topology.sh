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

# bridge_up PORT...: a bridge br0, without netfilter. With $CHAIN a chain of so many, the first port at its one end and all
# others at its other; with $SPARE_PORTS so many more, of which nobody says anything.
bridge_up() {
	local port bridge=br0
	nf_call 0
	bridges_up
	for port; do
		ip link set "$port" master $bridge
		bridge=br$((${CHAIN:-1} - 1))
	done
	[ -z "${SPARE_PORTS-}" ] || spare_ports
	for port in "$@" $(chain_ports); do
		until_forwarding "$port"
	done
}

bridges_up() {
	local i
	for ((i = 0; i < ${CHAIN:-1}; i++)); do
		ip link add "br$i" type bridge
		ip link set "br$i" up
		[ $i -gt 0 ] || continue
		ip link add "a$i" type veth peer name "b$i"
		ip link set "a$i" master "br$((i - 1))" up
		ip link set "b$i" master "br$i" up
		ethtool -K "a$i" gro on
		ethtool -K "b$i" gro on
	done
}

# those between the bridges
chain_ports() {
	local i
	for ((i = 1; i < ${CHAIN:-1}; i++)); do
		echo "a$i b$i"
	done
}

spare_ports() {
	local i
	for ((i = 0; i < SPARE_PORTS; i++)); do
		echo "link add q$i type veth peer name e$i"
		echo "link set q$i master br0 up"
		echo "link set e$i up"
	done | ip -batch -
	until_forwarding "q$((SPARE_PORTS - 1))"
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
