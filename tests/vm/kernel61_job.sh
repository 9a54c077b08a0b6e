#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel61_job.sh TEST...: kernel61_test.sh's part inside the guest: runs the tests, each between two lines that name it.
# One that fails gets a second try, as tests/run gives it, and is quoted for it.
set -u
for module in tun veth bridge vxlan 8021q sch_ingress cls_bpf act_police vhost_net bonding; do
	modprobe "$module" || exit
done
export CMOCKA_MESSAGE_OUTPUT=TAP KVS_TEST_SCALE=4 # an emulated processor
export KVS_DIFF_CASES=1500
export KVS_TEST_GUEST=1 # tests may load modules that change how all bridges work
echo "# Linux $(uname -r)"
out=$(mktemp)

# try TEST: what it says is in $out and $out.err
try() {
	status=0
	timeout --kill-after=20 600 "$1" > "$out" 2> "$out.err" || status=$?
	[ $status = 0 ]
}

for test; do
	start=$SECONDS
	if ! try "$test"; then
		echo "# second try of $test; the first one:"
		sed 's/^/#   /' "$out" "$out.err"
		try "$test" || true
	fi
	echo "# begin $test"
	cat "$out"
	sed 's/^/# /' "$out.err"
	echo "# end $test: status $status after $((SECONDS - start)) s"
done
echo "# done"
