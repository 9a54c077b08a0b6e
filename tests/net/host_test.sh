#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# host_test.sh: the bridge's own: its addresses, what it routes, VLAN devices on it, groups it snoops.
. "$(dirname "$0")/lib.sh"

GROUP4=239.1.1.1 GROUP6=ff05::1:1

pings() {
	on "$1" ping -q -c 5 -i 0.05 -W $((2 * SCALE)) "$2"
}

# ARP and neighbour discovery included: nobody knows anybody
own_addresses() {
	ip neigh flush dev br0
	on h1 ip neigh flush dev eth0
	pings h1 192.0.2.100
	pings h1 2001:db8::100
	ip neigh flush dev br0
	ping -q -c 5 -i 0.05 -W $((2 * SCALE)) "$(ip4 h1)"
	ping -q -c 5 -i 0.05 -W $((2 * SCALE)) "$(ip6 h1)"
}

# h9 is behind the host, not on the bridge
routed() {
	pings h1 198.51.100.9
	pings h9 "$(ip4 h2)"
	mark
	on h1 ping -q -c 100 -i 0.01 198.51.100.9
	took h1 slow 100
}

# frames to the host do not reach others
kept_by_host() {
	mark
	listen h2 h3
	send h1 "$(cat /sys/class/net/br0/address)" --count 50 --id 1
	hush h2 h3
	is "frames at h2" "$(heard h2 1)" -eq 0
	is "frames at h3" "$(heard h3 1)" -eq 0
	is "slow frames" "$(rose_unicast h1)" -ge 50
}

# the bridge's MAC changes: the old one is a station like any other, the new one is the host
mac_changes() {
	ip link set br0 address 02:00:00:00:01:01
	own_addresses
	kept_by_host
	ip link set br0 address 02:00:00:00:01:00
	own_addresses
}

vlan_on_bridge() {
	ip link add link br0 name br0.7 type vlan id 7 || skip "the kernel has no 8021q"
	ip address add 203.0.113.100/24 dev br0.7
	ip link set br0.7 up
	on h1 ip link add link eth0 name eth0.7 type vlan id 7
	on h1 ip address add 203.0.113.1/24 dev eth0.7
	on h1 ip link set eth0.7 up
	pings h1 203.0.113.100
	on h1 ip link del eth0.7
	ip link del br0.7
}

# group_sees HOST GROUP: frames to it that arrive there of 20 sent by h1
group_sees() {
	spawn "$1.group" "$1" tcpdump -n -U --immediate-mode -p -i eth0 -w "$T/$1.pcap" "dst host $2 and udp" 2> "$T/$1.tcpdump"
	until_ok 10 grep -q listening "$T/$1.tcpdump" > /dev/null
	for _ in $(seq 20); do
		group_send "$2"
	done
	sleep 0.3
	stop "$1.group" > /dev/null
	tcpdump -r "$T/$1.pcap" 2> /dev/null | wc -l
}

group_send() {
	case $1 in
	*:*) echo x | on h1 socat -u - "UDP6-DATAGRAM:[$1]:5000,so-bindtodevice=eth0" ;;
	*) echo x | on h1 socat -u - "UDP4-DATAGRAM:$1:5000,ip-multicast-if=$(ip4 h1)" ;;
	esac
}

# h2 is in the group, h3 is not
snooped() {
	local joined other
	joined=$(group_sees h2 "$1")
	other=$(group_sees h3 "$1")
	echo "h2, which joined, got $joined; h3 got $other"
	[ "$joined" -eq 20 ] && [ "$other" -eq 0 ]
}

snooping() {
	local group=$1 address=$2
	spawn member h2 socat -u "$address" STDOUT
	until_ok 20 has_group "$group"
	until_ok 30 snooped "$group"
	stop member
}

has_group() {
	bridge -j mdb show dev br0 | jq -e --arg grp "$1" 'any(.[].mdb[]?; .grp == $grp and .port == "h2")'
}

bridge_add br0 mcast_snooping 1 mcast_querier 1 mcast_query_response_interval 100 mcast_query_interval 300 \
	mcast_startup_query_interval 100
ip link set br0 address 02:00:00:00:01:00
echo 0 > /proc/sys/net/ipv6/conf/br0/accept_dad
echo 0 > /proc/sys/net/ipv6/conf/br0/disable_ipv6
ip address add 192.0.2.100/24 dev br0
ip address add 2001:db8::100/64 dev br0
for host in h1 h2 h3; do
	host_add $host br0
	on $host ip route add default via 192.0.2.100
done
host_netns h9
ip link add h9 type veth peer name eth0 netns h9
ip address add 198.51.100.1/24 dev h9
ip link set h9 up
on h9 ip address add 198.51.100.9/24 dev eth0
on h9 ip link set eth0 up
on h9 ip route add default via 198.51.100.1
echo 1 > /proc/sys/net/ipv4/ip_forward
kvsd_start --adopt br0
for path in tc xdp; do
	set_path $path h1 h2 h3
	learn h1 h2 h3
	t "$path: the host's own addresses, IPv4 and IPv6" own_addresses
	t "$path: the host routes" routed
	t "$path: what is for the host reaches no port" kept_by_host
	t "$path: the bridge's MAC changes" mac_changes
	t "$path: a VLAN device on the bridge" vlan_on_bridge
	t "$path: IGMP is snooped" snooping $GROUP4 "UDP4-RECV:5000,ip-add-membership=$GROUP4:eth0"
	t "$path: MLD is snooped" snooping $GROUP6 "UDP6-RECV:5000,ipv6-join-group=[$GROUP6]:eth0"
done
done_testing
