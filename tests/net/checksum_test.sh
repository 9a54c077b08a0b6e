#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# checksum_test.sh: frames whose checksum is left to the device, and GSO frames, arrive right on every path.
#
# h1, h2: veths; h3, h4: VMs with every offload; h5: a VM with none.
. "$(dirname "$0")/lib.sh"

COUNT=50
PAIRS=('h1 h2' 'h3 h4' 'h1 h3' 'h3 h1' 'h3 h5' 'h1 h5')
LENGTHS='60 100 257 500 700 1400'
if [ -n "${KVS_TEST_GUEST-}" ]; then # an emulated processor takes its time
	PAIRS=('h1 h2' 'h3 h4' 'h3 h1' 'h1 h5')
	LENGTHS='60 500 1400'
fi

# arrive FROM TO: the streams of $T/streams, one per line, arrive whole, with checksums that are valid, or left to the
# receiver's device
arrive() {
	local from=$1 to=$2 id=0 options
	listen $to
	while read -r options; do
		send $from $to --count $COUNT --rate 5000 --id $((id += 1)) $options > "$T/sent"
	done < "$T/streams"
	hush $to
	id=0
	while read -r options; do
		id=$((id + 1))
		is "frames at $to ($options)" "$(heard $to $id)" -eq $COUNT
		is "bad checksums at $to ($options)" "$(heard $to $id csum_bad)" -eq 0
		[ $to != h5 ] || is "partial checksums at h5 ($options)" "$(heard h5 $id csum_partial)" -eq 0
	done < "$T/streams"
}

# every protocol, from the shortest frame to the longest
partial() {
	local proto len
	for proto in udp 'udp --ipv6' tcp 'tcp --ipv6' icmp6; do
		for len in $LENGTHS; do
			echo "--partial --proto $proto --len $len"
		done
	done > "$T/streams"
	arrive $1 $2
}

# none of them needs tc
partial_is_fast() {
	printf '%s\n' '--partial --proto udp --len 1400' '--partial --proto tcp --ipv6 --len 300' \
		'--partial --proto icmp6 --len 1400' > "$T/streams"
	mark
	arrive $1 $2
	took $1 $3 $((3 * COUNT))
}

whole() {
	printf '%s\n' '--proto udp --len 700' '--proto tcp --ipv6 --len 1400' '--proto icmp6' > "$T/streams"
	arrive $1 $2
}

# a frame that is broken is not mended
broken() {
	local proto
	listen $2
	for proto in udp 'udp --ipv6' tcp 'tcp --ipv6' icmp6; do
		send $1 $2 --count $COUNT --rate 2000 --id 2 --bad --len 200 --proto $proto
	done
	hush $2
	is "frames at $2" "$(heard $2 2)" -eq $((5 * COUNT))
	is "bad checksums at $2" "$(heard $2 2 csum_bad)" -eq $((5 * COUNT))
}

# what a veth's driver does not mark is complete, whatever it looks like
unmarked_is_fast() {
	xdp_sees_sums || skip "this kernel's veth does not say"
	mark
	send $1 $2 --count $COUNT --rate 2000 --bad --len 200 --proto udp
	took $1 fast_xdp $COUNT
}

# gso FROM TO PATH: ten segments each; whole where the receiver takes that, and the sender's device does not cut them
gso() {
	local family segments=1
	mark
	for family in '' --ipv6; do
		listen $2
		send $1 $2 --count $COUNT --rate 500 --id 3 --proto tcp --gso 1280 --len $((12800 + 54)) $family
		hush $2
		[ "$(heard $2 3 gso)" -eq $COUNT ] || segments=10
		echo "GSO frames at $2: $(heard $2 3 gso) of $COUNT"
		is "frames at $2" "$(heard $2 3)" -ge $((COUNT * segments))
		is "bad checksums at $2" "$(heard $2 3 csum_bad)" -eq 0
		is "missing frames at $2" "$(heard $2 3 missing)" -eq 0
	done
	is "slow frames" "$(rose_unicast $1)" -le 3
}

gso_survives() {
	gso $1 $2
	is "whole GSO frames at $2" "$(heard $2 3 gso)" -eq $COUNT
}

stream() {
	iperf $1 $2 -t 1 > "$T/iperf"
	is "Mb/s" "$(jq '.end.sum_received.bits_per_second / 1e6 | floor' "$T/iperf")" -ge $((20 / SCALE + 1))
	iperf $1 $2 -t 1 -u -b 2M -l 1000 > "$T/iperf"
	is "datagrams lost" "$(jq .end.sum.lost_packets "$T/iperf")" -eq 0
}

bridge_add br0
host_add h1 br0
host_add h2 br0
vm_add h3 br0
vm_add h4 br0
vm_add_plain h5 br0
kvsd_start --adopt br0
for path in tc xdp; do
	set_path $path h1 h2 h3 h4 h5
	learn h1 h2 h3 h4 h5
	for pair in "${PAIRS[@]}"; do
		t "$path: partial checksums, $pair" partial $pair
		t "$path: partial checksums are fast, $pair" partial_is_fast $pair fast_$path
		t "$path: broken frames stay broken, $pair" broken $pair
		t "$path: GSO, $pair" gso $pair
		t "$path: TCP and UDP streams, $pair" stream $pair
	done
	t "$path: complete checksums, h5 h3" whole h5 h3
	t "$path: complete checksums, h5 h1" whole h5 h1
	[ $path = tc ] || t "xdp: complete checksums are fast, h1 h2" unmarked_is_fast h1 h2
	t "$path: GSO frames stay whole, h3 h4" gso_survives h3 h4
done
set_path tc h1 h2
t "tc: GSO frames stay whole, h1 h2" gso_survives h1 h2
done_testing
