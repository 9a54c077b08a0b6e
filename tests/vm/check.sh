# shellcheck shell=bash disable=SC2153 # the script that sources it sets the variables
# SPDX-License-Identifier: GPL-2.0-only
# check.sh: to be sourced after lab.sh; what stations on a switch can do with each other, each as a line of TAP.
#
# The script sets STATIONS (names of guests and containers), IP[station], PAIRS ('from to'...), PORTS (their ports);
# FILE_SIZE (bytes over TCP) if it wants other than 3 MB.
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

# at STATION COMMAND...: a container or a guest
at() {
	local who=$1
	shift
	if [ -n "${LAB_PID[$who]-}" ]; then
		lab_in "$who" "$*"
	else
		guest_run "$who" "cd /tmp; $*"
	fi
}

# each FUNCTION: once per pair of stations
each() {
	local pair from to
	for pair in "${PAIRS[@]}"; do
		read -r from to <<< "$pair"
		"$1" "$from" "$to" || return
	done
}

# answers FROM ADDRESS [OPTION...]: a first answer may take its time: addresses and neighbours are being found
answers() {
	local from=$1 to=$2
	shift 2
	lab_until 60 at "$from" "ping -q -c 1 -W 2 $* $to" && return
	echo "$from: no answer from $to ($*)"
	return 1
}

answer_pair() {
	answers "$1" "${IP[$2]}"
}

ping_pair() {
	local said
	answer_pair "$1" "$2" || return
	said=$(at "$1" "ping -q -c 50 -A -w 60 ${IP[$2]}")
	grep -q ' 0% packet loss' <<< "$said" && return
	echo "$1 to $2: $said"
	return 1
}

# received STATION FILE DIGEST
received() {
	[ "$(at "$1" "sort $2 | sha256sum")" = "$3" ]
}

# no_udp_port STATION HEX
no_udp_port() {
	! at "$1" "grep -q :$2 /proc/net/udp"
}

# 25 datagrams of 400 bytes, each a line of its own, in any order: no more than a socket has room for
udp_pair() {
	local want
	lab_until 30 no_udp_port "$2" 1B58
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
	want=$(at "$1" "head -c ${FILE_SIZE:-3000000} /dev/urandom > sent; sort sent | sha256sum")
	at "$1" "nc ${IP[$2]} 5000 < sent" && lab_until 60 received "$2" file "$want" && return
	echo "$1 to $2: the file did not arrive"
	return 1
}

# checksum_errors STATION: datagrams its kernel threw away for their checksum
checksum_errors() {
	local said
	said=$(at "$1" 'cat /proc/net/snmp /proc/net/snmp6') || return
	awk '
		/^Icmp:|^Tcp:|^Udp:/ && $2 ~ /[A-Z]/ { for (i = 1; i <= NF; i++) if ($i == "InCsumErrors") col = i; next }
		/^Icmp:|^Tcp:|^Udp:/ { sum += $col }
		/InCsumErrors/ { sum += $2 }
		END { print sum + 0 }' <<< "$said"
}

all_checksums_valid() {
	local who errors bad=0
	for who in "${STATIONS[@]}"; do
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
	kvs fdb show --json | jq -e --arg n "${#STATIONS[@]}" '[.fdb[] | select(.fast)] | length >= ($n | tonumber)'
}

# set_path PATH: waits until it is so, and until the fast path knows all stations
set_path() {
	local port
	for port in "${PORTS[@]}"; do
		kvs port set "$port" --path "$1" || return
	done
	lab_until 30 path_taken "$1" && each answer_pair && lab_until 30 all_known
}
