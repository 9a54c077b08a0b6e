#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Real programs as attackers and as honest guests: h1 is behind `guard: vm`, h2 is a client, h3 the network's own server
# behind `guard: router`. Each attack works while h1 has no guard, or this would show nothing.
. "$(dirname "$0")/lib.sh"

guarded() {
	kvs guard set h1 --guard vm --macs "$(mac h1)" --addresses "$(ip4 h1),$(ip6 h1)"
}

unguarded() {
	kvs guard del h1
}

# refused_by REASON: the port h1 refused some since mark
refused_by() {
	is "frames of h1 refused for $1" "$(rose h1 "drops.$1")" -gt 0
}

# --- ARP

# believed MAC: what h3 takes for that of h2
believed() {
	on h3 ip -j neigh show "$(ip4 h2)" | jq -e --arg mac "$(mac "$1")" 'any(.[]; .lladdr == $mac)'
}

knows_h2() {
	on h3 ping -c 1 -W 1 "$(ip4 h2)" > /dev/null
	believed h2
}

# claim: h1 says that it is h2
claim() {
	on h1 arping -A -c 3 -W 0.1 -i eth0 -S "$(ip4 h2)" "$(ip4 h2)" > /dev/null || true
}

arp_works() {
	until_ok 5 knows_h2
	on h3 sysctl -qw net.ipv4.conf.eth0.arp_accept=1 net.ipv4.neigh.eth0.locktime=0
	until_ok 10 claimed
}

claimed() {
	claim
	believed h1
}

arp_refused() {
	until_ok 10 knows_h2
	mark
	claim
	refused_by arp
	believed h2
}

# --- addresses that are not h1's

spoof() {
	on h1 hping3 -q --udp -a "$(ip4 h2)" -c 5 -i u10000 -p 9 "$(ip4 h3)" > /dev/null 2>&1 || true
}

scan_as_another() {
	on h1 nmap -n -Pn -sS -e eth0 --spoof-mac 02:00:00:00:77:77 --host-timeout 3s --max-retries 0 -p 9 "$(ip4 h3)" > /dev/null 2>&1 || true
}

spoof_refused() {
	mark
	spoof
	refused_by ipv4
	scan_as_another
	refused_by mac
}

# --- DHCP

# dhcp_server HOST FIRST LAST: leases 192.0.2.FIRST to LAST
dhcp_server() {
	spawn "dhcp.$1" "$1" dnsmasq -k -C /dev/null -p 0 -i eth0 --bind-dynamic --leasefile-ro --pid-file= \
		--dhcp-range="192.0.2.$2,192.0.2.$3,255.255.255.0,2m" --dhcp-authoritative --no-ping
	until_ok 5 is_serving_dhcp "$1"
}

is_serving_dhcp() {
	on "$1" ss -Hlun sport = :67 | grep -q .
}

# lease: what h2 is given, or nothing
lease() {
	on h2 busybox udhcpc -i eth0 -n -q -f -t 3 -T 1 -s /bin/true 2>&1 | sed -n 's/.*lease of \([0-9.]*\) obtained.*/\1/p'
}

rogue_works() {
	dhcp_server h1 60 69
	[[ $(lease) = 192.0.2.6? ]]
	stop dhcp.h1
}

rogue_refused() {
	dhcp_server h1 60 69
	mark
	is "lease of the rogue server: '$(lease)'" "$(lease | wc -l)" -eq 0
	refused_by dhcp
	dhcp_server h3 30 39
	[[ $(lease) = 192.0.2.3? ]]
	stop dhcp.h1
	stop dhcp.h3
}

# --- routers

# router HOST PREFIX: advertises it
router() {
	on "$1" sysctl -qw net.ipv6.conf.all.forwarding=1
	cat > "$T/radvd.$1.conf" <<- EOF
		interface eth0 {
			AdvSendAdvert on;
			MinRtrAdvInterval 3;
			MaxRtrAdvInterval 4;
			prefix $2 { };
		};
	EOF
	spawn "radvd.$1" "$1" radvd -n -m stderr -C "$T/radvd.$1.conf" -p "$T/radvd.$1.run"
}

# solicit: h2 asks for routers, as after each start of its device
solicit() {
	on h2 sysctl -qw net.ipv6.conf.eth0.accept_ra=2 net.ipv6.conf.eth0.autoconf=1 net.ipv6.conf.eth0.router_solicitations=3
	on h2 sysctl -qw net.ipv6.conf.all.keep_addr_on_down=1
	ip -n h2 link set eth0 down
	ip -n h2 link set eth0 up
}

# has_prefix PREFIX: h2 has an address of it
has_prefix() {
	ip -n h2 -6 -j address show dev eth0 | jq -e --arg prefix "$1" 'any(.[].addr_info[]; .local | startswith($prefix))'
}

ra_works() {
	router h1 2001:db8:66::/64
	solicit
	until_ok 20 has_prefix 2001:db8:66:
	stop radvd.h1
}

ra_refused() {
	router h1 2001:db8:67::/64
	router h3 2001:db8:33::/64
	mark
	solicit
	until_ok 20 has_prefix 2001:db8:33:
	until_ok 20 refused_by router
	no has_prefix 2001:db8:67:
	stop radvd.h1
	stop radvd.h3
}

# --- honest traffic

web_is_up() {
	on h3 ss -Htln sport = :80 | grep -q .
}

honest() {
	local got
	on h1 ping -q -c 3 -i 0.2 "$(ip4 h2)" > /dev/null
	on h1 ping -q -c 3 -i 0.2 "$(ip6 h2)" > /dev/null
	iperf h1 h2 -n 5M > /dev/null
	mkdir -p "$T/www"
	head -c 1000000 /dev/urandom > "$T/www/file"
	spawn web h3 busybox httpd -f -p 80 -h "$T/www"
	until_ok 5 web_is_up
	on h1 curl -s --max-time 20 "http://$(ip4 h3)/file" | cmp - "$T/www/file"
	got=$(on h1 curl -s --max-time 20 "http://[$(ip6 h3)]/file" | wc -c)
	is "bytes over IPv6" "$got" -eq 1000000
	stop web
}

honest_is_not_refused() {
	local reason
	mark
	honest
	for reason in mac ipv4 ipv6 arp nd malformed fragment; do
		is "honest frames refused for $reason" "$(rose h1 "drops.$reason")" -eq 0
	done
}

# --- the tests

bridge_add br0
for host in h1 h2 h3; do
	host_add $host br0
done
kvsd_start --adopt br0
kvs guard set h3 --guard router
t "without a guard: arping takes over h2's address" arp_works
t "without a guard: dnsmasq on h1 leases addresses" rogue_works
t "without a guard: radvd on h1 configures h2" ra_works
for path in tc xdp slow; do
	t "$path" set_path $path h1 h2 h3
	t "$path: h1 is guarded" guarded
	t "$path: ping, iperf3 and curl go on" honest_is_not_refused
	t "$path: arping is refused, h2 keeps its address" arp_refused
	t "$path: hping3 and nmap do not send as another" spoof_refused
	t "$path: dnsmasq on h1 is refused, the one on h3 is not" rogue_refused
	t "$path: radvd on h1 is refused, the one on h3 is not" ra_refused
	t "$path: h1 is not guarded any more" unguarded
done
done_testing
