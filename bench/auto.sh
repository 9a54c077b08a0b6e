#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# auto.sh: path auto beside tc and xdp, while the load of a port turns from a TCP stream to 64 B and back. The stream goes
# from h1 to h3, the small frames from h1 to h2; what auto reaches counts from 3 s after each change.
# expects 95
. "$(dirname "$0")/lib.sh"

REACTION=3 # seconds until auto must have followed
LENGTH=2   # seconds that are measured

# endpoints_up SYSTEM: h1 and h3 are to receive; only h2 drops and counts
endpoints_up() {
	local i
	system_up "$1" 3
	for i in 1 3; do
		rm "$T/$1/bpf/h${i}_link"
		ip -n "$1.h$i" address add "192.0.2.$i/24" dev eth0
	done
}

is_serving() {
	on "$1.h3" ss -Htln sport = :5201 | grep -q .
}

# stream SYSTEM CASE SECONDS: the first SECONDS do not count
stream() {
	local out=$T/$1/stream
	nsenter --net="/run/netns/$1.h3" taskset -c "$CPU1" iperf3 -s -1 > "$out.server" 2>&1 &
	until_ok 5 is_serving "$1"
	on "$1.h1" taskset -c "$CPU0" iperf3 -J -c 192.0.2.3 -t $LENGTH -O "$3" > "$out"
	wait $!
	record "$1" "$2" rate Gb/s "$(jq '.end.sum_received.bits_per_second / 1e7 | round / 100' "$out")"
}

# flood SYSTEM SECONDS REST: the first SECONDS do not count; it goes on for REST
flood() {
	local rate
	flow "$1" 1 2 $CPU0 --size 64
	rate=$(AFTER=$2 WINDOW=$LENGTH delivered "$1" 2 | mpps)
	sleep "$3"
	flows_stop
	record "$1" "64 B after a stream" rate Mpps "$rate"
}

# A port that has just changed stays for some seconds, so the small frames go on for longer than that.
round() {
	local system
	for system in $systems; do
		hello "$system" 3
	done
	stream kvs-auto "stream" $REACTION
	flood kvs-auto $REACTION 3
	stream kvs-auto "stream after 64 B" $REACTION
	for system in kvs-tc kvs-xdp; do
		stream "$system" "stream" 1
		flood "$system" 0.5 0
	done
}

systems='kvs-auto kvs-tc kvs-xdp'
for s in $systems; do
	endpoints_up "$s"
done
rounds 3 round
