#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# guest_init.sh: the only process of a guest of guest.sh: sets up eth0, then runs what arrives on the second serial port.
#
# guest_ip and guest_mtu come from the kernel's command line. A request is a line "TAG SECONDS COMMAND" with the
# command in base64; the answer is "TAG begin", the command's output and "TAG end STATUS", each on a line of its own.
# shellcheck disable=SC2154 # the kernel sets them
ip link set lo up
ip link set eth0 mtu "$guest_mtu" up
ip addr add "$guest_ip" dev eth0
stty -F /dev/ttyS1 raw -echo
exec < /dev/ttyS1 > /dev/ttyS1 2>&1
# Not in the first process: it is told when others' children end, and busybox's read then forgets half a line.
(
	echo ready
	while read -r tag seconds command; do
		echo "$command" | base64 -d > /tmp/command
		echo "$tag begin"
		timeout "$seconds" sh /tmp/command < /dev/null
		printf '\n%s end %d\n' "$tag" $?
	done
)
poweroff -f
