#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# nic_test.sh: network cards and a bond of two links as ports, on Debian's 6.1 kernel; nic_job.sh is the guest's part.
#
# Cards come in pairs that a hub of QEMU joins: one is the port, the other its station's. Pair N has the addresses
# 52:54:00:00:0N:01 and 52:54:00:00:0N:02.
set -u
cd "$(dirname "$0")/../.." || exit

args=()
pair=0
for model in virtio-net-pci virtio-net-pci e1000e virtio-net-pci virtio-net-pci; do
	pair=$((pair + 1))
	for end in 1 2; do
		args+=(--qemu -netdev --qemu "hubport,id=n$pair$end,hubid=$pair" --qemu -device)
		args+=(--qemu "$model,netdev=n$pair$end,mac=52:54:00:00:0$pair:0$end,romfile=")
	done
done
exec tests/vm/run.sh --timeout 500 "${args[@]}" tests/vm/nic_job.sh
