#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ageing_test.sh: stations age out as on a plain bridge, whatever the fast path took of their frames.
#
# br0 (h1 to h5) on tc, br1 (h11 to h15) on XDP and br2 (h21 to h25), a plain bridge, get the same at the same time:
#   1  talks to 4 all the time, and 4 to it
#   2  speaks once, then is silent and receives nothing
#   3  speaks once, then only receives, from 1
#   4  see 1
#   5  sends to 1, receives nothing, and falls silent halfway
. "$(dirname "$0")/lib.sh"

AGEING=8           # seconds
TALK=$((AGEING / 2)) # how long 5 sends
SLACK=2500         # ms; a noisy machine, and kvsd tells the bridge only now and then

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

# talk FROM TO SECONDS
talk() {
	send $1 $2 --rate 100 --count $((100 * $3)) --id 1 > "$T/sent.$1.$2" &
}

# traffic N: of the hosts from hN on
traffic() {
	local h1=h$1 h2=h$(($1 + 1)) h3=h$(($1 + 2)) h4=h$(($1 + 3)) h5=h$(($1 + 4))
	hello $h1 $h2 $h3 $h4 $h5
	talk $h1 $h4 $((3 * AGEING))
	talk $h4 $h1 $((3 * AGEING))
	talk $h1 $h3 $((3 * AGEING))
	talk $h5 $h1 $TALK
}

# watch: until the end, note when each station was last seen in its bridge's FDB, in ms from the start
watch() {
	local start end
	start=$(now_ms)
	end=$((start + (3 * AGEING - 2) * 1000))
	while [ "$(now_ms)" -lt $end ]; do
		bridge -j fdb show | jq -r --argjson now $(($(now_ms) - start)) \
			'.[] | select(.state == "" and .master != null) | "\(.ifname) \(.mac) \($now)"' >> "$T/seen"
		sleep 0.1
	done
}

# seen BRIDGE STATION: when last, in ms
seen() {
	local host=h$((10 * $1 + $2))
	awk -v host=$host -v mac="$(mac $host)" '$1 == host && $2 == mac { last = $3 } END { print last + 0 }' "$T/seen"
}

# like_plain N: station N of the bridges with KVS left the FDB when that of the plain one did
like_plain() {
	local i ms plain
	plain=$(seen 2 $1)
	for i in 0 1; do
		ms=$(seen $i $1)
		echo "note: station $1: $ms ms on br$i, $plain ms on a plain bridge"
		is "difference" $((ms - plain)) -le $SLACK
		is "difference" $((plain - ms)) -le $SLACK
	done
}

# aged_out N FROM TO: on each bridge, between these seconds
aged_out() {
	local i
	like_plain $1
	for i in 0 1 2; do
		is "ms until it aged out of br$i" "$(seen $i $1)" -ge $(($2 * 1000))
		is "ms until it aged out of br$i" "$(seen $i $1)" -le $(($3 * 1000))
	done
}

stays() {
	local i
	for i in 0 1 2; do
		is "ms that br$i had it" "$(seen $i $1)" -ge $(((3 * AGEING - 3) * 1000))
	done
}

# the fast path did take their frames, but for those by which the bridge hears of them
was_fast() {
	is "fast frames of h4" "$(rose h4 fast_tc)" -ge $((2 * AGEING * 100))
	is "slow frames of h4" "$(rose_unicast h4)" -le $((3 * AGEING * 4))
	is "fast frames of h14" "$(rose h14 fast_xdp)" -ge $((2 * AGEING * 100))
	is "slow frames of h14" "$(rose_unicast h14)" -le $((3 * AGEING * 4))
}

fdb_age() {
	local age
	age=$(query 'fdb show' '.fdb[] | select(.mac == $mac and .port == "h1") | .age_s' --arg mac "$(mac h1)")
	is "age of a talking station" "$age" -lt $AGEING
}

for i in 0 1 2; do
	bridge_add br$i ageing_time $((AGEING * 100))
	for n in 1 2 3 4 5; do
		host_add h$((10 * i + n)) br$i
	done
done
kvsd_start --adopt br0 --adopt br1
set_path xdp h11 h12 h13 h14 h15
mark
traffic 1 &
traffic 11 &
traffic 21 &
watch
t "a talking station stays" stays 1
t "the other one too" stays 4
t "one that is silent ages out in time" aged_out 2 $((AGEING - 2)) $((AGEING + 3))
t "one that only receives too" aged_out 3 $((AGEING - 2)) $((AGEING + 3))
t "one that only sent, after its last frame" aged_out 5 $((TALK + AGEING - 2)) $((TALK + AGEING + 3))
t "kvs shows the age of an entry" fdb_age
t "meanwhile their frames were fast" was_fast
done_testing
