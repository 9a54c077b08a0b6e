#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# netfilter_ip_test.sh: rules for IP and ARP, which see bridged frames by way of br_netfilter.
. "$(dirname "$0")/lib.sh"
. "$ROOT/tests/net/rules.sh"

SYSCTL=/proc/sys/net/bridge
H2=198.51.100.2 # the address that frames from h1 to h2 have

# call VALUE: of the three sysctls
call() {
	echo "$1" | tee $SYSCTL/bridge-nf-call-iptables $SYSCTL/bridge-nf-call-ip6tables \
		$SYSCTL/bridge-nf-call-arptables > /dev/null
}

# has COMMAND...: or the test is skipped
has() {
	"$@" 2> /dev/null || skip "this kernel has no $1"
}

no_rules() {
	call 1
	sleep 0.7
	is_fast
}

# nft_chain FAMILY HOOK
nft_chain() {
	nft add table "$1" t
	nft add chain "$1" t c "{ type filter hook $2 priority 0; }"
}

# nft_rule FAMILY HOOK
nft_rule() {
	nft_chain "$1" "$2" 2> /dev/null || skip "this kernel has no chains of family $1"
	nft add rule "$1" t c ip daddr $H2 counter drop
	until_ok 5 is_slow "br_netfilter, nftables $1 t c"
	all_slow 0
	nft delete table "$1" t
	until_ok 5 says_fast
}

# a rule does not count while neither the sysctl nor the bridge asks for it
called() {
	nft_chain ip forward 2> /dev/null || skip "this kernel has no chains of family ip"
	nft add rule ip t c ip daddr $H2 counter drop
	until_ok 5 is_slow 'br_netfilter, nftables ip t c'
	call 0
	until_ok 5 is_fast
	ip link set br0 type bridge nf_call_iptables 1
	until_ok 5 is_slow 'br_netfilter, nftables ip t c'
	all_slow 0
	ip link set br0 type bridge nf_call_iptables 0
	until_ok 5 says_fast
	call 1
	until_ok 5 is_slow 'br_netfilter, nftables ip t c'
	nft delete table ip t
	until_ok 5 says_fast
}

nft_host() {
	nft_chain inet input 2> /dev/null || skip "this kernel has no chains of family inet"
	nft add rule inet t c tcp dport 22 accept
	sleep 0.7
	says_fast
	nft add rule inet t c ct state established accept
	until_ok 5 is_slow 'br_netfilter, connection tracking for nftables'
	nft delete table inet t
	until_ok 5 says_fast
}

# tables COMMAND RULE...: a rule, then a policy in its place, of a command that speaks as iptables
tables() {
	local command=$1
	shift
	has "$command" -A FORWARD "$@" -j DROP
	until_ok 5 is_slow "br_netfilter, .*(filter|FORWARD)"
	"$command" -P FORWARD DROP
	"$command" -D FORWARD "$@" -j DROP
	sleep 0.7
	is_slow "br_netfilter, .*(filter|FORWARD)"
	"$command" -P FORWARD ACCEPT
	until_ok 5 says_fast
}

iptables_drops() {
	has "$1" -A FORWARD -d $H2 -j DROP
	until_ok 5 is_slow "br_netfilter, .*(filter|FORWARD)"
	all_slow 0
	"$1" -D FORWARD -d $H2 -j DROP
	until_ok 5 says_fast
}

host_legacy() {
	has iptables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT
	sleep 0.7
	says_fast
	iptables-legacy -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT
	until_ok 5 is_slow 'br_netfilter, connection tracking for iptables filter'
	iptables-legacy -F
	until_ok 5 says_fast
}

other_table() {
	has iptables-legacy -t mangle -A POSTROUTING -d $H2 -j MARK --set-mark 1
	until_ok 5 is_slow 'br_netfilter, iptables mangle POSTROUTING'
	iptables-legacy -t mangle -F
	until_ok 5 says_fast
}

before_adoption() {
	has iptables-legacy -A FORWARD -d $H2 -j DROP
	kvs release br0
	kvs switch adopt br0
	is_slow 'br_netfilter, iptables filter FORWARD'
	all_slow 0
	kvs switch set br0 --netfilter bypass
	is_fast
	kvs release br0
	iptables-legacy -F
	kvs switch adopt br0 --netfilter follow
	until_ok 5 is_fast
}

bridge_add br0
host_add h1 br0
host_add h2 br0
loaded=''
if [ ! -d $SYSCTL ] && [ "${KVS_TEST_GUEST-}" ] && modprobe br_netfilter; then
	loaded=1
fi
[ -d $SYSCTL ] || {
	t "br_netfilter" skip "this kernel has no br_netfilter, or it is not loaded"
	done_testing
}
kvsd_start --adopt br0
t "the sysctl without a rule changes nothing" no_rules
t "nftables, family ip" nft_rule ip forward
t "nftables, family inet" nft_rule inet prerouting
t "a bridge is asked, and the sysctl" called
t "nftables for the host alone, and with connection tracking" nft_host
t "iptables-nft drops" iptables_drops iptables-nft
t "iptables-nft" tables iptables-nft -p udp
t "iptables-legacy drops" iptables_drops iptables-legacy
t "iptables-legacy" tables iptables-legacy -p udp
t "ip6tables-legacy" tables ip6tables-legacy -p udp
t "arptables-legacy" tables arptables-legacy -s 192.0.2.99
t "iptables-legacy for the host alone, and with connection tracking" host_legacy
t "another table than filter" other_table
t "rules that are there before adoption, bypass" before_adoption
[ -z "$loaded" ] || modprobe -r br_netfilter || true
done_testing
