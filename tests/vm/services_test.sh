#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# services_test.sh: what guests expect of a network, over a KVS switch: all sizes, IPv6, multicast, DHCP, TCP, UDP.
#
#	guest a, every offload -- tap-a --+
#	guest b, no TSO -------- tap-b --+-- sw -- vd -- server d: dnsmasq       each guest has two queues
#	guest c, no checksum --- tap-c --+
#
# On each of: MTU 9000 and 1500, path tc and xdp. The server's port has MTU 1500 always.
set -u
# shellcheck source=tests/vm/lab.sh disable=SC1091
. "$(dirname "$0")/lab.sh"
# shellcheck source=tests/vm/check.sh disable=SC1091
. "$(dirname "$0")/check.sh"
lab_enter "$0" "$@"

STATIONS=(a b c d)
GUESTS=(a b c)
PAIRS=('a b' 'b c' 'c a')
declare -A IP=([a]=10.77.0.1 [b]=10.77.0.2 [c]=10.77.0.3 [d]=10.77.0.4)
PORTS=(tap-a tap-b tap-c vd)
FILE_SIZE=1000000
GROUP=239.7.7.7 # in /proc/net/igmp: 070707EF

# sizes MTU: of ICMP's data: none, a few bytes, the MTU, one byte more (two fragments), many fragments
sizes() {
	echo 0 18 $(($1 - 28)) $(($1 - 27)) 30000
}

# said_all TEXT: ping lost nothing
said_all() {
	grep -q ' 0% packet loss' <<< "$1"
}

sizes_pair() {
	local said size
	for size in $(sizes "$mtu"); do
		answers "$1" "${IP[$2]}" -s "$size" || return
		said=$(at "$1" "ping -q -c 10 -A -w 60 -s $size ${IP[$2]}")
		said_all "$said" || { echo "$1 to $2, $size bytes: $said" && return 1; }
	done
}

ip6() {
	echo "fd77::${IP[$1]##*.}"
}

address6_ready() {
	! at "$1" 'ip addr show dev eth0' | grep -q tentative
}

give_address6() {
	at "$1" "ip addr add $(ip6 "$1")/64 dev eth0" && lab_until 60 address6_ready "$1"
}

ping6_pair() {
	local said size
	for size in 56 $((mtu - 48)) 20000; do
		answers "$1" "$(ip6 "$2")" -6 -s "$size" || return
		said=$(at "$1" "ping -6 -q -c 10 -A -w 60 -s $size $(ip6 "$2")")
		said_all "$said" || { echo "$1 to $2, $size bytes: $said" && return 1; }
	done
}

is_in_group() {
	at c "grep -q 070707EF /proc/net/igmp"
}

# every datagram to the group comes to the guest that has joined, wherever its frames go else
multicast() {
	local want from
	lab_until 30 no_udp_port c 1B59
	at c "rm -f group; (timeout 60 socat -u UDP4-RECV:7001,reuseaddr,ip-add-membership=$GROUP:eth0 CREATE:group \
		> /dev/null 2>&1 & echo \$! > group.pid)"
	lab_until 30 is_in_group || { echo "c has not joined" && return 1; }
	for from in a b; do
		at "$from" 'od -An -v -tx1 -w133 -N1330 /dev/urandom > lines'
		at "$from" "socat -u -b 400 OPEN:lines UDP4-SENDTO:$GROUP:7001,ip-multicast-if=${IP[$from]}"
	done
	want=$( (at a 'cat lines' && at b 'cat lines') | sort | sha256sum)
	lab_until 30 received c group "$want"
	local status=$?
	at c "kill \$(cat group.pid); wc group"
	return $status
}

# dnsmasq in the server's namespace
dhcp_server() {
	at d 'ip addr add 10.78.0.1/24 dev eth0'
	# shellcheck disable=SC2086 # words
	nsenter --net="/proc/${LAB_PID[d]}/ns/net" dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 \
		--user=root --pid-file --interface=eth0 --bind-interfaces --dhcp-authoritative --no-ping \
		--dhcp-range=10.78.0.10,10.78.0.99,5m --dhcp-leasefile="$LAB/leases" > "$LAB/dnsmasq" 2>&1 &
	lab_until 30 at d 'grep -q :0043 /proc/net/udp'
}

# shellcheck disable=SC2016 # the guest's shell expands them
CLIENT='#!/bin/sh
[ "$1" = bound ] && echo "$ip" > /tmp/lease && ip addr add "$ip/24" dev eth0'

# dhcp GUEST: gets an address, which the server knows for its own, and which works
dhcp() {
	local ip
	at "$1" "rm -f lease; echo '$CLIENT' > client; chmod +x client
		udhcpc -i eth0 -f -n -q -t 10 -T 3 -s /tmp/client" || { cat "$LAB/dnsmasq" && return 1; }
	ip=$(at "$1" 'cat lease')
	grep -q " $(mac "$1") $ip " "$LAB/leases" || { cat "$LAB/leases" && return 1; }
	answers "$1" 10.78.0.1 -I "$ip"
	local status=$?
	at "$1" "ip addr del $ip/24 dev eth0"
	return $status
}

mac() {
	echo "02:00:00:00:77:0${IP[$1]##*.}"
}

dhcp_all() {
	local who
	for who in "${GUESTS[@]}"; do
		dhcp "$who" || return
	done
}

set_mtu() {
	local who
	for who in "${GUESTS[@]}"; do
		ip link set "tap-$who" mtu "$1" && at "$who" "ip link set eth0 mtu $1" || return
	done
}

traffic() {
	local on="MTU $mtu, path $1"
	check "$on: is set" set_path "$1"
	snapshot "$LAB/before"
	check "$on: ping of all sizes" each sizes_pair
	check "$on: IPv6" each ping6_pair
	check "$on: UDP" each udp_pair
	check "$on: TCP" each tcp_pair
	check "$on: unicast was fast" shares 'xdp tc' tap-a tap-b tap-c
	check "$on: multicast" multicast
	check "$on: DHCP" dhcp_all
	check "$on: no invalid checksum arrived" all_checksums_valid
}

start() {
	local who
	for who in "${GUESTS[@]}"; do
		guest_tap "tap-$who" 2 && ip link set "tap-$who" mtu 9000 && kvs port add "tap-$who" sw || return
	done
	guest_start a tap-a "$(mac a)" "${IP[a]}/24" queues=2 mtu=9000
	guest_start b tap-b "$(mac b)" "${IP[b]}/24" queues=2 mtu=9000 tso=off
	guest_start c tap-c "$(mac c)" "${IP[c]}/24" queues=2 mtu=9000 csum=off
}

guests_ready() {
	local who
	for who in "${GUESTS[@]}"; do
		guest_wait "$who" || return
	done
}

give_addresses6() {
	local who
	for who in "${GUESTS[@]}"; do
		guest_wait "$who" && give_address6 "$who" || return
	done
}

guest_setup socat && lab_kvsd && kvs switch add sw && lab_container d vd "${IP[d]}/24" && kvs port add vd sw &&
	dhcp_server && start || exit 1
check "the guests boot" give_addresses6
guests_ready || exit 1
for mtu in 9000 1500; do
	check "MTU $mtu: is set" set_mtu "$mtu"
	for path in tc xdp; do
		traffic "$path"
	done
done
echo "1..$n"
