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
# shellcheck source=tests/vm/check.sh disable=SC1091
. "$(dirname "$0")/check.sh"
lab_enter "$0" "$@"

STATIONS=(a b c)
PAIRS=('a b' 'b a' 'a c' 'c a' 'b c' 'c b')
declare -A IP=([a]=10.77.0.1 [b]=10.77.0.2 [c]=10.77.0.3)
declare -A MAC=([a]=02:00:00:00:77:01 [b]=02:00:00:00:77:02)
PORTS=(tap-a tap-b vc)

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
