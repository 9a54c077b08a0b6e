/* SPDX-License-Identifier: GPL-2.0-only */
/* What is behind the Ethernet header, byte by byte, for the tests of guards. */
#pragma once

#include <linux/if_ether.h>

#include "fixture_guard.h"

#define W(n) (n) >> 8 & 255, (n)&255
#define BYTES(...) \
	.raw = (const __u8[]){__VA_ARGS__}, .raw_len = sizeof((const __u8[]){__VA_ARGS__})

/* A case of a port whose checksums are done, so that XDP forwards whatever the guard lets pass. */
#define CASE_OF(type_, what, flags_, want_, ...)                                           \
	{                                                                                  \
		what, {.type = type_, BYTES(__VA_ARGS__)},                                 \
			.a = KVS_PORT_CSUM_DONE, .guard = {.flags = flags_}, .want = want_ \
	}

#define MAC_A  2, 0, 0, 0, 0, 0xa
#define MAC_B  2, 0, 0, 0, 0, 0xb
#define NO_MAC 0, 0, 0, 0, 0, 0

#define A4     GUARD_IP4
#define B4     10, 0, 0, 9
#define NO_IP4 0, 0, 0, 0
#define ALL4   255, 255, 255, 255

#define ARP(op, sha, sip, tha, tip) W(1), W(ETH_P_IP), 6, 4, W(op), sha, sip, tha, tip

/* Of the whole datagram with len bytes behind the header. */
#define IP4(len, frag, proto, src, dst) \
	0x45, 0, W(20 + (len)), 0, 1, W(frag), 64, proto, 0, 0, src, dst
#define UDP(src, dst, len) W(src), W(dst), W(len), 0, 0
#define WORD               0, 0, 0, 0
#define MORE               0x2000

#define NONE6 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
#define A6    GUARD_IP6
#define B6    0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9
/* link-local, of the MAC address of A, and of B */
#define LINK_A 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 0xa
#define LINK_B 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 0xb
#define ALL6   0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1

#define IP6(len, next, src, dst)     0x60, 0, 0, 0, W(len), next, 255, src, dst
#define EXT(next)                    next, 0, 1, 4, WORD
#define LONG_EXT(next, units)        next, units, 1, 4, WORD
#define FRAGMENT(next, offset, more) next, 0, W((offset) << 3 | (more)), WORD
#define ICMP6(type)                  type, 0, 0, 0, WORD
#define OPTION(type, mac)            type, 1, mac
