#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# icount.sh [SYSTEM...]: instructions per frame of 64 B between two veths, on Debian's 6.1 kernel: the same on every
# machine and under any load. One JSON object per line; a table on stderr. tests/vm/icount_job.sh does it.
# expects 30
#
# "instructions" is all that is done for a frame; "switching" is that less the wire's, which is what source and sink take.
set -euo pipefail
cd "$(dirname "$0")/.."
systems=(bare-xdp bare-tc bridge ovs-kernel kvs-tc kvs-xdp)
[ $# -eq 0 ] || systems=("$@")

# lines SYSTEM LAP INSTRUCTIONS become objects
records() {
	awk 'function record(metric, value) {
			printf "{\"bench\":\"icount\",\"system\":\"%s\",\"case\":\"64 B\",\"metric\":\"%s\",", $1, metric
			printf "\"unit\":\"1/frame\",\"round\":%d,\"value\":%.1f}\n", $2, value
		}
		$1 == "wire" { wire[$2] = $3 }
		{ record("instructions", $3) }
		$1 != "wire" { record("switching", $3 - wire[$2]) }'
}

table() {
	jq -rs 'def median: sort | .[length / 2 | floor];
		group_by(.system)[] | (map(select(.metric == "instructions").value)) as $all |
		(map(select(.metric == "switching").value)) as $own |
		"\(.[0].system)\t\($all | median)\t\(if .[0].system == "wire" then "" else $own | median end)\t\($all | min) to \($all | max)"' |
		sort -t $'\t' -n -k 2 | column -t -s $'\t' -N system,instructions,switching,'(all laps)'
}

out=$(tests/vm/run.sh --icount --mem 1024 --timeout 300 tests/vm/icount_job.sh wire "${systems[@]}") || {
	echo "$out" >&2
	exit 1
}
records <<< "$out" | tee >(table >&2)
wait
