#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takeover_test.sh: what happened while no kvsd was there, and starts that fail: nothing stays behind.
. "$(dirname "$0")/lib.sh"

FOREIGN=$ROOT/build/obj/tests/tools/foreign.bpf.o

gro_is() {
	[ "$(gro "$1")" = "$2" ]
}

gro() {
	on "$1" ethtool -k eth0 | sed -n 's/generic-receive-offload: //p'
}

# GRO is off without KVS, so that it is seen to be put back
quiet_hosts() {
	local host
	for host in h1 h2; do
		on $host ethtool -K eth0 gro off
	done
}

nothing_left() {
	is "hooks on h1 and h2" "$(hooks h1; hooks h2)" = ""
	is "GRO of h1's peer" "$(gro h1)" = off
	is "GRO of h2's peer" "$(gro h2)" = off
	is "qdiscs of KVS" "$(tc qdisc show | grep clsact || true)" = ""
}

no_pins() {
	[ ! -e "$T/bpf/kvs" ] || fail "pins: $(find "$T/bpf/kvs")"
}

# leave_behind: an adopted br0 with XDP on h1, and a kvsd that was killed
leave_behind() {
	kvsd_start "$@" --adopt br0
	set_path xdp h1
	until_ok 5 port_is h2 peer_gro kvs
	kvsd_kill
}

release_all() {
	"$ROOT/build/kvsd" --run-dir "$T/run" --pin-dir "$T/bpf/kvs" --release-all "$@" >> "$T/kvsd.log" 2>&1
	nothing_left
	no_pins
}

bridge_back() {
	bridge_add br0
	join h1 br0
	join h2 br0
}

release_without_daemon() {
	leave_behind
	echo 'nonsense: [' > "$T/broken.yaml"
	release_all --config "$T/broken.yaml"
}

bridge_deleted() {
	leave_behind
	ip link del br0
	release_all
	bridge_back
}

bridge_renamed() {
	leave_behind
	ip link set br0 down
	ip link set br0 name br5
	ip link set br5 up
	kvsd_start
	until_ok 5 port_is h1 path_now xdp
	kvs release br5
	nothing_left
	kvsd_stop
	ip link set br5 down
	ip link set br5 name br0
	ip link set br0 up
	join h1 br0
	join h2 br0
}

limits_changed() {
	leave_behind
	printf 'limits:\n  ports: 99\n' > "$T/limits.yaml"
	kvsd_start --config "$T/limits.yaml"
	is "path of h1" "$(port h1 path_now)" = xdp
	is "GRO of h2's peer is whose" "$(port h2 peer_gro)" = kvs
	kvsd_kill
	ip link set h1 nomaster
	kvsd_start # with other limits again
	is "hooks on h1" "$(hooks h1)" = ""
	is "GRO of h1's peer" "$(gro h1)" = off
	kvs release --all
	kvsd_stop
	nothing_left
	join h1 br0
}

has_port9() {
	"$ROOT/build/kvs" --run-dir "$T/run9" port show v9
}

# other_namespace [SECTION]: with a filter of another's at the port KVS is one, too, and has no link there that is pinned
other_namespace() {
	host_netns h9
	ip -n h9 link add br9 type bridge
	ip -n h9 link add v9 type veth peer name w9
	ip -n h9 link set v9 master br9
	if [ $# -gt 0 ]; then
		tc -n h9 qdisc add dev v9 clsact
		on h9 tc filter add dev v9 ingress bpf direct-action object-file "$FOREIGN" section "$1"
	fi
	spawn kvsd9 h9 "$ROOT/build/kvsd" --run-dir "$T/run9" --pin-dir "$T/bpf/kvs" --adopt br9
	until_ok 20 has_port9
	stop kvsd9 KILL
	refused 1 'of another network namespace' \
		timeout $((20 * SCALE)) "$ROOT/build/kvsd" --run-dir "$T/run" --pin-dir "$T/bpf/kvs"
	is "pinned programs" "$(find "$T/bpf/kvs" -name 'kvs_ingress' | wc -l)" -eq 1
	ip netns del h9
	# its devices go with it, when the kernel gets round to it
	until_ok 20 release_all
}

late_failure() {
	local dir
	dir=$T/$(printf 'x%.0s' {1..110})
	refused 1 'too long' "$ROOT/build/kvsd" --run-dir "$dir" --pin-dir "$T/bpf/kvs" --adopt br0
	nothing_left
	no_pins
}

over_limit() {
	printf 'limits:\n  ports: 1\n' > "$T/one.yaml"
	kvsd_start --config "$T/one.yaml" --adopt br0
	is "ports with a hook" "$(query 'port show' '[.ports[] | select(.hook_tc != "none")] | length')" -eq 1
	is "ports that say why" "$(query 'port show' '[.ports[] | select(.path_reason | test("limits.ports"))] | length')" -eq 1
	kvs stats > /dev/null
	kvs release --all
	kvsd_stop
}

gro_switched_off() {
	kvsd_start --adopt br0
	set_path xdp h1
	until_ok 5 port_is h2 peer_gro kvs
	on h2 ethtool -K eth0 gro off
	until_ok 10 gro_is h2 on
	kvs release --all
	kvsd_stop
	nothing_left
}

bridge_add br0
host_add h1 br0
host_add h2 br0
quiet_hosts

t "kvsd --release-all takes off what a dead kvsd left, without its configuration" release_without_daemon
t "also when the bridge is deleted meanwhile" bridge_deleted
t "a bridge renamed meanwhile is taken over" bridge_renamed
t "other limits: paths and settings are taken over, ports that left are cleared up" limits_changed
t "pins at work in another network namespace are not touched" other_namespace
t "nor where they are filters of clsact" other_namespace tc/foreign_ok
t "a start that fails leaves nothing" late_failure
t "a port over the limit is told of" over_limit
t "GRO switched off at a veth's peer is switched on again" gro_switched_off
done_testing
