#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# roam_test.sh: under a flood, a station roams to behind an uplink and back, and ports move between two switches.
#
#   h1, h2, h3 ── br0 ── up0 ──── dn0 ── br1 ── h4, h5       Both bridges are KVS's; the station is h2's.
#
# The flood comes from one CPU, so frames stay in order: once one has come to the station's new place, none with a
# higher number may come to the old one.
. "$(dirname "$0")/lib.sh"

RATE=$((2000 / SCALE))
SOME=300 # frames, enough to tell
EDGE=20 # frames that may meet a change: those to an uplink that has just sent the station's own frame back
PATH_NOW=tc

flood() {
	base=$(flooded)
	flood_start h1 h2 --rate $RATE --id "$1"
	taskset -p -c 0 "$(cat "$T/flood.pid")" > /dev/null
	more_flood
}

flooded() {
	ip -s -j -n h1 link show eth0 | jq '.[].stats64.tx.packets'
}

has_flooded() {
	[ "$(flooded)" -ge "$1" ]
}

# more_flood: until $SOME more frames have been sent
more_flood() {
	until_ok 20 has_flooded $(($(flooded) + SOME))
}

# frames of one host alone and no other: to all, or to a station that KVS would forward it to
says_all() {
	on "$1" "$FRAMES" send eth0 --src "$(mac h2)" --dst ff:ff:ff:ff:ff:ff > /dev/null
}

says_h3() {
	on "$1" "$FRAMES" send eth0 --src "$(mac h2)" --dst "$(mac h3)" > /dev/null
}

# has_learned PORT: its bridge has the station there
has_learned() {
	bridge fdb show dev "$1" | grep -q "^$(mac h2) "
}

# is_at PORT: where br0 has the station, for the kernel and for the fast path
is_at() {
	is_known "$(mac h2)" "$1" && has_learned "$1"
}

# roam FRAME OLD NEW PORT: the flood follows FRAME, which the station sends from NEW; PORT of br0 leads there. kvsd is
# held up until then: it is the hooks that see to it.
roam() {
	local sent old new before
	learn h3
	listen "$2" "$3"
	flood 1
	kill -STOP "$(cat "$T/kvsd.pid")"
	"says_$1" "$3"
	until_ok 10 has_learned "$3"
	until_ok 10 has_learned "$4"
	before=$(($(flooded) - base))
	more_flood
	kill -CONT "$(cat "$T/kvsd.pid")"
	until_ok 10 is_at "$4"
	mark
	more_flood
	sent=$(flood_stop)
	hush "$2" "$3"
	old=$(heard "$2" 1) new=$(heard "$3" 1)
	echo "note: $sent frames, $old to the old place, $new to the new one"
	is "frames to the old place before" "$old" -gt 0
	is "frames to the new place" "$new" -ge $((SOME * 3 / 2))
	is "last frame to the old place" "$(heard "$2" 1 last)" -le "$before"
	is "last frame to the old place" "$(heard "$2" 1 last)" -lt "$(heard "$3" 1 first)"
	is "lost frames" $((sent - old - new)) -le $EDGE
	is "duplicates" "$(heard "$3" 1 duplicates)" -eq 0
	is "fast frames once kvsd knows" "$(rose h1 "fast_$PATH_NOW")" -ge $((SOME / 2))
}

# the bridge that frames come back to has to know, too
settle() {
	says_all "$1"
	until_ok 10 is_at "$2"
}

roams() {
	settle h2 h2
	roam "$1" h2 h4 up0
	roam "$1" h4 h2 h2
}

# from port to port of the other bridge: not a thing changes for br0
roams_beyond() {
	settle h4 up0
	roam all h4 h5 up0
	settle h2 h2
}

# kvsd does not hear of it: the hooks see the frame themselves, and the bridge forwards from then on
roams_without_kvsd() {
	settle h2 h2
	listen h2 h4
	kvsd_kill
	flood 2
	says_all h4
	more_flood
	flood_stop > "$T/sent"
	hush h2 h4
	kvsd_start
	is "number of the last frame to the old place" "$(heard h2 2 last)" -lt "$(heard h4 2 first)"
	is "lost frames" $(($(cat "$T/sent") - $(heard h2 2) - $(heard h4 2))) -le $EDGE
	settle h2 h2
}

is_switch() {
	port_is "$1" switch "$2" && port_is "$1" path_now "$PATH_NOW"
}

# move PORT BRIDGE
move() {
	ip link set "$1" nomaster
	join "$1" "$2"
	[ "$PATH_NOW" = tc ] || kvs port set "$1" --path "$PATH_NOW"
	until_ok 10 is_switch "$1" "$2"
}

# not_across FROM TO: TO, with a MAC that only its own switch knows, gets nothing of a flood from the other one
not_across() {
	listen h2
	more_flood
	hush h2
	is "frames from the other switch" "$(heard h2 "$1")" -eq 0
}

# reaches FROM: h2 is on FROM's switch, and its frames come the fast way
reaches() {
	learn_at h2 "$1"
	mark
	listen h2
	send "$1" h2 --count 200 --rate $RATE --id 9
	hush h2
	is "frames of $1 at h2" "$(heard h2 9)" -eq 200
	took "$1" "fast_$PATH_NOW" 200
}

learn_at() {
	hello "$@"
	for host; do
		until_ok 10 is_known "$(mac "$host")" "$host"
	done
}

# the uplink is down: there are two switches, and no way between them
ports_move() {
	ip link set up0 down
	learn_at h1 h2
	flood 3
	move h2 br1
	reaches h4
	not_across 3
	move h2 br0
	reaches h3
	flood_stop
	is "what the flood sent" "$(cat "$T/flood")" -gt 0
}

# now the flood's own port moves: what it sends belongs to the switch it is on
source_moves() {
	learn_at h1 h2
	flood 4
	move h1 br1
	not_across 4
	move h1 br0
	learn_at h2
	listen h2
	more_flood
	hush h2
	flood_stop
	is "frames at h2 after the port came back" "$(heard h2 4)" -ge $((SOME / 2))
	ip link set up0 up
	until_ok 5 is_forwarding up0
}

bridge_add br0
bridge_add br1
ip link add up0 type veth peer name dn0
join up0 br0 &
join dn0 br1
wait
for host in h1 h2 h3; do
	host_add $host br0
done
for host in h4 h5; do
	host_add $host br1
done
mute h1 h2 h3 h4 h5
kvsd_start --adopt br0 --adopt br1
for PATH_NOW in tc xdp; do
	set_path $PATH_NOW h1 h2 h3 up0 dn0 h4 h5
	t "$PATH_NOW: a station roams to behind an uplink and back" roams all
	t "$PATH_NOW: the same, with a frame to one other" roams h3
	t "$PATH_NOW: it roams behind the uplink" roams_beyond
	t "$PATH_NOW: it roams while kvsd is dead" roams_without_kvsd
	t "$PATH_NOW: a port moves to another switch and back" ports_move
	t "$PATH_NOW: the port a flood comes from moves" source_moves
done
done_testing
