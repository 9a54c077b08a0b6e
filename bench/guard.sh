#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guard.sh: what guards cost established traffic, and what a hostile guest takes from others.
# expects 75
#
# h1 sends to h2 as fast as it goes, on one core; h3 floods from the other. What a flood takes from h1 is seen beside
# what the same flood of allowed frames, to h4, takes from it: both share caches and the kernel's own work. kvs-guard has
# `guard: vm` on each port, kvs-xdp none; ovs-user floods and learns as its NORMAL action does.
. "$(dirname "$0")/lib.sh"

FLOOD=1000000 # frames per second

# flood NAME SYSTEM: from h3
flood() {
	case $1 in
	none) ;;
	allowed) flow "$2" 3 4 $CPU1 --rate $FLOOD ;;
	spoof) flow "$2" 3 2 $CPU1 --rate $FLOOD --src "$(mac 1)" ;;
	macs) flow "$2" 3 4 $CPU1 --rate $FLOOD --srcs 65536 --random ;;
	esac
}

# name FLOOD: for people
name() {
	case $1 in
	none) echo "64 B, alone" ;;
	allowed) echo "64 B, beside allowed frames" ;;
	spoof) echo "64 B, beside spoofed frames" ;;
	macs) echo "64 B, beside frames from 64k MACs" ;;
	esac
}

# honest SYSTEM FLOOD: what arrives of h1's; h2 counts what a flood of spoofed frames gets through to it, too, so
# none must
honest() {
	local rate
	flood "$2" "$1"
	[ "$2" = none ] || sleep 0.3 # the flood has its effect
	flow "$1" 1 2 $CPU0
	rate=$(delivered "$1" 2 | mpps)
	flows_stop
	record "$1" "$(name "$2")" rate Mpps "$rate"
}

round() {
	local system
	for system in $systems; do
		hello "$system" 4
	done
	for system in kvs-xdp kvs-guard; do
		honest $system none
	done
	for kind in allowed spoof macs; do
		honest kvs-guard $kind
	done
	for system in $others; do
		honest "$system" allowed
		honest "$system" macs
	done
}

others="bridge ovs-user"
systems="kvs-xdp kvs-guard $others"
for s in $systems; do
	system_up "$s" 4
done
rounds "$ROUNDS" round
for s in $systems; do
	system_down "$s"
done
