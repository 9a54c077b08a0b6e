#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# migrate_test.sh: a running guest migrates from one QEMU to another; a third station's traffic follows it.
#
#	QEMU 1 -- tap-1 --+
#	QEMU 2 -- tap-2 --+-- sw -- vc -- container c: an endless ping
#
# QEMU announces the guest at its new place with RARPs. Every request that leaves c after it has heard the first of
# them has to be answered: none goes to the old place, where nobody is.
set -u
# shellcheck source=tests/vm/lab.sh disable=SC1091
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/vm/check.sh disable=SC1091
. "$(dirname "$0")/check.sh"
lab_enter "$0" "$@"

STATIONS=(1 c)
declare -A IP=([1]=10.77.0.1 [2]=10.77.0.1 [c]=10.77.0.3)
PORTS=(tap-1 tap-2 vc)
MAC=02:00:00:00:77:01
ENOUGH=50 # requests

# in_c COMMAND...: not through a shell, so that it can be killed by its id
in_c() {
	exec nsenter --net="/proc/${LAB_PID[c]}/ns/net" "$@"
}

watch_start() {
	in_c tcpdump -n -U --immediate-mode -i eth0 -w "$LAB/pcap" 'icmp or rarp' 2> "$LAB/tcpdump" &
	WATCH=$!
	lab_until 30 grep -q listening "$LAB/tcpdump" || return
	in_c ping -i 0.02 "${IP[1]}" > /dev/null &
	PING=$!
	lab_until 30 watched "$ENOUGH" 'icmp[0] = 0'
}

# watched N FILTER: so many frames were seen
watched() {
	[ "$(tcpdump -n -r "$LAB/pcap" "$2" 2> /dev/null | wc -l)" -ge "$1" ]
}

# watch_stop: c sends no more, and waits for what is on its way; says how it ended
watch_stop() {
	local status=0
	kill "$PING" && wait "$PING"
	lab_until 20 all_answered || status=1
	kill "$WATCH" && wait "$WATCH"
	cat "$LAB/verdict"
	return $status
} 2> /dev/null

all_answered() {
	after_rarp > "$LAB/verdict"
}

# pcap: "rarp", "request SEQ", "reply SEQ", in the order c saw them
pcap() {
	tcpdump -n -r "$LAB/pcap" 2> /dev/null | awk '
		/Reverse/ { print "rarp" }
		/ICMP echo/ { match($0, /seq [0-9]+/); print (/request/ ? "request " : "reply ") substr($0, RSTART + 4, RLENGTH - 4) }'
}

# after_rarp: how many requests left after the first RARP; prints those without an answer
after_rarp() {
	pcap | awk -v enough="$ENOUGH" '
		/rarp/ { heard = 1 }
		$1 == "request" { all++; after += heard }
		$1 == "request" && heard { open[$2] = 1 }
		$1 == "reply" { delete open[$2]; answers++ }
		END {
			for (seq in open) { lost++; which = which " " seq }
			print all " requests, " answers " answers; after the RARP " after " requests, " lost + 0 " lost" which
			exit !(heard && after >= enough && !lost)
		}'
}

has_followed() {
	[ "$(pcap | awk '/rarp/ { heard = 1 } $1 == "request" { n += heard } END { print n + 0 }')" -ge $ENOUGH ]
}

# is_at PORT: for the kernel
is_at() {
	bridge fdb show br sw | grep -q "^$MAC dev $1 "
}

is_known_at() {
	kvs fdb show --json | jq -e --arg mac $MAC --arg port "$1" \
		'any(.fdb[]; .mac == $mac and .port == $port and .fast)'
}

# moves FROM TO: while c pings
moves() {
	guest_start "$2" "tap-$2" $MAC "${IP[1]}/24" incoming
	watch_start || { echo "c gets no answers" && return 1; }
	[ "$kvsd" = lives ] || lab_kvsd_kill
	guest_migrate "$1" "$2" || { echo "migration failed: $(guest_monitor "$1" info migrate)" && return 1; }
	lab_until 60 has_followed
	lab_until 10 is_at "tap-$2" || { bridge fdb show br sw && return 1; }
	watch_stop
	local status=$?
	guest_stop "$1"
	return $status
}

# knows PORT: kvsd, if need be started again, has the new place; frames to it are fast
knows() {
	[ "$kvsd" = lives ] || lab_kvsd
	lab_until 30 is_known_at "$1" || { kvs fdb show && return 1; }
	snapshot "$LAB/before"
	answers c "${IP[1]}" && at c "ping -q -c 200 -A -w 60 ${IP[1]}" && shares "$path" vc "$1"
}

# hop FROM TO PATH KVSD
hop() {
	local path=$3 kvsd=$4 on="path $3, kvsd $4"
	check "$on: is set" ready "$@"
	n=$((n + 1))
	if moves "$1" "$2" > "$LAB/said" 2>&1; then
		echo "ok $n - $on: every frame after the announcement goes to the new place"
	else
		echo "not ok $n - $on: every frame after the announcement goes to the new place"
	fi
	sed 's/^/# /' "$LAB/said"
	check "$on: the new place is known" knows "tap-$2"
}

ready() {
	local port
	for port in "${PORTS[@]}"; do
		kvs port set "$port" --path "$3" || return
	done
	lab_until 10 path_taken "$3" && answers c "${IP[1]}" && lab_until 30 is_known_at "tap-$1"
}

guest_setup && lab_kvsd && kvs switch add sw && lab_container c vc "${IP[c]}/24" && kvs port add vc sw &&
	guest_tap tap-1 && guest_tap tap-2 && kvs port add tap-1 sw && kvs port add tap-2 sw || exit 1
guest_start 1 tap-1 $MAC "${IP[1]}/24"
guest_wait 1 || exit 1
hop 1 2 tc lives
hop 2 1 xdp lives
hop 1 2 xdp killed
hop 2 1 tc killed
echo "1..$n"
