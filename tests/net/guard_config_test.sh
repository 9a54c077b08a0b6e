#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guard_config_test.sh: guards of the configuration: given to ports that join, changed by a reload, kept by a restart; ports
# whose guard cannot be installed are shut.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/net/guard_frames.sh"

CONFIG=$T/kvs.yaml
N=3

guard_is() {
	local now
	now=$(query 'guard show' '.guards[] | select(.name == $name) | .[$field]' --arg name "$1" --arg field "$2")
	[ "$now" = "$3" ] || { echo "$2 of $1 is '$now'" && return 1; }
}

has_no_guard() {
	no kvs guard show "$1"
}

# shut_says IF PATTERN: it is shut, and status says why
shut_says() {
	query status '.guards.shut[] | select(.name == $name) | .reason' --arg name "$1" | grep -E "$2"
}

is_not_shut() {
	[ -z "$(query status '.guards.shut[] | select(.name == $name) | .name' --arg name "$1")" ]
}

thrown() {
	listen h2
	throw "$1" $N
	hush h2
	jq .frames "$T/h2.heard"
}

passes() {
	is "frames '$1' at h2" "$(thrown "$1")" -eq $N
}

stays_away() {
	is "frames '$1' at h2" "$(thrown "$1")" -eq 0
}

# write: the configuration, with what stands on the input
write() {
	cat > "$CONFIG"
}

one_address() {
	write <<- END
		guards:
		  - name: tenant
		    preset: vm
		    mode: ${1-enforce}
		ports:
		  - match: "h*"
		    guard: none
		  - match: h1
		    guard: tenant
		    macs: [02:00:00:00:00:01]
		    addresses: [192.0.2.1, 2001:db8::1]
	END
}

given_at_the_start() {
	one_address
	kvsd_start --config "$CONFIG" --adopt br0
	guard_is h1 guard tenant
	guard_is h1 mode enforce
	has_no_guard h2
	passes ipv4_own
	stays_away ipv4
	stays_away mac_limit
}

given_when_it_joins() {
	ip link set h1 nomaster
	until_ok 10 has_no_guard h1
	join h1 br0
	until_ok 10 guard_is h1 guard tenant
	passes ipv4_own
	stays_away ipv4
}

reload_changes() {
	one_address audit
	kvs reload
	guard_is h1 mode audit
	passes ipv4
	sed -i 's/mode: audit/mode: enforce/; s/192.0.2.1,/192.0.2.9,/' "$CONFIG"
	kvs reload
	guard_is h1 mode enforce
	passes ipv4
	stays_away ipv4_own
	kvs guard set h1 --guard trunk # by hand: stays while the file says the same
	kvs reload
	guard_is h1 guard trunk
	echo 'ports: []' | write
	kvs reload
	has_no_guard h1
	passes ipv4_own
}

refused_whole() {
	one_address
	kvs reload
	printf 'ports:\n- match: h1\n  guard: nobody\n' > "$CONFIG"
	refused 1 'no guard named .nobody.' kvs reload
	guard_is h1 guard tenant
	stays_away ipv4
	refused 1 'no guard named .tennant.: did you mean .tenant.' kvs guard set h1 --guard tennant
	refused 1 'h2 has no guard yet' kvs guard set h2 --mode audit
	refused 1 'h2 has no guard' kvs guard del h2
	refused 1 "no port named 'h9'" kvs guard set h9 --guard vm
	guard_is h1 guard tenant
}

# by hand, with what only a port has
kept_by_a_restart() {
	one_address
	kvsd_stop
	kvsd_start --config "$CONFIG"
	guard_is h1 guard tenant
	kvs guard set h2 --guard tenant --macs 02:00:00:00:00:02,02:00:00:00:00:22 --addresses 192.0.2.0/28 --mode audit
	kvsd_kill
	kvsd_start # without the file: neither is known there
	guard_is h1 guard tenant
	guard_is h2 mode audit
	[ "$(query 'guard show' '.guards[] | select(.name == "h2") | .macs | sort | join(" ")')" = \
		"02:00:00:00:00:02 02:00:00:00:00:22" ]
	[ "$(query 'guard show' '.guards[] | select(.name == "h2") | .addresses | join(" ")')" = 192.0.2.0/28 ]
	passes ipv4_own
	stays_away ipv4
}

# other limits are other maps: what is in force moves there
other_limits() {
	printf 'limits: {ports: 99, guard-entries: 77}\n' > "$CONFIG"
	kvsd_stop
	kvsd_start --config "$CONFIG"
	guard_is h1 guard tenant
	guard_is h2 mode audit
	passes ipv4_own
	stays_away ipv4
}

no_room() {
	printf 'limits: {guard-entries: 64}\nports: [{match: h1, guard: big}, {match: h2, guard: big}]\n' > "$CONFIG"
	printf 'guards: [{name: big, max-macs: 40}]\n' >> "$CONFIG"
	kvsd_stop
	kvsd_start --config "$CONFIG"
	mark
	if is_not_shut h1; then
		shut_says h2 'limits.guard-entries is 64'
		kvs guard del h1
		until_ok 20 is_not_shut h2
	else
		shut_says h1 'limits.guard-entries is 64'
		stays_away ipv4_own
		is "frames refused" "$(rose h1 drops.shut)" -eq $N
		kvs guard show h1 | grep SHUT
		kvs guard del h2
		until_ok 20 is_not_shut h1
	fi
	passes ipv4_own
	kvs guard del h1 || kvs guard del h2
	has_no_guard h1
}

# a request that finds no room changes nothing
request_without_room() {
	kvs guard set h1 --guard big
	refused 1 'h2: no room for its guard' kvs guard set h2 --guard big
	has_no_guard h2
	guard_is h1 state on
	kvs guard del h1
}

# nothing more can be opened, so no programs are loaded: the port is shut by what is at hand, until it is better
programs_refused() {
	local pid
	pid=$(cat "$T/kvsd.pid")
	until_ok 30 no test -e "$T/bpf/kvs/kvs_guards"
	passes ipv4_own
	# a reload opens the file, and an answer is a connection: a few have to be left
	prlimit --pid "$pid" --nofile=$(($(find "/proc/$pid/fd" -type l | wc -l) + 3)):
	printf 'ports: [{match: h1, guard: vm}]\n' > "$CONFIG"
	kill -HUP "$pid"
	until_ok 10 shut_says h1 'could not be installed'
	stays_away ipv4_own
	[ ! -e "$T/bpf/kvs/kvs_guards" ]
	prlimit --pid "$pid" --nofile=1024:
	kvs reload
	is_not_shut h1
	guard_is h1 state on
	passes ipv4_own
	stays_away mac_limit
}

# the bridge forgets a station that is silent, and so does the guard
limit_is_given_back() {
	kvs guard set h1 --guard vm
	passes ipv4_own
	stays_away mac_limit
	ip link set br0 type bridge ageing_time 100
	until_ok 60 no_mac_learned
	passes mac_limit
	stays_away ipv4_own
	ip link set br0 type bridge ageing_time 30000
	kvs guard del h1
}

no_mac_learned() {
	[ "$(query 'guard show' '.guards[] | select(.name == "h1") | .learned | length')" = 0 ]
}

release_ends_it() {
	kvs guard set h1 --guard vm --addresses 192.0.2.1
	kvs release br0
	passes ipv4
	[ ! -e "$T/bpf/kvs" ]
}

bridge_add br0 mcast_snooping 0
for host in h1 h2; do
	host_add $host br0
done
mute h1 h2
t "a port has its guard from the start" given_at_the_start
t "and when it joins" given_when_it_joins
t "a reload applies the difference" reload_changes
t "what is wrong is refused, and changes nothing" refused_whole
t "a restart keeps guards, those set by hand too" kept_by_a_restart
t "so it does with other limits" other_limits
t "without room for its guard a port is shut, until there is" no_room
t "a request without room is refused, and changes nothing" request_without_room
t "a port is shut where the programs cannot be loaded" programs_refused
t "a learned MAC goes when the bridge has forgotten it" limit_is_given_back
t "a release ends it" release_ends_it
done_testing
