#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guard_test.sh: what a port may send passes, what it may not is refused, by its reason; while guards come, change and go.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/net/guard_frames.sh"

# the tool's streams are from 198.51.100.N
OWN=192.0.2.1,2001:db8::1,198.51.100.1,2001:db8:1::1
N=3

guard() {
	query 'guard show' '.guards[] | select(.name == $name) | .[$field]' --arg name "$1" --arg field "$2"
}

guard_is() {
	[ "$(guard "$1" "$2")" = "$3" ] || { echo "$2 of $1 is $(guard "$1" "$2")" && return 1; }
}

has_no_guard() {
	[ -z "$(guard "$1" name)" ]
}

all_drops() {
	query stats '[.ports[] | select(.name == "h1") | .drops[]] | add'
}

# frames_at HOST: how many were heard there, whatever they were
frames_at() {
	jq .frames "$T/$1.heard"
}

# thrown NAME...: N of each are sent by h1; prints how many h2 heard
thrown() {
	local name
	listen h2
	for name; do
		throw "$name" $N
	done
	hush h2
	frames_at h2
}

without_a_guard_all_arrive() {
	local name
	for name in $HONEST $REFUSED; do
		[ "$name" = link_local ] || is "frames '$name' at h2" "$(thrown "$name")" -eq $N
	done
	learn h1 h2
}

# shellcheck disable=SC2086 # lists of names
honest_passes() {
	local before
	before=$(all_drops)
	is "frames at h2" "$(thrown $HONEST)" -eq "$(count $HONEST)"
	is "frames refused" $(($(all_drops) - before)) -eq 0
}

# count NAME...: of them, N each
count() {
	echo $((N * $#))
}

# by_reason NAME...: how many frames meet each reason
by_reason() {
	local name
	for name; do
		reason "$name"
	done | sort | uniq -c | awk -v n=$N '{ print $2, n * $1 }'
}

# risen drops|audited: of h1, since mark
risen() {
	kvs drops --json | jq -r --slurpfile old "$T/drops" --arg field "$1" '
		def get: .ports[] | select(.name == "h1") | .[$field];
		($old[0] | get) as $was | get | to_entries[] | .value -= ($was[.key] // 0) | select(.value > 0) |
		"\(.key) \(.value)"' | sort
}

# nothing arrives, and each is counted once, by its reason and in rx_packets
# shellcheck disable=SC2086
refused_by_reason() {
	mark
	is "frames at h2" "$(thrown $REFUSED)" -eq 0
	by_reason $REFUSED | diff - <(risen drops) || fail "< should have been refused, > was"
	is "frames in rx_packets" "$(rose h1 rx_packets)" -eq "$(count $REFUSED)"
}

a_list_of_macs() {
	kvs guard set h1 --macs 02:00:00:00:00:01
	mark
	is "frames of another MAC at h2" "$(thrown mac_limit)" -eq 0
	is "frames counted" "$(rose h1 drops.mac)" -eq $N
	is "frames of its own at h2" "$(thrown ipv4_own)" -eq $N
	kvs guard set h1 --macs any
	is "frames of its own at h2" "$(thrown ipv4_own)" -eq $N # it is learned before another
}

# shellcheck disable=SC2086
# in mode audit all arrives, is counted as what would be refused, and as nothing that was
audit_lets_pass() {
	local names=${REFUSED/link_local/}
	kvs guard set h1 --mode audit
	mark
	is "frames at h2" "$(thrown $names)" -eq "$(count $names)"
	by_reason $names | diff - <(risen audited) || fail "< should have been audited, > was"
	[ -z "$(risen drops)" ]
	is "frames in rx_packets" "$(rose h1 rx_packets)" -eq "$(count $names)"
	kvs guard set h1 --mode enforce
}

kinds() {
	local path=$1
	kvs guard set h1 --guard vm --addresses $OWN
	t "$path: what the port may send arrives" honest_passes
	t "$path: what it may not is refused, each by its reason" refused_by_reason
	t "$path: a list of MACs" a_list_of_macs
	t "$path: mode audit counts, and lets pass" audit_lets_pass
	kvs guard del h1
}

# --- changes under load

# spoof_start: h1 sends as another, all the time
spoof_start() {
	spawn spoof h1 "$FRAMES" send eth0 --src 02:00:00:00:00:07 --dst "$(mac h2)" --proto udp --count 0 \
		--rate $((2000 / SCALE)) --id 7
}

# under_load COMMAND...: nothing of h1's own is lost while it runs, and nothing of what h1 sends as another arrives
under_load() {
	local sent before
	before=$(all_drops)
	listen h2
	flood_start h1 h2 --rate $((5000 / SCALE)) --id 1
	spoof_start
	sleep 0.3
	"$@"
	sleep 0.3
	stop spoof
	sent=$(flood_stop)
	hush h2
	is "frames lost of $sent" $((sent - $(heard h2 1))) -eq 0
	is "spoofed frames at h2" "$(heard h2 7)" -eq 0
	is "frames refused" $(($(all_drops) - before)) -ge "$(cat "$T/spoof")"
	kvs guard set h1 --guard vm --addresses $OWN --macs 02:00:00:00:00:01
}

# each pair has a policy that differs in kind: list or limit, addresses or none, types or any, tags or none
change_often() {
	for _ in 1 2 3 4 5; do
		kvs guard set h1 --guard vm --macs any --addresses $OWN
		kvs guard set h1 --guard trunk --macs 02:00:00:00:00:01 --addresses $OWN
		kvs guard set h1 --addresses any
		kvs guard set h1 --guard router --addresses 198.51.100.0/26,2001:db8::/32
		kvs guard set h1 --guard vm --addresses 198.51.100.1 --macs 02:00:00:00:00:01,02:00:00:00:00:11
	done
}

kill_and_start() {
	kvsd_kill
	sleep 0.5
	kvsd_start
	guard_is h1 guard vm
	guard_is h1 state on
}

# on and off again: what others send is not disturbed by the programs being changed
on_and_off() {
	local sent
	listen h2
	flood_start h3 h2 --rate $((5000 / SCALE)) --id 3
	kvs guard set h1 --guard vm
	sleep 0.2
	kvs guard del h1
	until_ok 30 no test -e "$T/bpf/kvs/kvs_guards"
	sent=$(flood_stop)
	hush h2
	is "frames lost of $sent" $((sent - $(heard h2 3))) -eq 0
	is "duplicates" "$(heard h2 3 duplicates)" -eq 0
}

# --- without kvsd

holds_without_kvsd() {
	kvsd_kill
	is "spoofed frames at h2" "$(thrown ipv4 arp nd mac_limit)" -eq 0
	is "frames of its own at h2" "$(thrown ipv4_own)" -eq $N
	kvsd_start
	guard_is h1 guard vm
	is "spoofed frames at h2" "$(thrown ipv4 arp nd mac_limit)" -eq 0
	is "frames of its own at h2" "$(thrown ipv4_own)" -eq $N
}

bridge_add br0 mcast_snooping 0 # which looks into frames, too
for host in h1 h2 h3; do
	host_add $host br0
done
mute h1 h2 h3
kvsd_start --adopt br0
learn h1 h2 h3
t "without a guard, all of it arrives" without_a_guard_all_arrive
for path in tc xdp slow; do
	set_path $path h1 h2
	learn h1 h2 h3
	kinds $path
done
for path in tc xdp; do
	set_path $path h1 h2 h3
	learn h1 h2 h3
	t "$path: the first guard comes, the last one goes: nobody else loses a frame" on_and_off
	kvs guard set h1 --guard vm --addresses $OWN --macs 02:00:00:00:00:01
	t "$path: guards that change lose nothing that is allowed, and let nothing else pass" under_load change_often
	t "$path: nor does a kvsd that is killed and started" under_load kill_and_start
	t "$path: a guard holds while there is no kvsd" holds_without_kvsd
	kvs guard del h1
	t "$path: and is gone when it is taken off" has_no_guard h1
done
done_testing
