#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# macvlan: endpoints that share a device, in bridge mode. They take no XDP frames, so this is for sockets alone.

endpoints() {
	local i
	ip link add parent type veth peer name other
	ip link set parent up
	ip link set other up
	for ((i = 1; i <= $1; i++)); do
		ip link add link parent name "m$i" address "$(printf '02:%02x:00:00:00:00' "$i")" type macvlan mode bridge
		ip link set "m$i" netns "$SYSTEM.h$i" name eth0
		ip -n "$SYSTEM.h$i" link set eth0 up
	done
}

up() {
	:
}
