#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# sockets.sh: endpoints that have addresses and programs, instead of a source and a sink. Sourced after lib.sh.

export PORT_GRO=off # as the kernel makes a veth

ip4() {
	echo "192.0.2.$1"
}

# sockets_up SYSTEM N [SINKS]: system_up, where the endpoints after the first SINKS (0) have addresses
sockets_up() {
	local i
	system_up "$1" "$2" "${3:-0}"
	for ((i = ${3:-0} + 1; i <= $2; i++)); do
		ip -n "$1.h$i" address add "$(ip4 $i)/24" dev eth0
		ip -n "$1.h$i" link set lo up
	done
}

# is_listening SYSTEM HOST PORT [-u]
is_listening() {
	on "$1.h$2" ss "${4--t}Hln" sport = ":$3" | grep -q .
}

# asked SYSTEM FROM TO CPU SERVER-CPU [OPTION...]: sets $answer to what rr prints
asked() {
	local system=$1 from=$2 to=$3 cpu=$4 udp='' server
	nsenter --net="/run/netns/$system.h$to" taskset -c "$5" "$BIN/rr" serve "${@:6}" &
	server=$!
	[[ " $* " != *" --udp "* ]] || udp=-u
	until_ok 5 is_listening "$system" "$to" 7007 $udp
	# shellcheck disable=SC2034 # for the caller
	answer=$(on "$system.h$from" taskset -c "$cpu" "$BIN/rr" ask "$(ip4 "$to")" "${@:6}")
	kill $server
	wait $server || true
}
