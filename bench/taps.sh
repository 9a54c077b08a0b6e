#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# taps.sh [SYSTEM...]: frames per second between two taps whose owner writes and reads them one by one, as QEMU does
# without vhost-net. The two system calls per frame take most of the time.
# expects 30
. "$(dirname "$0")/lib.sh"

# taps_up SYSTEM
taps_up() {
	local system=$1 port
	mkdir -p "$T/$system/bpf"
	mount -t bpf bpf "$T/$system/bpf"
	ip netns add "$system.sw"
	mkfifo "$T/$system/in"
	on "$system.sw" "$BIN/tapload" p1 p2 <> "$T/$system/in" > "$T/$system/out" &
	for port in p1 p2; do
		until_ok 5 ip -n "$system.sw" link set $port up
		ip -n "$system.sw" link set $port txqueuelen 1000
	done
	system "$system" up p1 p2
}

# answers SYSTEM N: tapload has given so many
answers() {
	[ "$(wc -l < "$T/$1/out")" -ge "$2" ]
}

# take CASE SIZE WAYS
take() {
	local system n
	for system in $systems; do
		n=$(wc -l < "$T/$system/out")
		echo "$2 $3 $AFTER $WINDOW" > "$T/$system/in"
		until_ok 10 answers "$system" $((n + 1))
		record "$system" "$1" rate Mpps "$(tail -n 1 "$T/$system/out" | mpps)"
	done
}

round() {
	take "64 B, one core" 64 1
	take "64 B, two cores, both ways" 64 2
	take "512 B, one core" 512 1
}

systems=${*:-bridge kvs-tc kvs-xdp}
for s in $systems; do
	taps_up "$s"
done
rounds "$ROUNDS" round
