#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # t runs the functions
# vhost_job.sh: vhost_test.sh's part inside the guest. vhost-net writes to a tap in batches, for which the tap has a
# way of its own through XDP. h1, h2: VMs with vhost-net; h3: one without.
for module in tun veth bridge sch_ingress cls_bpf vhost_net; do
	modprobe "$module" || exit
done
export KVS_TEST_SCALE=4 # an emulated processor
# shellcheck source=tests/net/lib.sh disable=SC1091
. "$(dirname "$0")/../net/lib.sh"

COUNT=400

received() {
	ip -n "$1" -s -j link show eth0 | jq '.[0].stats64.rx.packets'
}

has_received() {
	[ "$(received "$1")" -ge "$2" ]
}

# is_quiet HOST: nothing is on its way to it any more
is_quiet() {
	local before
	before=$(received "$1")
	sleep 0.3
	! has_received "$1" $((before + 1))
}

# arrive FROM TO PATH: of each kind of frame all arrive, whole
arrive() {
	local id=0 options end
	listen "$2"
	end=$(received "$2")
	mark
	while read -r options; do
		# shellcheck disable=SC2086 # words
		send "$1" "$2" --count "$COUNT" --rate 2000 --id $((id += 1)) $options
	done < "$T/kinds"
	(until_ok 10 has_received "$2" $((end + id * COUNT))) || true
	hush "$2"
	for id in $(seq "$id"); do
		is "frames of kind $id at $2" "$(heard "$2" "$id")" -eq "$COUNT"
		are_whole "$2" "$id"
	done
	took "$1" "fast_$3" $((id * COUNT))
}

# are_whole HOST ID: those that arrived
are_whole() {
	is "bad checksums of kind $2 at $1" "$(heard "$1" "$2" csum_bad)" -eq 0
	is "duplicates of kind $2 at $1" "$(heard "$1" "$2" duplicates)" -eq 0
	is "reordered frames of kind $2 at $1" "$(heard "$1" "$2" reordered)" -eq 0
	is "other lengths of kind $2 at $1" "$(heard "$1" "$2" len_max)" -eq "$(heard "$1" "$2" len_min)"
}

# what XDP forwards itself; partial checksums it completes
plain() {
	printf '%s\n' '--len 60' '--ipv6 --len 200' '--proto tcp --len 1514' '--proto tcp --ipv6 --len 1000' > "$T/kinds"
	arrive "$@"
}

partial() {
	printf '%s\n' '--partial --len 100' '--partial --ipv6 --len 200' '--partial --proto tcp --ipv6 --len 256' > "$T/kinds"
	arrive "$@"
}

# sums of many bytes
long() {
	printf '%s\n' '--len 1514' '--partial --proto tcp --len 1400' > "$T/kinds"
	arrive "$@"
}

# writes: how often vhost-net wrote to a tap
writes() {
	awk '$1 == "tun_sendmsg" { print $2 }' "$T/trace/kprobe_profile"
}

# burst FROM TO ID OPTION...: the guest's device hands all over at once. What is too much may be lost.
burst() {
	local from=$1 to=$2 id=$3 count=2000 before
	shift 3
	kill -STOP "$(cat "$T/$from.pump.pid")"
	send "$from" "$to" --count "$count" --rate 0 --id "$id" "$@"
	before=$(writes)
	kill -CONT "$(cat "$T/$from.pump.pid")"
	until_ok 20 is_quiet "$to"
	echo "note: $count frames of '$*' took vhost-net $(($(writes) - before)) writes"
	is "writes" $(($(writes) - before)) -le $((count / 4))
}

bursts() {
	local id
	listen "$2"
	mark
	burst "$1" "$2" 1 --proto tcp --len 1000
	burst "$1" "$2" 2 --partial --len 200
	send "$1" "$2" --count 300 --rate 0 --id 3 --proto tcp --gso 1280 --len $((6400 + 54))
	until_ok 20 is_quiet "$2"
	hush "$2"
	is "fast_$3 of $1" "$(rose "$1" "fast_$3")" -ge 2000
	for id in 1 2 3; do
		is "frames of kind $id at $2" "$(heard "$2" "$id")" -ge 100
		is "bad checksums of kind $id at $2" "$(heard "$2" "$id" csum_bad)" -eq 0
	done
	for id in 1 2; do
		are_whole "$2" "$id"
	done
	echo "note: $(heard "$2" 1) and $(heard "$2" 2) of 2000 arrived, $(heard "$2" 3) of 300 GSO frames"
}

# file FROM TO: a file arrives by TCP as it was
file() {
	mark
	spawn got "$2" socat -u TCP-LISTEN:7000,reuseaddr -
	until_ok 10 is_open "$2"
	on "$1" socat -u "FILE:$T/sent" "TCP:$(ip4 "$2"):7000"
	until_ok 60 gone "$(cat "$T/got.pid")"
	cmp "$T/sent" "$T/got"
	is "fast frames of $1" $(($(rose "$1" fast_tc) + $(rose "$1" fast_xdp))) -ge 10
	is "fast frames of $2" $(($(rose "$2" fast_tc) + $(rose "$2" fast_xdp))) -ge 10
}

is_open() {
	on "$1" ss -Htln sport = :7000 | grep -q .
}

pings() {
	on "$1" ping -q -c 50 -i 0.02 -W 20 "$(ip4 "$2")" | tee "$T/ping"
	grep -q ' 0% packet loss' "$T/ping"
}

is_vhost() {
	readlink "/proc/$(cat "$T/$1.pump.pid")/fd/"* | grep -qx /dev/vhost-net
}

mkdir "$T/trace"
mount -t tracefs tracefs "$T/trace"
echo p:tun_sendmsg tun_sendmsg > "$T/trace/kprobe_events"
echo 1 > "$T/trace/events/kprobes/tun_sendmsg/enable"
head -c 2000000 /dev/urandom > "$T/sent"
bridge_add br0
vm_add h1 br0 --vhost
vm_add h2 br0 --vhost
vm_add h3 br0
until_ok 10 is_vhost h1
until_ok 10 is_vhost h2
kvsd_start --adopt br0
for path in tc xdp; do
	set_path $path h1 h2 h3
	learn h1 h2 h3
	t "$path: between VMs with vhost-net" plain h1 h2 $path
	t "$path: checksums left to the device" partial h1 h2 $path
	t "$path: long frames" long h1 h2 $path
	t "$path: bursts" bursts h1 h2 $path
	t "$path: TCP" file h1 h2
	t "$path: to a VM without vhost-net" partial h2 h3 $path
	t "$path: and from it" partial h3 h2 $path
	t "$path: ping" pings h1 h2
done
done_testing
