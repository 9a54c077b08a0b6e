#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# loss.sh [ROUNDS]: how many frames of 64 B are lost at fixed rates, and the highest rate at which none is (RFC 2544, 26.1), the
# source on one core, switch and sink on the other. A round is one search, so the lowest and the highest are the worst and the best.
# expects 60
OUTSIDE=1
. "$(dirname "$0")/lib.sh"
systems='bridge kvs-tc kvs-xdp'
TRIAL=0.2 # seconds
STEPS=7   # of a search

received() {
	"$BIN/sink" read "$T/$1/bpf/h2" | jq .frames
}

# trial SYSTEM PPS: sets $sent and $lost
trial() {
	local before
	before=$(received "$1")
	sent=$(on "$1.h1" "$BIN/source" eth0 --src "$(mac 1)" --dst "$(mac 2)" --cpu $CPU0 --pace "$2" --seconds $TRIAL)
	sleep 0.02 # what is on its way
	sent=$(jq .sent <<< "$sent")
	lost=$((sent - $(received "$1") + before))
}

# fixed SYSTEM KPPS
fixed() {
	local sent lost
	trial "$1" "$2"000
	record "$1" "at $(jq -n "$2 / 1000") Mpps" loss % "$(jq -n "[$lost, 0] | max / $sent * 1e4 | round / 100")"
}

# search SYSTEM: halves what is left of the rates in question
search() {
	local sent lost low=0 high=6000 mid n
	for ((n = 0; n < STEPS; n++)); do
		mid=$(((low + high) / 2))
		trial "$1" ${mid}000
		if [ $lost = 0 ]; then
			low=$mid
		else
			high=$mid
		fi
	done
	record "$1" "none lost" rate Mpps "$(jq -n "$low / 10 | round / 100")"
}

round() {
	local system kpps
	for system in $systems; do
		for kpps in 100 500 1000 2000; do
			fixed "$system" $kpps
		done
		search "$system"
	done
}

for s in $systems; do
	system_up "$s"
	napi_threads "$s"
done
rounds "${1:-$ROUNDS}" round
