#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# group_test.sh: ports that are promiscuous, isolated, of a community: who hears whom, and who does not.
. "$(dirname "$0")/lib.sh"

HOSTS="h1 h2 h3 h4 h5 h6"
N=20

group_of() {
	case $1 in
	h1) echo promiscuous ;;
	h2 | h3) echo isolated ;;
	h4 | h5) echo red ;;
	h6) echo blue ;;
	esac
}

# may FROM TO: what a private VLAN allows
may() {
	local from to
	from=$(group_of $1)
	to=$(group_of $2)
	[ $from = promiscuous ] || [ $to = promiscuous ] || { [ $from = $to ] && [ $from != isolated ]; }
}

# everybody sends to each, to all, to a group and to nobody that is known; each stream has its number
send_all() {
	local from to
	for from in $HOSTS; do
		for to in $HOSTS; do
			[ $from = $to ] || send $from $to --count $N --id ${from#h}${to#h} > /dev/null
		done
		send $from ff:ff:ff:ff:ff:ff --count $N --id ${from#h}01 > /dev/null
		send $from 01:00:5e:00:02:03 --count $N --id ${from#h}02 > /dev/null
		send $from 02:00:00:00:77:00 --count $N --id ${from#h}03 > /dev/null
	done
}

# wanted TO: the streams that have to arrive there, whole
wanted() {
	local from
	for from in $HOSTS; do
		[ $from != "$1" ] || continue
		! may $from "$1" || printf "stream %s: $N\n" ${from#h}${1#h} ${from#h}01 ${from#h}02 ${from#h}03
	done | sort
}

got() {
	jq -r '[.flows[] | select(.id > 10) | "stream \(.id): \(.count)"] | sort[]' "$T/$1.heard"
}

matrix() {
	local to
	# shellcheck disable=SC2086 # a list of hosts
	listen $HOSTS
	send_all
	# shellcheck disable=SC2086
	hush $HOSTS
	for to in $HOSTS; do
		wanted $to > "$T/wanted"
		got $to | diff "$T/wanted" - || fail "$(group_of $to) $to: < missed, > must not hear"
	done
}

egress_drops() {
	kvs drops --json | jq --arg name $1 '.ports[] | select(.name == $name) | .egress_drops.group // 0'
}

# Of known unicast the sender's port counts; of the rest, and of what is slow, the receiver's.
counted() {
	local path=$1 before
	before=$(egress_drops h3)
	mark
	matrix
	if [ $path = slow ]; then
		is "drops at h2" "$(rose h2 drops.group)" -eq 0
		is "drops at h3's egress" $(($(egress_drops h3) - before)) -ge $((4 * 4 * N))
	else
		is "drops at h2" "$(rose h2 drops.group)" -ge $((4 * N - 4))
		is "drops at h3's egress" $(($(egress_drops h3) - before)) -ge $((4 * 3 * N))
	fi
}

on_path() {
	# shellcheck disable=SC2086 # a list of hosts
	set_path $1 $HOSTS
	# shellcheck disable=SC2086
	learn $HOSTS
	counted $1
}

names() {
	local host
	for host in $HOSTS; do
		[ "$(port $host group)" = "$(group_of $host)" ] || fail "$host is $(port $host group)"
	done
}

# at all ports, since those that join may get a group
hooked() {
	is "egress hooks" "$(egress_hooks)" = "h1 h2 h3 h4 h5 h6 "
}

egress_hooks() {
	local host
	for host in $HOSTS; do
		! has_egress "$host" || echo -n "$host "
	done
}

has_egress() {
	if has_tcx; then
		"$TCX" show "$1" | grep -q egress
	else
		tc filter show dev "$1" egress | grep -q kvs_egress
	fi
}

without_kvsd() {
	kvsd_kill
	matrix
}

after_restart() {
	kvsd_start --config "$T/kvs.yaml"
	names
	hooked
	matrix
}

# h6 becomes red, and is blue again
changes() {
	kvs port set h6 --group red
	listen h4 h6
	send h4 h6 --count $N --id 1 > /dev/null
	send h6 ff:ff:ff:ff:ff:ff --count $N --id 2 > /dev/null
	kvs port set h6 --group blue
	send h4 h6 --count $N --id 3 > /dev/null
	send h6 ff:ff:ff:ff:ff:ff --count $N --id 4 > /dev/null
	hush h4 h6
	is "frames to h6 while it was red" "$(heard h6 1)" -eq $N
	is "frames from h6 while it was red" "$(heard h4 2)" -eq $N
	is "frames to h6" "$(heard h6 3)" -eq 0
	is "frames from h6" "$(heard h4 4)" -eq 0
}

# over_vxlan GROUP: a port that is a tunnel, to a host behind it
over_vxlan() {
	local blue=0
	[ $1 = isolated ] || blue=$N
	kvs port set h7 --group $1
	listen h7 h1 h2 h6
	send h2 ff:ff:ff:ff:ff:ff --count $N --id 1 > /dev/null
	send h6 ff:ff:ff:ff:ff:ff --count $N --id 2 > /dev/null
	send h7 ff:ff:ff:ff:ff:ff --count $N --id 3 > /dev/null
	hush h7 h1 h2 h6
	is "frames from isolated h2 to h7" "$(heard h7 1)" -eq 0
	is "frames from blue h6 to h7" "$(heard h7 2)" -eq $blue
	is "frames from h7 to promiscuous h1" "$(heard h1 3)" -eq $N
	is "frames from h7 to isolated h2" "$(heard h2 3)" -eq 0
	is "frames from h7 to blue h6" "$(heard h6 3)" -eq $blue
}

vxlan_add() {
	host_netns h7
	ip link add under type veth peer name under netns h7
	ip address add 198.51.100.1/24 dev under
	ip link set under up
	ip -n h7 address add 198.51.100.7/24 dev under
	ip -n h7 link set under up
	ip link add h7 type vxlan id 7 local 198.51.100.1 remote 198.51.100.7 dstport 4789
	ip -n h7 link add eth0 type vxlan id 7 local 198.51.100.7 remote 198.51.100.1 dstport 4789
	host_eth h7
	join h7 br0
}

# the host is as promiscuous: it answers all
host_answers() {
	local host
	ip address add 192.0.2.254/24 dev br0
	for host in $HOSTS; do
		on $host ping -nqc 2 -i 0.2 -W 5 192.0.2.254
	done
	ip address del 192.0.2.254/24 dev br0
}

hook_comes_back() {
	local pin
	pin=$T/bpf/kvs/links/$(cat /sys/class/net/h2/ifindex)-egress
	if has_tcx; then
		bpftool link detach id "$(bpftool -j link show pinned "$pin" | jq .id)"
	else
		tc qdisc del dev h2 clsact
	fi
	until_ok 5 has_egress h2
	matrix
}

refuses() {
	refused 2 'promiscuous, isolated, or' kvs port set h2 --group 'a b'
	refused 2 'promiscuous, isolated, or' kvs port set h2 --group none
	names
}

foreign_first() {
	ip link add x1 type veth peer name x2
	tc qdisc add dev x1 clsact
	tc filter add dev x1 egress pref 1 bpf direct-action object-file \
		"$ROOT/build/obj/tests/tools/foreign.bpf.o" section tc/foreign_ok
	ip link set x1 master br0 up
	until_ok 5 port_is x1 group promiscuous
	refused 1 'preference 1' kvs port set x1 --group red
	port_is x1 group promiscuous
	ip link del x1
}

ends() {
	local host
	ip link del h7
	echo "switches: [{name: br0}]" > "$T/kvs.yaml"
	kvs reload
	is "egress hooks" "$(egress_hooks)" = "h6 " # its group was not the file's
	kvs port set h6 --group promiscuous
	for host in $HOSTS; do
		is "group of $host" "$(port $host group)" = promiscuous
	done
	is "egress hooks" "$(egress_hooks)" = ""
	until_ok 20 no test -e "$T/bpf/kvs/kvs_egress_counters"
	listen h3
	send h2 h3 --count $N --id 1 > /dev/null
	hush h3
	is "frames at h3" "$(heard h3 1)" -eq $N
}

cat > "$T/kvs.yaml" << EOF
switches: [{name: br0}]
ports:
  - {match: "h[23]", group: isolated}
  - {match: "h[45]", group: red}
EOF
bridge_add br0 mcast_snooping 0
for host in h1 h2 h3 h4 h5; do
	host_add $host br0
done
vm_add h6 br0
kvsd_start --config "$T/kvs.yaml"
kvs port set h6 --group blue
t "groups are those of the file and of the command" names
t "the egress hook is where it is needed" hooked
for path in xdp tc slow; do
	t "$path: each hears whom it may, and nobody else" on_path $path
done
t "so it is without kvsd" without_kvsd
t "so it is after a restart" after_restart
set_path tc h4 h6
t "a change of groups holds at once" changes
vxlan_add
for group in isolated blue; do
	t "a vxlan port that is $group hears whom it may" over_vxlan $group
done
t "the host answers everybody" host_answers
t "a hook that was removed is put back" hook_comes_back
t "what is no group is refused" refuses
if ! has_tcx; then
	t "where somebody else's filter is first, no group is given" foreign_first
fi
t "without groups nothing is left of them" ends
done_testing
