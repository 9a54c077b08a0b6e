#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# netfilter_ebtables_test.sh: rules of ebtables come and go, in its legacy form and as nftables.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/net/rules.sh"

# has COMMAND...: or the test is skipped
has() {
	"$@" 2> "$T/ebtables" || skip "this kernel has no tables for $1"
}

# in_path COMMAND CHAIN REASON [ARG...]: a rule is obeyed, a policy too
in_path() {
	local command=$1 chain=$2 reason=$3
	shift 3
	has "$command" "$@" -A "$chain" -d "$(mac h2)" -j DROP
	until_ok 5 is_slow "$reason"
	all_slow 0
	"$command" "$@" -D "$chain" -d "$(mac h2)" -j DROP
	until_ok 5 is_fast
	"$command" "$@" -P "$chain" DROP
	until_ok 5 is_slow "$reason"
	"$command" "$@" -P "$chain" ACCEPT
	until_ok 5 says_fast
}

# a chain of one's own counts where the table's chains lead to it
own_chain() {
	has "$1" -N mine
	"$1" -A mine -d "$(mac h2)" -j DROP
	sleep 0.7
	says_fast
	"$1" -A FORWARD -j mine
	until_ok 5 is_slow "$2"
	all_slow 0
	"$1" -F
	"$1" -X mine
	until_ok 5 says_fast
}

for_the_host() {
	has "$1" -A INPUT -j DROP
	"$1" -A OUTPUT -j DROP
	sleep 0.7
	is_fast
	"$1" -F
}

before_adoption() {
	has ebtables-legacy -A FORWARD -d "$(mac h2)" -j DROP
	kvs release br0
	kvs switch adopt br0
	is_slow 'ebtables filter FORWARD'
	all_slow 0
	ebtables-legacy -F
	until_ok 5 says_fast
}

# broute may also hand frames to the host
broute() {
	has ebtables-legacy -t broute -A BROUTING -p ipv4 -j DROP
	until_ok 5 is_slow 'ebtables broute BROUTING'
	all_slow 0
	ebtables-legacy -t broute -F
	until_ok 5 is_fast
}

bridge_add br0
host_add h1 br0
host_add h2 br0
kvsd_start --adopt br0
t "a switch without rules is fast" until_ok 5 is_fast
t "ebtables-nft" in_path ebtables-nft FORWARD 'nftables bridge filter FORWARD'
t "ebtables-nft, table nat" in_path ebtables-nft PREROUTING 'nftables bridge nat PREROUTING' -t nat
t "ebtables-nft, a chain of its own" own_chain ebtables-nft 'nftables bridge filter FORWARD'
t "ebtables-nft for the host alone" for_the_host ebtables-nft
t "ebtables-legacy" in_path ebtables-legacy FORWARD 'ebtables filter FORWARD'
t "ebtables-legacy, table nat" in_path ebtables-legacy POSTROUTING 'ebtables nat POSTROUTING' -t nat
t "ebtables-legacy, a chain of its own" own_chain ebtables-legacy 'ebtables filter FORWARD'
t "ebtables-legacy for the host alone" for_the_host ebtables-legacy
t "ebtables-legacy, table broute" broute
t "rules that are there before adoption" before_adoption
done_testing
