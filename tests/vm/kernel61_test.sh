#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel61_test.sh [TEST...]: the tests of BPF programs, of namespaces, and against the plain bridge, on Debian's 6.1 kernel.
#
# One guest runs them all; their TAP becomes one, each line with the name of its test. TEST is a path in the checkout.
set -u
cd "$(dirname "$0")/../.." || exit
NET=(tap vlan netfilter_ebtables netfilter_ip netfilter_port)

if [ $# = 0 ]; then
	NET=("${NET[@]/#/tests/net/}")
	set -- build/tests/bpf/*_test tests/diff/diff_test.sh "${NET[@]/%/_test.sh}"
fi

# a test counts as failed when it ends before its plan, too
as_one() {
	awk '
	function say(verdict, text) { print verdict " " ++n " - " name ": " text; fflush() }
	function short(path) { sub(/.*\//, "", path); sub(/_test.*/, "", path); return path }
	/^# begin / { name = short($3); ran = plan = bad = 0; planned = 0; next }
	/^1\.\.0/ { planned = 1; sub(/^1\.\.0 */, ""); say("ok", $0); next }
	/^1\.\.[0-9]/ { planned = 1; plan += substr($1, 4); next }
	/^(not )?ok/ {
		verdict = /^not ok/ && !/# *[Ss][Kk][Ii][Pp]/ ? "not ok" : "ok"
		bad += verdict == "not ok"
		ran++
		sub(/^(not )?ok *[0-9]* *-? */, "")
		say(verdict, $0)
		next
	}
	/^# end / {
		status = $5
		if (!planned || ran != plan || (status && !bad))
			say("not ok", "ran " ran " of " (planned ? plan : "?") " tests, exit status " status)
		print
		name = ""
		next
	}
	/^# done$/ { done = 1; next }
	/^# (not )?ok - / { next } # cmocka on the whole
	/^# / { print; fflush(); next }
	{ print "# " $0; fflush() }
	END {
		if (name != "") say("not ok", "the guest ended")
		name = "guest"
		say(done ? "ok" : "not ok", "ran all tests")
		print "1.." n
	}'
}

tests/vm/run.sh --timeout 1100 tests/vm/kernel61_job.sh "$@" 2>&1 | as_one
