#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What a guest behind `guard: vm` can do to others: every attack of attacks.py, from every kind of tenant, on every path,
# and with kvsd dead. h1 attacks; h2 is another tenant's, which must hear nothing; h3 and the host may hear what a
# guest may send. Where the attacker has no tenant of its own, h2 is a neighbour like h3.
. "$(dirname "$0")/lib.sh"

PYTHON=/usr/bin/python3 # Debian's, which has scapy
PATHS="xdp tc slow"

config() {
	cat > "$T/kvs.yaml" <<- EOF
		guards:
		  - name: tenant
		    preset: vm
		ports:
		  - {match: h1, guard: tenant, macs: ["$(mac h1)"], addresses: [$(ip4 h1), "$(ip6 h1)"]}
	EOF
}

# --- tenants: what h2 is to h1

own_bridge() {
	ip link set h2 master br1
}

isolated() {
	bridge link set dev h1 isolated on
	bridge link set dev h2 isolated on
}

group_isolated() {
	kvs port set h1 --group isolated
	kvs port set h2 --group isolated
	kvs port set h3 --group promiscuous
}

group() {
	kvs port set h1 --group red
	kvs port set h3 --group red
	kvs port set h2 --group blue
}

vlan() {
	ip link set br0 type bridge vlan_filtering 1
	local dev
	for dev in h1 h3; do
		bridge vlan add dev $dev vid 10 pvid untagged
		bridge vlan del dev $dev vid 1
	done
	bridge vlan add dev h2 vid 20 pvid untagged
	bridge vlan del dev h2 vid 1
}

neighbour() {
	:
}

has_vlan_filtering() {
	ip link add name vlan-test type bridge vlan_filtering 1 2> /dev/null && ip link del vlan-test
}

# as_before: undoes any of them
as_before() {
	local dev
	ip link set br0 type bridge vlan_filtering 0 || true
	for dev in h1 h2 h3; do
		ip link set $dev master br0
		bridge link set dev $dev isolated off
		[ "${TENANT#group}" = "$TENANT" ] || kvs port set $dev --group promiscuous
	done
	until_ok 5 is_forwarding h2
}

# --- attacks

# attacks NAME [ask]: from h1; $T/NAME.result has what came of each
attacks() {
	local victim=h2 peers="h3 dev:br0" ask=()
	[ "$TENANT" != neighbour ] || victim=- peers="h3 h2 dev:br0"
	[ "${2-}" != ask ] || ask=(--ask "$ROOT/build/kvs --run-dir $T/run drops --json")
	# shellcheck disable=SC2086 # words
	"$PYTHON" "$ROOT/tests/net/attacks.py" "${ask[@]}" h1 $victim $peers > "$T/$1.result"
	holds "$1"
}

# holds NAME: nothing arrived that must not, what must arrive did, and each refusal had its reason. A frame that a tenant
# must not send to another has the reason group, which is none of the guard's.
holds() {
	local bad
	judge "$T/$1.result" > "$T/$1.judged"
	bad=$(jq -r 'select(.verdict | IN("-", "held") | not) | "\(.verdict): \(del(.verdict) | tojson)"' "$T/$1.judged")
	[ -z "$bad" ] || fail "$bad"
}

judge() {
	jq -c '. + {verdict: (
		if .victim > 0 then "ARRIVED"
		elif .reason and .peer > 0 then "PASSED"
		elif .lost > 0 then "LOST"
		elif .refused and .reason and .refused != {(.reason): .sent} then "REASON"
		elif .refused and (.reason | not) and (.refused | del(.group)) != {} then "REFUSED"
		elif .reason then "held" else "-" end)}' "$1"
}

# on_path PATH: while kvsd is there; then dead, with the same hooks
on_path() {
	set_path "$1" h1 h2 h3
	learn h3
	attacks "$TENANT.$1" ask
}

dead() {
	kvsd_kill
	attacks "$TENANT.dead"
}

alive() {
	kvsd_start --config "$T/kvs.yaml" --adopt 'br*'
}

# --- the table: attack x tenant, a letter for each path and one for kvsd dead

table() {
	local files=("$T"/*.judged)
	jq -rn --arg paths "$PATHS dead" '
		[inputs | . + {name: input_filename | split("/")[-1] | split(".")}] as $all
		| ($all | map(.name[0]) | unique) as $tenants
		| ["attack", $tenants[]],
		  ($all | map(.attack) | reduce .[] as $a ([]; if index([$a]) then . else . + [$a] end) | .[] as $attack
		   | [$attack, ($tenants[] as $t | [$paths | split(" ")[] as $path
			| $all[] | select(.attack == $attack and .name[0] == $t and .name[1] == $path) | .verdict] | unique | join(","))])
		| @tsv' "${files[@]}" | column -t -s "$(printf '\t')" | sed 's/^/# /'
}

# --- the tests

bridge_add br0
bridge_add br1
for host in h1 h2 h3; do
	host_add $host br0
done
mute h1 h2 h3
config
alive
TENANTS="neighbour own_bridge isolated group_isolated group vlan"
[ -z "${KVS_TEST_GUEST-}" ] || TENANTS=vlan # an emulated processor takes its time; the others are natively tested
for TENANT in $TENANTS; do
	if [ $TENANT = vlan ] && ! has_vlan_filtering; then
		continue
	fi
	t "h2 is ${TENANT//_/ }" $TENANT
	for path in $PATHS; do
		t "$TENANT, $path: nothing arrives that must not, and each refusal has its reason" on_path "$path"
	done
	t "$TENANT: the same with kvsd dead" dead
	t "$TENANT: kvsd is back" alive
	t "$TENANT: undone" as_before
done
table
done_testing
