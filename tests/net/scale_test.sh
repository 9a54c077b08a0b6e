#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Many ports, bridges and stations: nothing is missed, what exceeds a limit is counted and slow, nothing stays behind.
# How long it takes, bench/scale.sh tells.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/net/scale.sh"

PORTS=150 BRIDGES=10 STATIONS=3000
EVENTS=40000 # several times what the socket's buffer holds

everything_is_adopted() {
	until_ok 30 has_ports $PORTS
	is "switches on the fast path" "$(query status '[.switches[] | select(.fast_path)] | length')" -eq $BRIDGES
	is "ports in use" "$(limit ports_used)" -eq $PORTS
	is "ports refused" "$(limit ports_refused)" -eq 0
}

links_are_few() {
	local links
	has_tcx || skip "no tcx in this kernel"
	links=$(query 'port show' '[.ports[] | select(.hook_tc == "tcx")] | length')
	is "tcx links" "$links" -eq 16
	is "clsact filters" "$(query 'port show' '[.ports[] | select(.hook_tc == "clsact")] | length')" -eq $((PORTS - links))
}

fdb_is_equal() {
	until_ok 30 is_equal
	is "stations" "$(wc -l < "$T/fdb.map")" -eq $STATIONS
	is "stations refused" "$(limit fdb_refused)" -eq 0
}

# made, moved and deleted
fdb_is_followed() {
	stations add $STATIONS $((STATIONS + 500)) $PORTS
	stations replace 0 250 $PORTS $BRIDGES
	stations del 250 500 $PORTS
	until_ok 30 is_equal
	is "stations" "$(wc -l < "$T/fdb.map")" -eq $((STATIONS + 250))
}

events_were_lost() {
	grep -q 'events were lost' "$T/kvsd.log"
}

# while kvsd stands still, more happens than fits into its socket
overflow_is_survived() {
	local pid
	pid=$(cat "$T/kvsd.pid")
	no events_were_lost
	kill -STOP "$pid"
	stations add 10000 $((10000 + EVENTS / 2)) $PORTS
	stations del 10000 $((10000 + EVENTS / 2)) $PORTS
	stations del 0 50 $PORTS $BRIDGES
	stations add 30000 30100 $PORTS
	ports_del 0 5
	ports_add $PORTS $((PORTS + 5)) $BRIDGES
	kill -CONT "$pid"
	until_ok 30 events_were_lost
	until_ok 30 is_equal
	until_ok 30 has_ports $PORTS
}

round() {
	ports_add 1000 1010 $BRIDGES
	until_ok 30 has_ports $((PORTS + 10))
	ports_del 1000 1010
	until_ok 30 has_ports $PORTS
}

nothing_leaks() {
	local before i
	round
	until_ok 30 has_ports $PORTS
	holdings > "$T/holdings"
	before=$(rss)
	for ((i = 0; i < 3; i++)); do
		round
	done
	until_ok 30 holds_as_before
	is "KiB more in memory" $(($(rss) - before)) -le 512
}

restart_keeps_hooks() {
	query 'port show' '.ports[] | "\(.name) \(.hook_tc)"' > "$T/hooks.before"
	kvsd_stop
	kvsd_start --config "$T/kvs.yaml"
	until_ok 30 has_ports $PORTS
	query 'port show' '.ports[] | "\(.name) \(.hook_tc)"' | diff "$T/hooks.before" -
	until_ok 30 is_equal
}

no_clsact() {
	! tc qdisc show | grep clsact
}

release_leaves_nothing() {
	ids > "$T/ids"
	kvs release --all
	no_clsact
	no test -e "$T/bpf/kvs"
	has_no_hooks p10
	has_no_hooks p$((PORTS - 1))
	until_ok 30 are_gone "$T/ids"
	kvsd_stop
}

# fitting: the ports that found room
fitting() {
	query 'port show' '.ports[] | select(.hook_tc != "none") | .name'
}

# counted_right: of the stations behind ports that found room, 64 are fast and the rest are counted
counted_right() {
	local all fast
	all=$(kvs fdb show --json | jq --arg ports "$(fitting)" \
		'[.fdb[] | select(.state != "local" and (.port | IN($ports / "\n" | .[])))] | length')
	fast=$(query 'fdb show' '[.fdb[] | select(.fast)] | length')
	echo "$all stations, $fast of them fast, $(limit fdb_refused) refused"
	[ "$all" -gt 64 ] && [ "$fast" = 64 ] && limit_is fdb_refused $((all - 64))
}

# room for 2 of 4 ports and for 64 of 90 stations
limits_are_counted() {
	local host
	bridge_add br0
	for host in h1 h2 h3 h4; do
		host_add $host br0
	done
	printf 'limits: {ports: 2, fdb: 64}\n' > "$T/small.yaml"
	: > "$T/kvsd.log"
	kvsd_start --config "$T/small.yaml" --adopt br0
	until_ok 30 limit_is ports_refused 2
	is "ports in use" "$(limit ports_used)" -eq 2
	is "messages on ports" "$(grep -c 'stays on the slow path: limits.ports is reached' "$T/kvsd.log")" -eq 2
	printf "fdb add 06:00:00:00:00:%s dev $(fitting | head -n 1) master static\n" {10..99} | bridge -batch -
	until_ok 30 counted_right
	is "messages on stations" "$(grep -c 'some stations stay on the slow path' "$T/kvsd.log")" -ge 1
	kvs status | grep 'refused, and on the slow path: ports 2, stations'
}

# from each host to each, with and without room
all_traffic_arrives() {
	local from to id=0
	hello h1 h2 h3 h4
	listen h1 h2 h3 h4
	for from in h1 h2 h3 h4; do
		for to in h1 h2 h3 h4; do
			[ $from = $to ] || send $from $to --count 50 --id $((++id)) > "$T/sent"
		done
	done
	hush h1 h2 h3 h4
	id=0
	for from in h1 h2 h3 h4; do
		for to in h1 h2 h3 h4; do
			[ $from != $to ] || continue
			id=$((id + 1))
			is "frames from $from at $to" "$(heard $to $id)" -eq 50
		done
	done
}

room_is_given_to_others() {
	printf "fdb del 06:00:00:00:00:%s dev $(fitting | head -n 1) master\n" {10..89} | bridge -batch -
	until_ok 60 limit_is fdb_refused 0
	ip link set "$(fitting | tail -n 1)" nomaster
	until_ok 30 limit_is ports_refused 1
	is "ports in use" "$(limit ports_used)" -eq 2
}

{
	far_add
	bridges_add $BRIDGES
	ports_add 0 $PORTS $BRIDGES
	stations add 0 $STATIONS $PORTS
	printf "limits: {ports: %d, fdb: %d}\n" 256 65536 > "$T/kvs.yaml"
	kvsd_start --config "$T/kvs.yaml" --adopt 'b*'
} > "$T/setup"
t "$PORTS ports on $BRIDGES bridges are adopted" everything_is_adopted
t "the first ports get tcx links, the rest clsact filters" links_are_few
t "all stations are known where they are" fdb_is_equal
t "stations that come, move and go are followed" fdb_is_followed
t "lost events: everything is read anew" overflow_is_survived
t "a restart leaves the hooks as they are" restart_keeps_hooks
t "ports that come and go leave nothing behind" nothing_leaks
t "release leaves nothing behind" release_leaves_nothing
t "beyond the limits: refused, said and counted" limits_are_counted
t "beyond the limits: all frames arrive" all_traffic_arrives
t "beyond the limits: who goes makes room" room_is_given_to_others
done_testing
