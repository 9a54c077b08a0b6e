#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# scale.sh: many ports and stations, for scale_test.sh and bench/scale.sh, which have sourced lib.sh.
#
# Port pN is a veth whose other end has the same name in the namespace "far"; it is on bridge b(N modulo bridges).
# Station N is behind port N modulo ports: MAC 02:01:00:NN:NN:NN.

# bridges_add BRIDGES: without a VLAN, for which they would have a second entry of each station
bridges_add() {
	local n
	for ((n = 0; n < $1; n++)); do
		printf 'link add b%d type bridge vlan_default_pvid 0\nlink set b%d up\n' "$n" "$n"
	done | ip -batch -
}

far_add() {
	ip netns add far
	on far sh -c 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6'
}

# ports_add FIRST END BRIDGES: p(FIRST) to p(END - 1), until all forward: a port that does not takes no entries
ports_add() {
	local n
	for ((n = $1; n < $2; n++)); do
		printf 'link add p%d type veth peer name p%d netns far\n' "$n" "$n"
		printf 'link set p%d master b%d up\n' "$n" $((n % $3))
	done | ip -batch -
	for ((n = $1; n < $2; n++)); do
		printf 'link set p%d up\n' "$n"
	done | ip -n far -batch -
	until_ok 60 all_forward "$1" "$2"
}

# all_forward FIRST END
all_forward() {
	local n
	for ((n = $1; n < $2; n++)); do
		is_forwarding "p$n" || return
	done
}

# ports_del FIRST END
ports_del() {
	local n
	for ((n = $1; n < $2; n++)); do
		printf 'link del p%d\n' "$n"
	done | ip -batch -
}

# stations add|del|replace FIRST END PORTS [SHIFT]: behind the port that is SHIFT further than is theirs
stations() {
	awk -v verb="$1" -v first="$2" -v end="$3" -v ports="$4" -v shift="${5:-0}" 'BEGIN {
		for (n = first; n < end; n++)
			printf "fdb %s 02:01:00:%02x:%02x:%02x dev p%d master%s\n", verb, n / 65536 % 256, n / 256 % 256,
				n % 256, (n + shift) % ports, verb == "del" ? "" : " dynamic"
	}' | bridge -batch -
}

# kernel_fdb: "MAC PORT" of all stations, as the bridges have them
kernel_fdb() {
	bridge fdb show | awk '$1 ~ /^02:01:00:/ && !/permanent/ { print $1, $3 }' | sort
}

dump() {
	bpftool -j map dump pinned "$T/bpf/kvs/$1"
}

# map_fdb: the same as the fast path has them
map_fdb() {
	ip -o link show | awk -F '[ :@]+' '{ print $1, $2 }' > "$T/names"
	dump kvs_ports | jq -r '.[].formatted | select(.value.ifindex > 0) | "\(.key) \(.value.ifindex)"' > "$T/slots"
	dump kvs_fdb | jq -r '.[].formatted | "\(.value.port) \(.key.mac | join(" "))"' |
		awk 'FILENAME == ARGV[1] { name[$1] = $2; next }
			FILENAME == ARGV[2] { slot[$1] = name[$2]; next }
			{ printf "%02x:%02x:%02x:%02x:%02x:%02x %s\n", $2, $3, $4, $5, $6, $7, slot[$1] }' \
			"$T/names" "$T/slots" - | grep '^02:01:00:' | sort
}

# is_equal: the fast path knows the stations the bridges know, each behind the same port
is_equal() {
	kernel_fdb > "$T/fdb.kernel"
	map_fdb > "$T/fdb.map"
	cmp "$T/fdb.kernel" "$T/fdb.map"
}

# n_ports: that kvsd has on a fast path
n_ports() {
	query 'port show' '[.ports[] | select(.path_now == "tc")] | length'
}

# has_ports N
has_ports() {
	local n
	n=$(n_ports)
	[ "$n" = "$1" ] || { echo "$n ports are fast, not $1" && return 1; }
}

# limit FIELD: of kvs status
limit() {
	query status ".limits.$1"
}

# limit_is FIELD VALUE
limit_is() {
	local now
	now=$(limit "$1")
	[ "$now" = "$2" ] || { echo "$1 is $now, not $2" && return 1; }
}

# holdings: what kvsd holds on to, by kind: its descriptors (programs, maps, links, sockets, files) and its pins
holdings() {
	local pid
	pid=$(cat "$T/kvsd.pid")
	find "/proc/$pid/fd" -type l -printf '%l\n' | sed -E 's/:?\[.*//; s/:\[?[0-9]+\]?$//' | sort | uniq -c
	echo "pins $(find "$T/bpf/kvs" -type f | wc -l)"
}

# holds_as_before: what $T/holdings says
holds_as_before() {
	holdings | diff "$T/holdings" -
}

# rss: of kvsd, in KiB
rss() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$(cat "$T/kvsd.pid")/status"
}

# ids: of programs and maps that are pinned, as "prog ID" and "map ID"
ids() {
	local name
	for name in kvs_xdp kvs_ingress; do
		bpftool -j prog show pinned "$T/bpf/kvs/$name" | jq -r '"prog \(.id)"'
	done
	for name in kvs_ports kvs_fdb kvs_devmap kvs_counters kvs_state kvs_switches; do
		bpftool -j map show pinned "$T/bpf/kvs/$name" | jq -r '"map \(.id)"'
	done
}

# are_gone FILE: the programs and maps it names
are_gone() {
	local what id
	while read -r what id; do
		! bpftool "$what" show id "$id" > "$T/still" 2>&1 || { cat "$T/still" && return 1; }
	done < "$1"
}
