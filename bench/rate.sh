#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# rate.sh [SYSTEM...]: frames per second that arrive, 64 B, one core in all.
# expects 30
. "$(dirname "$0")/lib.sh"

one_core() {
	local system rate
	for system in $systems; do
		flow "$system" 1 2 $CPU0 --size 64
		rate=$(delivered "$system" 2 | mpps)
		flows_stop
		record "$system" "64 B, one core" rate Mpps "$rate"
	done
}

systems=${*:-wire bare bridge bridge-nf kvs-tc kvs-xdp}
for s in $systems; do
	system_up "$s"
done
rounds "$ROUNDS" one_core
