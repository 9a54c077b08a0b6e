#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# netfilter_test.sh: rules of nftables' family bridge come and go, and frames obey them.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/net/rules.sh"

# chain HOOK [POLICY]
chain() {
	nft add table bridge t
	nft add chain bridge t "c$1" "{ type filter hook $1 priority 0; policy ${2:-accept}; }"
}

drop_to_h2() {
	nft add rule bridge t "c$1" ether daddr "$(mac h2)" counter drop
}

has_nft_bridge() {
	nft add table bridge probe && nft delete table bridge probe
}

empty_chains() {
	chain forward
	chain prerouting
	nft add chain bridge t loose
	nft add rule bridge t loose drop
	sleep 0.5
	is_fast
}

# in_path HOOK: a rule there is obeyed, and the path is fast again without it
in_path() {
	chain "$1"
	drop_to_h2 "$1"
	until_ok 5 is_slow "nftables bridge t c$1"
	all_slow 0
	nft flush table bridge t
	until_ok 5 says_fast
	nft delete table bridge t
}

policy() {
	chain forward drop
	until_ok 5 is_slow 'nftables bridge t cforward'
	all_slow 0
	chain_accepts
	until_ok 5 is_fast
	nft delete table bridge t
}

chain_accepts() {
	nft add chain bridge t cforward '{ policy accept; }'
}

for_the_host() {
	chain input drop
	chain output drop
	sleep 0.5
	is_fast
	nft delete table bridge t
}

# a burst of changes ends with what the last one says
burst() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		chain forward
		drop_to_h2 forward
		nft delete table bridge t
	done
	until_ok 5 is_fast
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		chain forward
		nft flush table bridge t
		drop_to_h2 forward
	done
	until_ok 5 is_slow 'nftables bridge t cforward'
	all_slow 0
}

before_adoption() {
	kvs release br0
	kvs switch adopt br0
	is_slow 'nftables bridge t cforward'
	all_slow 0
}

ports_say_so() {
	port_is h1 path_now slow
	port h1 path_reason | grep -q 'nftables bridge t cforward'
}

bypass() {
	kvs switch set br0 --netfilter bypass
	is_fast
	listen h2
	send h1 h2 --count 50 --id 8
	hush h2
	is "frames at h2" "$(heard h2 8)" -ge 45
	is "rules it says are there" "$(query 'switch show' '.switches[].netfilter_rules')" = \
		'netfilter rules: nftables bridge t cforward'
}

restart() {
	kvsd_stop
	kvsd_start --config "$T/kvs.yaml"
}

bypass_survives() {
	restart
	is "netfilter" "$(query 'switch show' '.switches[].netfilter')" = bypass
	is_fast
	kvs switch set br0 --netfilter follow
	is_slow 'nftables bridge t cforward'
	all_slow 0
	restart
	is "netfilter" "$(query 'switch show' '.switches[].netfilter')" = follow
	is_slow 'nftables bridge t cforward'
}

on_xdp() {
	nft delete table bridge t
	until_ok 5 is_fast
	set_path xdp h1
	chain forward
	drop_to_h2 forward
	until_ok 5 is_slow 'nftables bridge t cforward'
	all_slow 0
	nft delete table bridge t
	until_ok 5 is_fast
	set_path tc h1
}

elsewhere() {
	on h1 nft add table bridge t
	on h1 nft add chain bridge t c '{ type filter hook forward priority 0; policy drop; }'
	sleep 0.5
	is_fast
}

config() {
	chain forward
	drop_to_h2 forward
	cat > "$T/kvs.yaml"
	kvs reload
}

from_the_file() {
	config <<- 'END'
		switches:
		  - adopt: "br*"
		    netfilter: bypass
	END
	is_fast
	config <<- 'END'
		switches:
		  - adopt: "br*"
	END
	is_slow 'nftables bridge t cforward'
	nft delete table bridge t
	until_ok 5 is_fast
}


bridge_add br0
host_add h1 br0
host_add h2 br0
has_nft_bridge 2> /dev/null || {
	t "nftables" skip "this kernel has no nftables of family bridge"
	done_testing
}
: > "$T/kvs.yaml"
kvsd_start --config "$T/kvs.yaml" --adopt br0
t "a switch without rules is fast" until_ok 5 is_fast
t "chains without a rule that accept change nothing" empty_chains
nft delete table bridge t
t "a rule at forward" in_path forward
t "a rule at prerouting" in_path prerouting
t "a rule at postrouting" in_path postrouting
t "a policy of drop" policy
t "rules for the host alone change nothing" for_the_host
t "many changes at once" burst
t "rules that are there before adoption" before_adoption
t "ports say why they are slow" ports_say_so
t "netfilter bypass keeps the fast path" bypass
t "bypass and follow survive a restart of kvsd" bypass_survives
t "XDP keeps off, too" on_xdp
t "rules of other namespaces change nothing" elsewhere
t "the configuration file says follow or bypass" from_the_file
done_testing
