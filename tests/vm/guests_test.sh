#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guests_test.sh: two real guests and a container exchange ping, UDP and files over a KVS switch.
#
#	guest a -- tap-a --+
#	guest b -- tap-b --+-- sw          on each of: checksum offload on and off, path tc and xdp
#	container c -- vc -+
#
# Where XDP takes a frame is known exactly: small ones always, larger ones when nothing is left to the device.
set -u
# shellcheck source=tests/vm/lab.sh disable=SC1091
. "$(dirname "$0")/lab.sh"
lab_enter "$0" "$@"

PAIRS=('a b' 'b a' 'a c' 'c a' 'b c' 'c b')
declare -A IP=([a]=10.77.0.1 [b]=10.77.0.2 [c]=10.77.0.3)
declare -A MAC=([a]=02:00:00:00:77:01 [b]=02:00:00:00:77:02)
PORTS=(tap-a tap-b vc)
n=0

# check NAME COMMAND...: one line of TAP; what the command says is shown when it fails
check() {
	local name=$1 said
	shift
	n=$((n + 1))
	if said=$("$@" 2>&1); then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		echo "# ${said//$'\n'/$'\n# '}"
	fi
}

# at STATION COMMAND...
at() {
	local who=$1
	shift
	case $who in
	c) lab_in c "$*" ;;
	*) guest_run "$who" "cd /tmp; $*" ;;
	esac
}

# each FUNCTION: once per pair of stations
each() {
	local pair from to
	for pair in "${PAIRS[@]}"; do
		read -r from to <<< "$pair"
		"$1" "$from" "$to" || return
	done
}

ping_pair() {
	local said
	said=$(at "$1" "ping -q -c 50 -A -w 60 ${IP[$2]}")
	grep -q ' 0% packet loss' <<< "$said" && return
	echo "$1 to $2: $said"
	return 1
}

# received STATION FILE DIGEST
received() {
	[ "$(at "$1" "sort $2 | sha256sum")" = "$3" ]
}

# 25 datagrams of 400 bytes, each a line of its own, in any order: no more than a socket has room for
udp_pair() {
	local want
	at "$2" 'rm -f udp; (timeout 60 socat -u UDP4-RECV:7000 CREATE:udp > /dev/null 2>&1 & echo $! > udp.pid)'
	lab_until 30 at "$2" 'grep -q :1B58 /proc/net/udp'
	at "$1" 'od -An -v -tx1 -w133 -N3325 /dev/urandom > lines'
	want=$(at "$1" 'sort lines | sha256sum')
	at "$1" "socat -u -b 400 OPEN:lines UDP4-SENDTO:${IP[$2]}:7000"
	lab_until 30 received "$2" udp "$want"
	local status=$?
	at "$2" "kill \$(cat udp.pid); wc udp"
	[ $status = 0 ] || echo "$1 to $2: of 25 datagrams, see above"
	return $status
}

tcp_pair() {
	local want
	at "$2" 'rm -f file open; mkfifo open; (timeout 100 nc -l -p 5000 > file <> open &)'
	lab_until 30 at "$2" 'grep -q ":1388 .* 0A" /proc/net/tcp /proc/net/tcp6'
	want=$(at "$1" 'head -c 3000000 /dev/urandom > sent; sort sent | sha256sum')
	at "$1" "nc ${IP[$2]} 5000 < sent" && lab_until 60 received "$2" file "$want" && return
	echo "$1 to $2: the file did not arrive"
	return 1
}

# checksum_errors STATION: datagrams its kernel threw away for their checksum
checksum_errors() {
	at "$1" 'cat /proc/net/snmp /proc/net/snmp6' | awk '
		/^Icmp:|^Tcp:|^Udp:/ && $2 ~ /[A-Z]/ { for (i = 1; i <= NF; i++) if ($i == "InCsumErrors") col = i; next }
		/^Icmp:|^Tcp:|^Udp:/ { sum += $col }
		/InCsumErrors/ { sum += $2 }
		END { print sum + 0 }'
}

all_checksums_valid() {
	local who errors bad=0
	for who in a b c; do
		errors=$(checksum_errors "$who")
		[ "$errors" = 0 ] || { echo "station $who: $errors invalid checksums" && bad=1; }
	done
	return $bad
}

# snapshot FILE: {port: {xdp, tc, slow: {reason: count}}}, without what is not unicast
snapshot() {
	jq -n --argjson stats "$(kvs stats --json)" --argjson drops "$(kvs drops --json)" '
		reduce $stats.ports[] as $p ({}; .[$p.name] = {xdp: $p.fast_xdp, tc: $p.fast_tc,
			slow: ($drops.ports[] | select(.name == $p.name) | .slow | del(.multicast))})' > "$1"
}

# shares KEYS PORT...: of the unicast frames since the snapshot, 99 in 100 were counted under one of KEYS.
# One frame of a station in a while goes to the bridge on purpose (refresh): those do not count.
shares() {
	local keys=$1
	shift
	snapshot "$LAB/after"
	jq -en --arg keys "$keys" --slurpfile a "$LAB/before" --slurpfile b "$LAB/after" '
		[$ARGS.positional[] as $p | ($b[0][$p], $a[0][$p]) |
			{xdp, tc, slow: (.slow | del(.refresh) | add // 0)}] |
		[range(0; length; 2) as $i | .[$i] as $new | .[$i + 1] as $old |
			{port: $ARGS.positional[$i / 2], xdp: ($new.xdp - $old.xdp), tc: ($new.tc - $old.tc),
			 slow: ($new.slow - $old.slow)}] |
		(.[] | stderr | empty),
		all(.[]; . as $d | [$keys | split(" ")[] as $k | $d[$k]] | add as $fast |
			$fast > 0 and $fast > 0.99 * ($d.xdp + $d.tc + $d.slow))' --args "$@" && return
	jq -c . "$LAB/before" "$LAB/after"
	return 1
}

path_taken() {
	kvs port show --json | jq -e --arg p "$1" 'all(.ports[]; .path_now == $p)'
}

all_known() {
	kvs fdb show --json | jq -e '[.fdb[] | select(.fast)] | length >= 3'
}

# set_path PATH: waits until it is so, and until the fast path knows all stations
set_path() {
	local port
	for port in "${PORTS[@]}"; do
		kvs port set "$port" --path "$1" || return
	done
	lab_until 10 path_taken "$1" && each ping_pair && lab_until 10 all_known
}

# bulk OFFLOAD PATH: who takes full-size TCP segments
bulk_shares() {
	case $1,$2 in
	*,tc) shares tc "${PORTS[@]}" ;;
	off,xdp) shares xdp tap-a tap-b && shares 'xdp tc' vc ;;
	on,xdp) shares 'xdp tc' "${PORTS[@]}" ;;
	esac
}

# traffic OFFLOAD PATH
traffic() {
	local on="checksum offload $1, path $2"
	check "$on: is set" set_path "$2"
	snapshot "$LAB/before"
	check "$on: ping" each ping_pair
	check "$on: UDP" each udp_pair
	check "$on: small frames took $2" shares "$2" "${PORTS[@]}"
	snapshot "$LAB/before"
	check "$on: files over TCP" each tcp_pair
	check "$on: large frames were fast" bulk_shares "$1" "$2"
	check "$on: no invalid checksum arrived" all_checksums_valid
}

# round OFFLOAD GUEST-OPTION...: the guests with it on or off, on both paths
round() {
	local who path offload=$1 queues=1
	shift
	[ "$offload" = off ] || queues=2
	guest_tap tap-a
	guest_tap tap-b $queues
	for who in a b; do
		kvs port add "tap-$who" sw || return
	done
	guest_start a tap-a "${MAC[a]}" "${IP[a]}/24" "$@"
	guest_start b tap-b "${MAC[b]}" "${IP[b]}/24" "$@" queues=$queues
	check "checksum offload $offload: the guests boot" each guest_is_up
	for path in tc xdp; do
		traffic "$offload" "$path"
	done
	guest_stop a
	guest_stop b
	ip link del tap-a
	ip link del tap-b
}

guest_is_up() {
	[ "$1" = c ] || guest_wait "$1"
}

guest_setup socat && lab_kvsd && kvs switch add sw && lab_container c vc "${IP[c]}/24" &&
	kvs port add vc sw || exit 1
round on
round off csum=off
echo "1..$n"
