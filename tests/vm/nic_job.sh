#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # t runs the functions
# nic_job.sh: nic_test.sh's part inside the guest. h1, h2: virtio-net; h3: e1000e; h5: a bond of two virtio-net links.
for module in virtio_net e1000e bridge bonding; do
	modprobe "$module" || exit
done
# the guest is namespace enough, and cards would have to be moved into another
umount -R -l /sys # lib.sh mounts it anew
export KVS_TEST_SCALE=4 KVS_TEST_NAMESPACES=1
# shellcheck source=tests/net/lib.sh disable=SC1091
. "$(dirname "$0")/../net/lib.sh"

PORTS="h1 h2 h3 h5"

# card PAIR END: the name of the device
card() {
	ip -j link show | jq -r --arg mac "52:54:00:00:0$1:0$2" '.[] | select(.address == $mac or .permaddr == $mac) | .ifname'
}

# station HOST BRIDGE: eth0 of the host and the port exist
station() {
	host_eth "$1"
	join "$1" "$2"
}

# nic_add HOST BRIDGE PAIR
nic_add() {
	host_netns "$1"
	ip link set "$(card "$3" 2)" netns "$1" name eth0
	ip link set "$(card "$3" 1)" name "$1"
	station "$1" "$2"
}

# bond_add HOST BRIDGE PAIR PAIR: one bond at either end; each frame finds a link by its addresses
bond_add() {
	local host=$1 bridge=$2 pair name
	shift 2
	host_netns "$host"
	ip link add "$host" type bond mode balance-xor miimon 100
	ip -n "$host" link add eth0 type bond mode balance-xor miimon 100
	for pair; do
		name=$(card "$pair" 2)
		ip link set "$name" netns "$host"
		ip -n "$host" link set "$name" master eth0
		ip link set "$(card "$pair" 1)" master "$host"
	done
	station "$host" "$bridge"
}

# is_fast IF PATH N: at least N unicast frames came in by IF since mark, nine of ten of them fast. With path xdp
# nine of ten of these take XDP: a driver may give the first ones to the stack while its queues are set up.
is_fast() {
	local tc xdp slow fast
	tc=$(rose "$1" fast_tc) xdp=$(rose "$1" fast_xdp) slow=$(rose_unicast "$1")
	echo "$1: $tc fast on tc, $xdp on xdp, $slow slow"
	fast=$((tc + xdp))
	is "frames of $1" $((fast + slow)) -ge "$3"
	is "fast frames of $1 in tenths" $((10 * fast / (fast + slow))) -ge 9
	case $2 in
	tc) is "fast_xdp of $1" "$xdp" -eq 0 ;;
	xdp) is "fast_xdp of $1 in tenths" $((10 * xdp / fast)) -ge 9 ;;
	esac
}

# were_fast FROM PATH TO PATH N
were_fast() {
	is_fast "$1" "$2" "$5"
	is_fast "$3" "$4" "$5"
}

# pings FROM PATH TO PATH
pings() {
	until_ok 10 on "$1" ping -q -c 1 "$(ip4 "$3")"
	mark
	on "$1" ping -q -c 200 -i 0.01 "$(ip4 "$3")"
	were_fast "$@" 190
}

# frames FROM PATH TO PATH: UDP, both ways
frames() {
	mark
	listen "$1" "$3"
	send "$1" "$3" --count 500 --rate 1000 --id 1
	send "$3" "$1" --count 500 --rate 1000 --id 2
	hush "$1" "$3"
	is "frames at $3" "$(heard "$3" 1)" -ge 495
	is "frames at $1" "$(heard "$1" 2)" -ge 495
	is "bad checksums at $3" "$(heard "$3" 1 csum_bad)" -eq 0
	is "bad checksums at $1" "$(heard "$1" 2 csum_bad)" -eq 0
	were_fast "$@" 490
}

# tcp FROM PATH TO PATH: a file arrives as it was
tcp() {
	mark
	spawn tcp.got "$3" socat -u TCP-LISTEN:7000,reuseaddr -
	until_ok 10 is_open "$3"
	on "$1" socat -u "FILE:$T/sent" "TCP:$(ip4 "$3"):7000"
	until_ok 60 gone "$(cat "$T/tcp.got.pid")"
	cmp "$T/sent" "$T/tcp.got"
	were_fast "$1" any "$3" any 10
}

is_open() {
	on "$1" ss -Htln sport = :7000 | grep -q .
}

# between NAME FROM PATH TO PATH
between() {
	local name=$1
	shift
	learn "$1" "$3"
	t "$name: ping" pings "$@"
	t "$name: UDP" frames "$@"
	t "$name: TCP" tcp "$@"
}

# stays_on_tc IF REASON: path xdp is wanted, and refused with words
stays_on_tc() {
	kvs port set "$1" --path xdp
	until_ok 5 said "$1" "$2"
	port_is "$1" path_now tc
}

said() {
	port "$1" path_reason | grep -E "$2"
}

# state: of all devices, what a release must put back
state() {
	local name
	for name in $PORTS; do
		tc qdisc show dev "$name"
		tc filter show dev "$name" ingress
		ethtool -k "$name"
		ip -d link show dev "$name" | grep -o 'prog/xdp.*\|addrgenmode [a-z0-9]*'
	done
}

released() {
	local name
	kvs release --all
	for name in $PORTS; do
		until_ok 10 has_no_hooks "$name"
	done
	until_ok 10 is_as_before
	no test -e "$T/bpf/kvs/kvs_ports"
	on h1 ping -q -c 5 -i 0.1 "$(ip4 h2)"
	on h5 ping -q -c 5 -i 0.1 "$(ip4 h3)"
}

is_as_before() {
	state | diff "$T/before" -
}

head -c 1000000 /dev/urandom > "$T/sent"
bridge_add br0
nic_add h1 br0 1
nic_add h2 br0 2
nic_add h3 br0 3
bond_add h5 br0 4 5
state > "$T/before"
kvsd_start --adopt br0

between "virtio-net, tc" h1 tc h2 tc
between "e1000e and virtio-net, tc" h3 tc h1 tc
between "bond and virtio-net, tc" h5 tc h1 tc
between "bond and e1000e, tc" h5 tc h3 tc
set_path xdp h1 h2
between "virtio-net, xdp" h1 xdp h2 xdp
t "e1000e has no XDP, and kvs says so" stays_on_tc h3 'driver of h3 has no native XDP'
between "e1000e and virtio-net, xdp where it can be" h3 tc h1 any
t "XDP is not for a bond, and kvs says so" stays_on_tc h5 'XDP on a bond'
between "bond and virtio-net, xdp where it can be" h5 tc h1 any
t "release leaves nothing" released
done_testing
