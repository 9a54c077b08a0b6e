#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# restart_test.sh: kvsd ends or is killed, and starts again: no frame is lost, the fast path stays.
. "$(dirname "$0")/lib.sh"

# under_load PATH COMMAND...: nothing is lost while it runs, not of a flood, not of a TCP stream
under_load() {
	local path=$1 sent
	shift
	mark
	listen h2
	flood_start h1 h2 --rate $((20000 / SCALE)) --id 1 --proto udp
	tcp_start h3 h4
	sleep 0.5
	"$@"
	sleep 0.5
	sent=$(flood_stop)
	hush h2
	tcp_stop
	is "frames lost of $sent" $((sent - $(heard h2 1))) -eq 0
	is "duplicates" "$(heard h2 1 duplicates)" -eq 0
	took h1 "$path" "$sent" # the counters are pinned too, and went on without kvsd
}

kill_and_start() {
	kvsd_kill
	sleep 0.5
	kvsd_start
}

stop_and_start() {
	kvsd_stop
	sleep 0.5
	kvsd_start
}

many() {
	for _ in 1 2 3 4 5; do
		kvsd_kill
		kvsd_start
	done
}

adopted() {
	[ "$(query status '.switches[] | select(.name == "br0") | .fast_path')" = true ]
}

keeps_paths() {
	port_is h1 path xdp && port_is h3 path slow
	kvsd_stop
	kvsd_start
	port_is h1 path xdp && port_is h3 path slow
	port_is h1 path_now xdp && port_is h3 path_now slow
}

sigterm_exits_0() {
	local status=0
	"$ROOT/build/kvsd" --run-dir "$T/run2" --pin-dir "$T/bpf/kvs2" >> "$T/kvsd.log" 2>&1 &
	until_ok 20 "$ROOT/build/kvs" --run-dir "$T/run2" status
	kill -TERM $!
	wait $! || status=$?
	is "exit status" $status -eq 0
	no test -e "$T/run2/kvs.sock"
}

forwards_without_kvsd() {
	kvsd_stop
	listen h2 h3
	send h1 h2 --count 100 --id 2
	hush h2 h3
	is "frames at h2" "$(heard h2 2)" -eq 100
	is "frames at h3" "$(heard h3 2)" -eq 0
	kvsd_start
}

# what happened while there was no kvsd: h1's station moved to h3, h4 left
changes_in_between() {
	kvsd_stop
	ip link set h4 nomaster
	on h3 "$FRAMES" send eth0 --src "$(mac h1)" --dst ff:ff:ff:ff:ff:ff
	kvsd_start
	until_ok 5 is_known "$(mac h1)" h3
	until_ok 5 has_no_hooks h4
	mark
	listen h1 h3
	send h2 h1 --count 100 --id 4
	hush h1 h3
	is "frames at h3" "$(heard h3 4)" -eq 100
	is "frames at h1" "$(heard h1 4)" -eq 0
	took h2 fast_tc 100
}

second_is_refused() {
	refused 1 "$(cat "$T/kvsd.pid")" timeout 10 "$ROOT/build/kvsd" --run-dir "$T/run" --pin-dir "$T/bpf/kvs"
	adopted
}

bridge_add br0
for host in h1 h2 h3 h4; do
	host_add $host br0
done
kvsd_start --adopt br0
for path in tc xdp; do
	set_path $path h1 h2
	learn h1 h2 h3 h4
	t "$path: kill -9 and a restart lose nothing" under_load fast_$path kill_and_start
	t "$path: five in a row neither" under_load fast_$path many
	t "$path: SIGTERM and a restart neither" under_load fast_$path stop_and_start
	t "$path: the switch is still adopted" adopted
done
set_path slow h3
t "paths that were set outlast a restart" keeps_paths
t "SIGTERM: exit status 0, the socket is gone" sigterm_exits_0
t "SIGTERM: forwarding stays on" forwards_without_kvsd
set_path tc h1 h2 h3 h4
learn h1 h2 h3 h4
t "what changed while kvsd was down is seen at the start" changes_in_between
t "a second kvsd is refused, the pid is named" second_is_refused
done_testing
