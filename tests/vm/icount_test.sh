#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# icount_test.sh [--record]: what KVS costs in instructions and bytes, against what icount.bounds says it did.
#
# Emulated, with a clock that counts instructions: the figures are the same everywhere. Whoever makes KVS dearer, or
# cheaper, records that: --record writes icount.bounds anew, and the commit says why.
set -u
cd "$(dirname "$0")/../.." || exit
bounds=tests/vm/icount.bounds
SLACK=10 # per cent, for another version of kernel and compiler
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM

# figures: lines of icount_job.sh become "NAME VALUE"; instructions are those of a median lap, less the wire's
figures() {
	sort -k 1,1 -k 3,3n | awk '
		$2 ~ /^[0-9]+$/ { laps[$1]++; lap[$1, laps[$1]] = $3; next }
		{ print $1 "." $2, $3 }
		function median(name) { return lap[name, int((laps[name] + 1) / 2)] }
		END {
			for (name in laps)
				if (name != "wire")
					printf "%s.instructions %.0f\n", name, median(name) - median("wire")
		}' | sort
}

# compare: figures beside bounds
compare() {
	awk -v slack=$SLACK '
		/^#/ { next }
		FNR == NR { bound[$1] = $2; next }
		{ measured[$1] = $2 }
		END {
			for (name in bound) {
				n++
				value = name in measured ? measured[name] : "not measured"
				good = name in measured && value + 0 <= bound[name] * (1 + slack / 100)
				print (good ? "ok " : "not ok ") n " - " name ": " value ", recorded " bound[name]
				if (good && value < bound[name] * (1 - slack / 100))
					print "# " name " is less than recorded: icount_test.sh --record"
			}
			for (name in measured)
				if (!(name in bound))
					print "not ok " ++n " - " name ": " measured[name] ", nothing recorded"
			print "1.." n
		}' "$bounds" "$tmp/figures"
}

tests/vm/run.sh --icount --mem 1024 --timeout 500 tests/vm/icount_job.sh wire kvs-tc kvs-xdp sizes > "$tmp/out" || {
	cat "$tmp/out"
	exit 1
}
figures < "$tmp/out" > "$tmp/figures"
if [ "${1-}" = --record ]; then
	{ echo "# written by icount_test.sh --record" && cat "$tmp/figures"; } > "$bounds"
	exit
fi
compare > "$tmp/tap"
cat "$tmp/tap"
! grep -q '^not ok' "$tmp/tap"
