#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# hosts.sh: lib.sh's hosts, the frames between them, and what arrives where.

# on HOST COMMAND...
on() {
	local host=$1
	shift
	nsenter --net="/run/netns/$host" "$@"
}

# spawn NAME HOST COMMAND...: in the background; its output is $T/NAME
spawn() {
	local name=$1 host=$2
	shift 2
	nsenter --net="/run/netns/$host" "$@" > "$T/$name" &
	echo $! > "$T/$name.pid"
}

# stop NAME [SIGNAL]: and wait until it has ended
stop() {
	kill "-${2:-TERM}" "$(cat "$T/$1.pid")"
	until_ok 20 gone "$(cat "$T/$1.pid")"
}

# mac HOST: also what is one already
mac() {
	case $1 in
	*:*) echo "$1" ;;
	*) printf '02:00:00:00:00:%02x\n' "${1#h}" ;;
	esac
}

ip4() {
	echo "192.0.2.${1#h}"
}

ip6() {
	echo "2001:db8::${1#h}"
}

# bridge_add NAME [OPTION...]
bridge_add() {
	local name=$1
	shift
	ip link add "$name" type bridge "$@"
	ip link set "$name" up
}

host_netns() {
	ip netns add "$1"
	on "$1" sh -c '
		cd /proc/sys/net/ipv6/conf/default
		echo 0 | tee accept_dad accept_ra router_solicitations disable_ipv6' > /dev/null
	ip -n "$1" link set lo up
}

# host_eth HOST: address and start eth0, which exists
host_eth() {
	ip -n "$1" link set eth0 address "$(mac "$1")" txqueuelen 20000 up
	ip -n "$1" address add "$(ip4 "$1")/24" dev eth0
	ip -n "$1" address add "$(ip6 "$1")/64" dev eth0
}

# mute HOST...: it says nothing but what the test has it send. A reply, a probe of its neighbours or the groups it is in,
# which IPv6 tells some seconds after the start, would say where its MAC is while that is on its way to another port.
mute() {
	local host
	for host; do
		on "$host" sh -c 'echo 1 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6'
		ip -n "$host" link set eth0 arp off
		ip -n "$host" address flush dev eth0
	done
}

is_forwarding() {
	[ "$(cat "/sys/class/net/$1/brport/state")" = 3 ]
}

# join IF BRIDGE
join() {
	ip link set "$1" master "$2" up
	until_ok 5 is_forwarding "$1"
}

# host_add HOST BRIDGE
host_add() {
	host_netns "$1"
	ip link add "$1" type veth peer name eth0 netns "$1"
	host_eth "$1"
	join "$1" "$2"
}

# pump_start HOST [OPTION...]: the tap and the guest's device live as long as the pump
pump_start() {
	local host=$1
	shift
	"$FRAMES" pump --tap "$host" --netns "/run/netns/$host" --to eth0 "$@" &
	echo $! > "$T/$host.pump.pid"
	until_ok 5 ip -n "$host" link show eth0
	ip link set "$host" txqueuelen 20000
	host_eth "$host"
}

# vm_add HOST BRIDGE [--queues N]: as a VM with every offload; vm_add_plain: with none
vm_add() {
	local host=$1 bridge=$2
	shift 2
	host_netns "$host"
	pump_start "$host" --vnet-hdr "$@"
	join "$host" "$bridge"
}

vm_add_plain() {
	host_netns "$1"
	pump_start "$1"
	join "$1" "$2"
}

# --- frames

# send FROM TO [OPTION...]: prints how many; TO may be a MAC. UDP without options: what XDP does not know, it hands on.
send() {
	local from=$1 to=$2
	shift 2
	on "$from" "$FRAMES" send eth0 --src "$(mac "$from")" --dst "$(mac "$to")" --proto udp "$@"
}

# hello HOST...: a broadcast from each
hello() {
	local host
	for host; do
		send "$host" ff:ff:ff:ff:ff:ff > /dev/null
	done
}

# is_known MAC IF: the fast path has it there
is_known() {
	kvs fdb show --json | jq -e --arg mac "$1" --arg port "$2" \
		'any(.fdb[]; .mac == $mac and .port == $port and .fast)'
}

# learn HOST...: until the fast path knows them
learn() {
	local host
	hello "$@"
	for host; do
		until_ok 5 is_known "$(mac "$host")" "$host"
	done
}

is_listening() {
	on "$1" awk '$4 == "0003" { n++ } END { exit !n }' /proc/net/packet
}

# listen HOST...: record what arrives there until hush
listen() {
	local host
	for host; do
		spawn "$host.heard" "$host" "$FRAMES" recv eth0
	done
	for host; do
		until_ok 5 is_listening "$host"
	done
}

# hush HOST...
hush() {
	local host
	sleep 0.2 # what is on its way
	for host; do
		stop "$host.heard"
	done
}

# heard HOST ID [FIELD]: of the stream with that id; 0 when nothing came
heard() {
	jq --argjson id "$2" --arg field "${3:-count}" '[.flows[] | select(.id == $id) | .[$field]] | add // 0' \
		"$T/$1.heard"
}

# flood_start FROM TO [OPTION...]: until flood_stop, which prints how many were sent
flood_start() {
	local from=$1 to=$2
	shift 2
	spawn flood "$from" "$FRAMES" send eth0 --src "$(mac "$from")" --dst "$(mac "$to")" --proto udp --count 0 "$@"
}

flood_stop() {
	stop flood
	cat "$T/flood"
}

# --- TCP and UDP

is_serving() {
	on "$1" ss -Htln sport = :5201 | grep -q .
}

# serve HOST: a server for one test
serve() {
	spawn iperf.server "$1" iperf3 -s -1
	until_ok 5 is_serving "$1"
}

# iperf FROM TO [OPTION...]: JSON of the client, which measures from TO's side too
iperf() {
	local from=$1 to=$2
	shift 2
	serve "$to"
	on "$from" iperf3 -J -c "$(ip4 "$to")" "$@"
}

# tcp_start FROM TO: a stream of 20 Mb/s until tcp_stop
tcp_start() {
	serve "$2"
	spawn tcp "$1" iperf3 -J -c "$(ip4 "$2")" -b $((20000 / SCALE / SCALE))K -t 600
	until_ok 5 has_stream "$2"
}

has_stream() {
	[ "$(on "$1" ss -Htn state established sport = :5201 | wc -l)" -ge 2 ]
}

# qdisc_before PORT...: without tcx KVS needs clsact. Whoever adds or deletes that, the kernel stops what is to leave by the
# port for a moment, and throws it away; where there is one, adopting and releasing lose nothing.
qdisc_before() {
	local dev
	! has_tcx || return 0
	for dev; do
		tc qdisc add dev "$dev" clsact
	done
}

# qdisc_after PORT...: takes it off again
qdisc_after() {
	local dev
	! has_tcx || return 0
	for dev; do
		tc qdisc del dev "$dev" clsact
	done
}

# VETH_LOSS: frames the driver of a veth may throw away when its XDP hook changes. Measured are 1 or 2 at 25,000 per
# second; a slow machine has its whole ring full.
# shellcheck disable=SC2034 # for the tests
VETH_LOSS=$((SCALE > 1 ? 256 : 4))

# tcp_stop: fails when many segments were sent twice, or a second passed without data. A busy machine resends a few
# without any loss; loss itself is for the flood to tell.
tcp_stop() {
	stop tcp INT
	jq -c '{resent: .end.sum_sent.retransmits, stalled: [.intervals[:-1][].sum | select(.bytes == 0)] | length}' "$T/tcp"
	jq -e 'all(.intervals[:-1][].sum; .bytes > 0)' "$T/tcp" > /dev/null
	[ "$SCALE" -gt 1 ] || jq -e '.end.sum_sent.retransmits <= 20' "$T/tcp" > /dev/null
}
