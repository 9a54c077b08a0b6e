#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# rate.sh [SYSTEM...]: frames per second that arrive, by size, one way and both, on one core in all and on two.
# expects 175
. "$(dirname "$0")/lib.sh"

# take SYSTEM CASE HOST...: what arrives at these, where flows have been started
take() {
	local system=$1 case=$2 rate
	shift 2
	rate=$(delivered "$system" "$@" | mpps)
	flows_stop
	record "$system" "$case" rate Mpps "$rate"
}

# name SIZE
name() {
	[ "$1" = imix ] && echo IMIX || echo "$1 B"
}

# one_way SIZE
one_way() {
	local system
	for system in $systems; do
		flow "$system" 1 2 $CPU0 --size "$1"
		take "$system" "$(name "$1"), one core" 2
	done
}

# both_ways SIZE CPU CASE
both_ways() {
	local system
	for system in $systems; do
		flow "$system" 1 2 $CPU0 --size "$1"
		flow "$system" 2 1 "$2" --size "$1"
		take "$system" "$(name "$1"), $3" 1 2
	done
}

# Stations are known while they are heard; those that only receive have to say something.
say_hello() {
	local system
	for system in $systems; do
		hello "$system"
	done
}

round() {
	local size
	say_hello
	WINDOW=0.5 one_way 64
	for size in 128 256 512 1024 1518 imix; do
		one_way $size
	done
	both_ways 64 $CPU0 "one core, both ways"
	for size in 64 1518 imix; do
		both_ways $size $CPU1 "two cores, both ways"
	done
}

WINDOW=0.25
systems=${*:-wire bare bridge bridge-nf kvs-tc kvs-xdp}
for s in $systems; do
	system_up "$s"
done
rounds "$ROUNDS" round
