#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guard_frames.sh: frames that h1 sends to h2 and that its guard allows or refuses, in hexadecimal, each by its name.
# shellcheck disable=SC2034 # for the tests that source it

M1=020000000001 M2=020000000002 M9=020000000009
L2=${M2}${M1} # of a frame from h1 to h2
IP1=c0000201 IP2=c0000202 IP9=c0000209 ANY4=00000000 ALL4=ffffffff
V6=20010db8000000000000000000000
V1=${V6}001 V2=${V6}002 V9=${V6}009
LL1=fe80000000000000000000fffe000001 # of h1's MAC

# length HEX: as four digits
length() {
	printf %04x $((${#1} / 2))
}

# checksum HEX: of a header with a checksum of 0
checksum() {
	local hex=$1 sum=0
	for (( ; ${#hex}; )); do
		sum=$((sum + 0x${hex:0:4}))
		hex=${hex:4}
	done
	sum=$(((sum & 0xffff) + (sum >> 16)))
	printf %04x $((~((sum & 0xffff) + (sum >> 16)) & 0xffff))
}

# ipv4 SOURCE DESTINATION PROTOCOL PAYLOAD
ipv4() {
	local head
	head=$(printf '4500%04x0000000040%s' $((20 + ${#4} / 2)) "$3")
	echo "0800$head$(checksum "${head}0000$1$2")$1$2$4"
}

# ipv6 SOURCE NEXT-HEADER PAYLOAD
ipv6() {
	echo "86dd60000000$(length "$3")$2ff$1$V2$3"
}

# udp FROM TO: ports in hexadecimal
udp() {
	echo "$1${2}00100000$(printf '00%.0s' {1..8})"
}

# arp OPERATION SENDER-MAC SENDER-IP TARGET-IP
arp() {
	echo "08060001080006040${1:1}$2${3}000000000000$4"
}

# advertisement TARGET MAC: of a neighbour
advertisement() {
	echo "8800000060000000${1}0201$2"
}

RA=86000000400007080000000000000000
OPTIONS=00010400000000 # of a header of destination options, behind its next header

# frame NAME
frame() {
	case $1 in
	ipv4_own) echo "$L2$(ipv4 $IP1 $IP2 11 "$(udp 1000 1000)")" ;;
	ipv6_own) echo "$L2$(ipv6 $V1 11 "$(udp 1000 1000)")" ;;
	ipv6_link) echo "$L2$(ipv6 $LL1 11 "$(udp 1000 1000)")" ;;
	arp_own) echo "$L2$(arp 0002 $M1 $IP1 $IP2)" ;;
	arp_probe) echo "$L2$(arp 0001 $M1 $ANY4 $IP1)" ;;
	nd_own) echo "$L2$(ipv6 $V1 3a "$(advertisement $V1 $M1)")" ;;
	dhcp_client) echo "$L2$(ipv4 $ANY4 $ALL4 11 "$(udp 0044 0043)")" ;;
	tag) echo "${L2}81000005$(ipv4 $IP1 $IP2 11 "$(udp 1000 1000)")" ;;
	ethertype) echo "${L2}88b5$(udp 1000 1000)" ;;
	link_local) echo "0180c200000e$M1$(ipv4 $IP1 $IP2 11 "$(udp 1000 1000)")" ;;
	mac_limit) echo "$M2$M9$(ipv4 $IP1 $IP2 11 "$(udp 1000 1000)")" ;;
	malformed) echo "$L2$(arp 0002 $M1 $IP1 $IP2 | sed s/080006040002/080007040002/)" ;;
	fragment) echo "$L2$(ipv6 $V1 2c "3c00000100000001")" ;;
	arp) echo "$L2$(arp 0002 $M1 $IP9 $IP2)" ;;
	arp_mac) echo "$L2$(arp 0002 $M9 $IP1 $IP2)" ;;
	ipv4) echo "$L2$(ipv4 $IP9 $IP2 11 "$(udp 1000 1000)")" ;;
	ipv6) echo "$L2$(ipv6 $V9 11 "$(udp 1000 1000)")" ;;
	nd) echo "$L2$(ipv6 $V1 3a "$(advertisement $V9 $M1)")" ;;
	router) echo "$L2$(ipv6 $LL1 3a $RA)" ;;
	router_hidden) echo "$L2$(ipv6 $LL1 3c "3a$OPTIONS$RA")" ;;
	dhcp) echo "$L2$(ipv4 $IP1 $IP2 11 "$(udp 0043 0044)")" ;;
	dhcp_v6) echo "$L2$(ipv6 $V1 11 "$(udp 0223 0222)")" ;;
	esac
}

# reason NAME: by which the frame is refused
reason() {
	case $1 in
	arp_mac) echo arp ;;
	router_hidden) echo router ;;
	dhcp_v6) echo dhcp ;;
	*) echo "$1" ;;
	esac
}

HONEST="ipv4_own ipv6_own ipv6_link arp_own arp_probe nd_own dhcp_client"
REFUSED="tag ethertype link_local mac_limit malformed fragment arp arp_mac ipv4 ipv6 nd router router_hidden dhcp dhcp_v6"

# throw NAME COUNT: from h1
throw() {
	frame "$1" | on h1 "$FRAMES" hex eth0 --count "$2"
}
