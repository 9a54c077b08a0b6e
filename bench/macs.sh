#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# macs.sh: frames per second to many stations in random order, 64 B, one core: the cost of a large forwarding database.
# kvsd keeps 65536 entries by default.
# expects 60
. "$(dirname "$0")/lib.sh"
systems="kvs-xdp kvs-tc bridge"

# learn SYSTEM N: N stations behind h2 say something
learn() {
	on "$1.h2" "$BIN/source" eth0 --src "$(mac 2)" --dst "$(mac 1)" --srcs "$2" --count $((2 * $2)) --rate 100000 > /dev/null
}

known() {
	on "$1.sw" bridge fdb show br br0 | grep -c 02:02:
}

# knows SYSTEM N: nearly all; KVS, too
knows() {
	[ "$(known "$1")" -ge $(($2 * 99 / 100)) ]
}

# stations N CASE
stations() {
	local system rate
	for system in $systems; do
		flow "$system" 1 2 $CPU0 --size 64 --dsts "$1" --random
		rate=$(delivered "$system" 2 | mpps)
		flows_stop
		record "$system" "$2" rate Mpps "$rate"
	done
}

round() {
	for s in $systems; do
		learn "$s" 65000
		until_ok 20 knows "$s" 65000
	done
	stations 1 "1 MAC"
	stations 1024 "1k MACs"
	stations 65000 "64k MACs"
}

for s in $systems; do
	system_up "$s"
done
rounds "$ROUNDS" round
