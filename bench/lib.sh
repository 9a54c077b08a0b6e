#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# lib.sh: what the benchmarks share. A benchmark (bench/NAME.sh) sources it first and is then run again in namespaces of
# its own (network, mounts, processes), which end with it.
#
#   SYSTEM.h1: eth0 ── p1 ┐                     A system is a switch under test in a namespace of its own (SYSTEM.sw) with
#                         SYSTEM.sw             endpoints SYSTEM.h1, h2, ... Systems are up side by side, and a round
#   SYSTEM.h2: eth0 ── p2 ┘                     measures one after the other, so that a ratio is of figures taken together.
#
# Systems: wire (h1 and h2 are the ends of one veth), bare, bridge, bridge-nf (with br_netfilter), macvlan (sockets alone), kvs-xdp,
# kvs-tc, kvs-auto.
# A system is bench/systems/NAME.sh, or for NAME-MODE without a file of its own bench/systems/NAME.sh with MODE set:
#   up PORT...    connects the ports, which are in the current network namespace (SYSTEM.sw), up, and without addresses
#   down          what the end of the namespaces does not undo; optional
#   endpoints N   makes the endpoints, where they are not veths; optional
# $D is the system's folder for what must be kept between these (they run in subshells), $D/bpf a BPF file system of its own.
#
# system_up SYSTEM [N [M]]     with N endpoints (2), the first M (all) with a sink; hello SYSTEM has each of them say a broadcast,
#                              so its MAC is learned
# flow SYSTEM FROM TO CPU [OPTION...]   frames from hFROM to hTO, the source on that CPU, until flows_stop; options of
#                              build/bench/source, sizes count the frame check sequence (--size 64 is 60 bytes of memory)
# delivered SYSTEM HOST...     JSON: what its sink counts at eth0 of these in $WINDOW seconds, $AFTER after the first
# mpps                         of that
# napi_threads SYSTEM          from now on its switch and sink work on the last CPU, whatever the CPU its source runs on
# rounds N FUNCTION [ARG...]   calls it with ROUND set
# record SYSTEM CASE METRIC UNIT VALUE   one line of the results; $BENCH is the benchmark
#
# The switch works on the CPU its source runs on: frames of a veth and a tap are handled by NAPI on the CPU that sent them.
# All else is on the last CPU. bench/run shows the line "# expects SECONDS" of each benchmark as the time it takes.
set -eu
shopt -s inherit_errexit
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
if [ -z "${KVS_BENCH_NAMESPACES-}" ]; then
	export KVS_BENCH_NAMESPACES=1
	[ -z "${OUTSIDE-}" ] || exec 9> >(exec bash)
	exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$@"
fi
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
BIN=$ROOT/build/bench
BENCH=$(basename "$0" .sh)
T=/run/bench
ROUNDS=${ROUNDS:-5} ROUND=0
AFTER=0.1 WINDOW=${WINDOW:-0.5} # seconds
CPU0=0 CPU1=$(($(nproc) - 1))   # where sources run
FLOWS=()

prepare() {
	mount -t tmpfs tmpfs /run
	mount -t sysfs sysfs /sys # of this network namespace
	mkdir -p "$T"
	echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 # nobody says anything of its own
	ip link set lo up
	taskset -pc "$CPU1" $$ > /dev/null
}

fail() {
	echo "$BENCH: $*" >&2
	exit 1
}

# until_ok SECONDS COMMAND...: polls; the last words are the command's
until_ok() {
	local end=$((SECONDS + $1 + 1)) out
	shift
	until out=$("$@" 2>&1); do
		[ $SECONDS -lt $end ] || fail "not within time: $*${out:+: $out}"
		sleep 0.05
	done
}

# on NAMESPACE COMMAND...
on() {
	local name=$1
	shift
	nsenter --net="/run/netns/$name" "$@"
}

# mac N: of the endpoint hN; the last four bytes are for many MACs behind it
mac() {
	printf '02:%02x:00:00:00:00\n' "$1"
}

# --- systems

# system SYSTEM VERB [ARG...]: in a subshell, in the switch's namespace
system() {
	local file=$ROOT/bench/systems/$1.sh
	(
		SYSTEM=$1 MODE='' D=$T/$1
		if [ ! -f "$file" ]; then
			file=$ROOT/bench/systems/${1%%-*}.sh MODE=${1#*-}
		fi
		export SYSTEM MODE D ROOT BIN T CPU0 CPU1
		shift
		set -- "$file" "$@"
		# shellcheck disable=SC2016 # expanded there
		on "$SYSTEM.sw" bash -c '. "$ROOT/bench/topology.sh"; . "$1"; shift; "$@"' "$SYSTEM" "$@"
	)
}

# system_up SYSTEM [N [M]]     with N endpoints (2), the first M (all) with a sink; hello SYSTEM has each of them say a broadcast,
#                              so its MAC is learned
system_up() {
	local system=$1 n=${2:-2} i
	mkdir -p "$T/$system/bpf"
	mount -t bpf bpf "$T/$system/bpf"
	ip netns add "$system.sw"
	on "$system.sw" ip link set lo up
	for ((i = 1; i <= n; i++)); do
		ip netns add "$system.h$i"
	done
	system "$system" endpoints "$n"
	for ((i = 1; i <= ${3:-n}; i++)); do
		on "$system.h$i" "$BIN/sink" attach eth0 "$T/$system/bpf/h$i" ${SINK_OPTIONS-}
	done
	# shellcheck disable=SC2046 # words
	system "$system" up $(seq -f 'p%.0f' "$n")
	hello "$system" "$n"
}

# system_down SYSTEM
system_down() {
	local name
	system "$1" down
	for name in /run/netns/"$1".*; do
		ip netns del "${name##*/}"
	done
	umount "$T/$1/bpf"
	rm -rf "${T:?}/$1"
}

# hello SYSTEM [N]: a broadcast from each of its endpoints
hello() {
	local i
	for ((i = 1; i <= ${2:-2}; i++)); do
		on "$1.h$i" "$BIN/source" eth0 --src "$(mac $i)" --dst ff:ff:ff:ff:ff:ff --count 1 > /dev/null
	done
	sleep 0.1
}

# --- frames

# flow SYSTEM FROM TO CPU [OPTION...]
flow() {
	local system=$1 from=$2 to=$3 cpu=$4
	shift 4
	nsenter --net="/run/netns/$system.h$from" "$BIN/source" eth0 --src "$(mac "$from")" --dst "$(mac "$to")" \
		--cpu "$cpu" "$@" > "$T/$system/flow$from" &
	FLOWS+=($!)
}

flows_stop() {
	kill "${FLOWS[@]}"
	wait "${FLOWS[@]}" || true
	FLOWS=()
}

# delivered SYSTEM HOST...
delivered() {
	local system=$1
	shift
	"$BIN/sink" rate "${@/#/$T/$system/bpf/h}" --after $AFTER --seconds "$WINDOW"
}

mpps() {
	jq '.frames / .seconds / 1e4 | round / 100'
}

# --- the switch on a CPU of its own: NAPI in threads. For benchmarks that set OUTSIDE=1 before they source this.

# outside COMMAND: in a shell that is in none of the namespaces; kernel threads are to be seen only there
outside() {
	local file=$BIN/outside.$BENCH
	echo "{ $*; } > '$file.tmp' 2>&1; mv '$file.tmp' '$file'" >&9
	until [ -e "$file" ]; do
		sleep 0.005
	done
	cat "$file"
	rm "$file"
}

# napi_threads SYSTEM: at its ports; the sink's work is done by whoever hands it frames
napi_threads() {
	local name=$1.sw
	[ "$1" != wire ] || name=wire.h2
	# shellcheck disable=SC2016 # expanded there
	ip netns exec "$name" sh -c 'for file in /sys/class/net/[ep]*/threaded; do echo 1 > "$file"; done'
	outside "pgrep '^napi/(p[0-9]+|eth0)-' | xargs -n 1 taskset -pc $CPU1" > /dev/null
}

# --- results

# rounds N FUNCTION [ARG...]
rounds() {
	local n=$1
	shift
	for ((ROUND = 1; ROUND <= n; ROUND++)); do
		"$@"
	done
}

# record SYSTEM CASE METRIC UNIT VALUE
record() {
	jq -nc --arg bench "$BENCH" --arg system "$1" --arg case "$2" --arg metric "$3" --arg unit "$4" \
		--argjson round "$ROUND" --argjson value "$5" \
		'{bench: $bench, system: $system, case: $case, metric: $metric, unit: $unit, round: $round, value: $value}'
}

prepare
