#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# lib.sh: what the namespace tests share. A test sources it first and is then run again in namespaces of its own
# (network, mounts, processes), all of which end with it.
#
#   h1: eth0 ── h1 ┐                      Host hN is a network namespace; eth0 has MAC 02:00:00:00:00:0N, 192.0.2.N
#                  br0, kvsd, kvs         and 2001:db8::N. Its port in the test's own namespace is called hN too:
#   h2: eth0 ── h2 ┘                      a veth (host_add) or a tap as a VM has it (vm_add).
#
# hosts.sh has the hosts and their frames.
#
# t "what must hold" FUNCTION [ARG...] runs the function in a subshell with set -e: it fails where a command fails.
# Variables set there are lost; what must outlive it is a file in $T. The last line of a test is done_testing.
set -eu
shopt -s inherit_errexit
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
if [ -z "${KVS_TEST_NAMESPACES-}" ]; then
	export KVS_TEST_NAMESPACES=1
	exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$@"
fi
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
FRAMES=$ROOT/build/tests/tools/frames TCX=$ROOT/build/tests/tools/tcx
T=/run/test
TESTS=0 FAILED=0
SCALE=${KVS_TEST_SCALE:-1} # slower machines, such as an emulated one, take longer and send less

prepare() {
	mount -t tmpfs tmpfs /run
	mount -t sysfs sysfs /sys # of this network namespace
	mount -t bpf bpf /sys/fs/bpf
	mkdir -p "$T/bpf"
	mount -t bpf bpf "$T/bpf"
	echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 # ports say nothing of their own
	[ -c /dev/net/tun ] || modprobe tun # the device loads it where udev has made one
	ip link set lo up
}

# jq takes four times as long to start, which an emulated processor shows
jq() {
	gojq "$@"
}

# --- TAP

t() {
	local what=$1 log=$T/t.$((++TESTS)) status
	shift
	set +e
	(
		trap - EXIT
		set -eE
		trap 'echo "$BASH_SOURCE:$LINENO: status $?: $BASH_COMMAND"' ERR
		"$@"
	) > "$log" 2>&1
	status=$?
	set -e
	case $status in
	0) echo "ok $TESTS - $what" ;;
	77) echo "ok $TESTS - $what # SKIP $(tail -n 1 "$log")" ;;
	*)
		echo "not ok $TESTS - $what"
		FAILED=1
		quote "$log"
		quote "$T/kvsd.log"
		;;
	esac
	sed -n 's/^note: /# /p' "$log"
}

quote() {
	[ ! -s "$1" ] || tail -n 15 "$1" | sed 's/^/#     /'
}

done_testing() {
	trap - EXIT
	echo "1..$TESTS"
	exit "$FAILED"
}

died() {
	echo "# died before its end"
	quote "$T/kvsd.log"
	exit 1
}

fail() {
	echo "$*"
	exit 1
}

# skip REASON: for what the kernel lacks
skip() {
	echo "$*"
	exit 77
}

# is WHAT VALUE OPERATOR WANTED, as in: is "frames at h2" "$n" -eq 10
is() {
	test "$2" "$3" "$4" || fail "$1: $2, expected $3 $4"
}

# until_ok SECONDS COMMAND...: polls; the last words are the command's
until_ok() {
	local end=$((SECONDS + $1 * SCALE + 1)) out
	shift
	until out=$("$@" 2>&1); do
		[ $SECONDS -lt $end ] || fail "not within time: $*${out:+: $out}"
		sleep 0.05
	done
}

# no COMMAND...: it must fail
no() {
	! "$@"
}

# refused STATUS PATTERN COMMAND...: it must exit so, and say on stderr what matches
refused() {
	local wanted=$1 pattern=$2 out status=0
	shift 2
	out=$("$@" 2>&1 >/dev/null) || status=$?
	is "exit status of '$*' ($out)" $status -eq "$wanted"
	grep -Eq "$pattern" <<< "$out" || fail "'$*' said '$out', expected '$pattern'"
}

# --- kvsd and kvs

kvs() {
	"$ROOT/build/kvs" --run-dir "$T/run" "$@"
}

kvsd_start() {
	"$ROOT/build/kvsd" --run-dir "$T/run" --pin-dir "$T/bpf/kvs" "$@" >> "$T/kvsd.log" 2>&1 &
	echo $! > "$T/kvsd.pid"
	disown # or bash tells when it is killed
	until_ok 20 kvsd_has_answered_or_ended
	is_running "$(cat "$T/kvsd.pid")" || fail "kvsd has ended"
}

kvsd_has_answered_or_ended() {
	! is_running "$(cat "$T/kvsd.pid")" || kvs status --json
}

# is_running PID: and no zombie
is_running() {
	grep -q '^State:[[:space:]][^Z]' "/proc/$1/status" 2>/dev/null
}

gone() {
	! is_running "$1"
}

kvsd_stop() {
	stop kvsd
}

kvsd_kill() {
	stop kvsd KILL
}

# query VERB FILTER [ARG...]: jq over the answer of kvs VERB --json
query() {
	local verb=$1 filter=$2
	shift 2
	# shellcheck disable=SC2086 # it may be two words
	kvs $verb --json | jq -r "$@" "$filter"
}

# port IF FIELD, of kvs port show
port() {
	query 'port show' '.ports[] | select(.name == $name) | .[$field]' --arg name "$1" --arg field "$2"
}

# port_is IF FIELD VALUE
port_is() {
	local now
	now=$(port "$1" "$2")
	[ "$now" = "$3" ] || { echo "$2 of $1 is $now" && return 1; }
}

# set_path PATH IF...: and wait until it is so
set_path() {
	local path=$1 name
	shift
	for name; do
		kvs port set "$name" --path "$path"
	done
	for name; do
		until_ok 5 port_is "$name" path_now "$path"
	done
}

# hooks IF: the programs on it, one per line
hooks() {
	bpftool -j net show dev "$1" | jq -r '.[] | (.xdp[] | "xdp \(.id)"), (.tc[] | "\(.kind) \(.id)")'
	if has_tcx; then
		"$TCX" show "$1" | sed 's/^/tcx /'
	fi
}

has_tcx() {
	"$TCX" show lo
}

has_no_hooks() {
	[ -z "$(hooks "$1")" ]
}

# --- counters

# xdp_sees_sums: which of a veth's frames have a partial checksum
xdp_sees_sums() {
	[ "$(printf '%s\n' 6.3 "$(uname -r)" | sort -V | head -n 1)" = 6.3 ]
}

# mark: what rose and rose_slow count from
mark() {
	kvs stats --json > "$T/stats"
	kvs drops --json > "$T/drops"
}

# rose IF FIELD: of kvs stats; drops.REASON is one of its drops
rose() {
	kvs stats --json | jq --slurpfile old "$T/stats" --arg name "$1" --arg field "$2" '
		def get: [.ports[] | select(.name == $name) | getpath($field / ".")] | add // 0;
		get - ($old[0] | get)'
}

# rose_slow IF REASON
rose_slow() {
	kvs drops --json | jq --slurpfile old "$T/drops" --arg name "$1" --arg reason "$2" '
		def get: [.ports[] | select(.name == $name) | .slow[$reason] // 0] | add // 0;
		get - ($old[0] | get)'
}

# rose_unicast IF: slow frames that were not for a group
rose_unicast() {
	kvs drops --json | jq --slurpfile old "$T/drops" --arg name "$1" '
		def get: [.ports[] | select(.name == $name) | .slow | del(.multicast) | .[]] | add // 0;
		get - ($old[0] | get)'
}

# took IF fast_tc|fast_xdp|slow N: N frames came in by IF since mark and took that path; groups do not count.
# A frame in a while goes to the bridge, for it to hear the station: 1 in 100 may. ARP to others may be fast.
took() {
	local tc xdp slow all=$3
	tc=$(rose "$1" fast_tc)
	xdp=$(rose "$1" fast_xdp)
	slow=$(rose_unicast "$1")
	echo "$1: $tc fast on tc, $xdp on xdp, $slow slow"
	case $2 in
	fast_tc) is "fast_xdp of $1" "$xdp" -eq 0 && is_share "$1" "$tc" "$slow" "$all" ;;
	fast_xdp) is "fast_tc of $1" "$tc" -eq 0 && is_share "$1" "$xdp" "$slow" "$all" ;;
	slow) is "fast frames of $1" $((tc + xdp)) -le 3 && is "slow frames of $1" "$slow" -ge "$all" ;;
	esac
}

# is_share IF FAST SLOW ALL: all were counted, and no more than 1 in 100 was slow
is_share() {
	is "frames of $1" $(($2 + $3)) -ge "$4"
	is "slow frames of $1 among $4" "$3" -le $(($4 / 100 + 2))
}

. "$ROOT/tests/net/hosts.sh"
trap died EXIT
trap 'exit 143' TERM INT
prepare
