#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# testpmd.sh: VMs at the vhost-user ports p1, p2, ... of an ovs-dpdk system, all of them ports of one dpdk-testpmd on the
# first core, which sends what it gets at one of a pair by the other. Sourced after lib.sh.

# vdev SYSTEM N: port N, the VM at p(N+1)
vdev() {
	echo "--vdev=net_virtio_user$2,path=$T/$1/p$(($2 + 1)),server=1,queue_size=1024,mac=$(mac $(($2 + 1)))"
}

# testpmd_up SYSTEM PORTS BUFFERS: and waits until the switch has them
testpmd_up() {
	local vdevs=() n
	for ((n = 0; n < $2; n++)); do
		vdevs+=("$(vdev "$1" $n)")
	done
	rm -f "$T/testpmd.in"
	mkfifo "$T/testpmd.in"
	exec 7<> "$T/testpmd.in"
	dpdk-testpmd --lcores "0@$CPU0,1@$CPU0" --no-pci --file-prefix=testpmd --huge-dir="$T/$1/huge" --single-file-segments \
		"${vdevs[@]}" -- --interactive --total-num-mbufs="$3" --forward-mode=mac --txd=1024 --rxd=1024 \
		--eth-peer=0,"$(mac 2)" --eth-peer=1,"$(mac 1)" < "$T/testpmd.in" > "$T/testpmd.log" 2>&1 &
	TESTPMD=$!
	disown
	until_ok 30 grep -q '^testpmd>' "$T/testpmd.log"
	# shellcheck disable=SC2046 # words
	until_ok 30 system "$1" are_linked $(seq -f 'p%.0f' "$2")
}

testpmd_say() {
	echo "$*" >&7
}

testpmd_down() {
	[ -n "${TESTPMD-}" ] || return 0
	kill -KILL "$TESTPMD"
	until_ok 10 testpmd_is_gone
	TESTPMD=
}

testpmd_is_gone() {
	! kill -0 "$TESTPMD"
}
