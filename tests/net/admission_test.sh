#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# admission_test.sh: a port joins while its guest floods already: nothing arrives anywhere before its guard is in place.
. "$(dirname "$0")/lib.sh"

SPOOFED=02:00:00:00:00:66 BRIDGE_MAC=02:00:00:00:00:fe
ROUNDS=$((SCALE > 1 ? 5 : 20))

# attack: to all, to h1, to nobody known and, as far as ping goes, to the host; none of it is what the port may send
attack() {
	local id=0 dst
	for dst in ff:ff:ff:ff:ff:ff "$(mac h1)" 02:00:00:00:77:00; do
		spawn attack.$((++id)) h9 "$FRAMES" send eth0 --src $SPOOFED --dst $dst --proto udp --count 0 \
			--rate $((5000 / SCALE)) --id $id
	done
	spawn attack.4 h9 ping -nq -i 0.002 192.0.2.254
}

attack_ends() {
	local id
	for id in 1 2 3 4; do
		stop attack.$id
	done
}

leave_br0() {
	ip link set h9 nomaster
	until_ok 5 no port_is h9 switch br0
}

guard_refuses() {
	[ "$(rose h9 drops.mac)" -gt 0 ]
}

echoes() {
	awk '$1 == "Icmp:" && $2 ~ /^[0-9]/ { print $9 }' /proc/net/snmp
}

# not_admitted WHERE: at the egress of a port, or on the way from a bridge to the host
not_admitted() {
	kvs drops --json | jq --arg name "$1" '[(.ports[] | select(.name == $name) | .egress_drops.not_admitted),
		(.bridges[] | select(.name == $name) | .drops.not_admitted)] | add // 0'
}

silence() {
	local id host
	for host in h1 h2; do
		for id in 1 2 3; do
			is "frames of stream $id at $host" "$(heard $host $id)" -eq 0
		done
	done
}

nothing_before_the_guard() {
	local before
	before=$(echoes)
	listen h1 h2
	attack
	for _ in $(seq $ROUNDS); do
		mark
		ip link set h9 master br0
		until_ok 10 guard_refuses
		leave_br0
	done
	attack_ends
	hush h1 h2
	silence
	is "echo requests that reached the host" $(($(echoes) - before)) -eq 0
	echo "note: refused $(not_admitted h1) at h1, $(not_admitted h2) at h2, $(not_admitted br0) for the host"
	is "frames that were refused at h1" "$(not_admitted h1)" -gt 0
	is "frames that were refused for the host" "$(not_admitted br0)" -gt 0
}

# what the bridge learned of the spoofed address before the guard was there
nothing_learned() {
	attack
	mark
	ip link set h9 master br0
	until_ok 10 guard_refuses
	until_ok 5 not_in_fdb
	attack_ends
	until_ok 5 not_in_fdb
	leave_br0
}

not_in_fdb() {
	! bridge fdb show br br0 | grep "$SPOOFED.*master"
}

# honest: what the guard allows passes, as soon as the port is admitted
honest() {
	listen h1
	send h9 h1 --count 20 --id 7 > /dev/null
	hush h1
	is "honest frames at h1" "$(heard h1 7)" -eq 20
	on h9 ping -nqc 3 -i 0.2 -W 5 192.0.2.254
}

honest_joins() {
	ip link set h9 master br0
	until_ok 5 port_is h9 switch br0
	honest
	leave_br0
}

# the host routes between r1, which is no port, and h1
routed() {
	host_netns r1
	ip link add r1 type veth peer name eth0 netns r1
	ip address add 198.51.100.1/24 dev r1
	ip link set r1 up
	ip -n r1 address add 198.51.100.2/24 dev eth0
	ip -n r1 link set eth0 up
	ip -n r1 route add default via 198.51.100.1
	ip -n h1 route add 198.51.100.0/24 via 192.0.2.254
	echo 1 > /proc/sys/net/ipv4/ip_forward
	on r1 ping -nqc 3 -i 0.2 -W 5 "$(ip4 h1)"
}

without_kvsd() {
	local before
	before=$(echoes)
	kvsd_kill
	listen h1 h2
	attack
	ip link set h9 master br0
	sleep 1
	attack_ends
	send h9 h1 --count 20 --id 8 > /dev/null
	hush h1 h2
	silence
	is "frames of a port that nobody has admitted" "$(heard h1 8)" -eq 0
	is "echo requests that reached the host" $(($(echoes) - before)) -eq 0
	listen h2
	send h1 h2 --count 20 --id 9 > /dev/null
	hush h2
	is "frames between ports that are" "$(heard h2 9)" -eq 20
	kvsd_start --config "$T/kvs.yaml"
	honest
	leave_br0
}

# under_flood COMMAND...: it costs no frame of others
under_flood() {
	local sent
	listen h2
	flood_start h1 h2 --rate $((5000 / SCALE)) --id 1
	sleep 0.3
	"$@"
	sleep 0.3
	sent=$(flood_stop)
	hush h2
	is "frames lost of $sent" $((sent - $(heard h2 1))) -eq 0
}

bridge_hooks() {
	if has_tcx; then
		"$TCX" show br0
	else
		tc filter show dev br0 ingress
		tc filter show dev br0 egress
	fi
}

reload_with() {
	echo "switches: [{name: br0}]$1" > "$T/kvs.yaml"
	kvs reload
}

ends() {
	local before=nothing
	has_tcx || before='dev h1 \|dev h2 \|dev br0 '
	reload_with ''
	is "hooks of br0" "$(bridge_hooks)" = ""
	is "egress hooks of h1" "$("$TCX" show h1 2> /dev/null | grep egress || true)" = ""
	under_flood reload_with "$GUARDS"
	[ -n "$(bridge_hooks)" ] || fail "no hooks at br0"
	under_flood kvs switch release br0
	is "hooks of br0" "$(bridge_hooks)" = ""
	is "ports with qdiscs of KVS" "$(tc qdisc show | grep clsact | grep -v "$before" || true)" = ""
	under_flood kvs switch adopt br0
}

GUARDS='
guards: [{name: one, tags: true}]
ports: [{match: h9, guard: one, macs: ["02:00:00:00:00:09"]}]'
echo "switches: [{name: br0}]$GUARDS" > "$T/kvs.yaml"
bridge_add br0 mcast_snooping 0
ip link set br0 address $BRIDGE_MAC # so that it stays, whichever ports come and go
ip address add 192.0.2.254/24 dev br0
host_add h1 br0
host_add h2 br0
host_netns h9
ip link add h9 type veth peer name eth0 netns h9
host_eth h9
ip link set h9 up
ip -n h9 neigh add 192.0.2.254 lladdr $BRIDGE_MAC dev eth0
qdisc_before h1 h2 br0
kvsd_start --config "$T/kvs.yaml"
set_path tc h1 h2
learn h1 h2
t "honest frames of a port that joins pass" honest_joins
ip -n h9 link set eth0 address $SPOOFED
ip -n h9 neigh replace 192.0.2.254 lladdr $BRIDGE_MAC dev eth0
t "nothing that a guard refuses arrives, $ROUNDS times" nothing_before_the_guard
t "the bridge keeps nothing of what it learned before" nothing_learned
ip -n h9 link set eth0 address "$(mac h9)"
ip -n h9 neigh replace 192.0.2.254 lladdr $BRIDGE_MAC dev eth0
t "what the host routes passes" routed
t "without kvsd no port is admitted, and others forward on" without_kvsd
t "it begins and ends without loss" ends
done_testing
