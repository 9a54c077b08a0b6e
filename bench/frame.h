/* SPDX-License-Identifier: GPL-2.0-only */
/* The frames that are sent: UDP with a valid checksum. */
#pragma once

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <stdint.h>
#include <string.h>

/* Sizes count the frame check sequence, frames do not have it. */
#define FCS       4
#define FRAME_MIN 60
#define FRAME_MAX 1514

static inline uint32_t sum16(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += p[i] << 8 | (i + 1 < len ? p[i + 1] : 0);
	return sum;
}

static inline uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* 198.18.0.0/15 is for benchmarks (RFC 2544), 9 is the port of discard. */
static inline void frame_build(uint8_t *frame, size_t len, const uint8_t dst[ETH_ALEN],
			       const uint8_t src[ETH_ALEN])
{
	struct ether_header *eth = (void *)frame;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	size_t udp_len = len - sizeof(*eth) - sizeof(*ip);

	memset(frame, 0, len);
	memcpy(eth->ether_dhost, dst, ETH_ALEN);
	memcpy(eth->ether_shost, src, ETH_ALEN);
	eth->ether_type = htons(ETHERTYPE_IP);
	*ip = (struct iphdr){.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP};
	ip->tot_len = htons(len - sizeof(*eth));
	ip->saddr = htonl(0xc6120000 | src[1]);
	ip->daddr = htonl(0xc6120000 | dst[1]);
	ip->check = fold(sum16(ip, sizeof(*ip)));
	*udp = (struct udphdr){.source = htons(1024), .dest = htons(9), .len = htons(udp_len)};
	udp->check = fold(sum16(udp, udp_len) + sum16(&ip->saddr, 8) + IPPROTO_UDP + udp_len);
}

/* A UDP checksum of 0 says that there is none. */
static inline void frame_uncheck(uint8_t *frame)
{
	struct udphdr *udp = (void *)(frame + sizeof(struct ether_header) + sizeof(struct iphdr));

	udp->check = 0;
}
