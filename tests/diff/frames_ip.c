// SPDX-License-Identifier: GPL-2.0-only
/* The IP part of a random frame: IPv4 and IPv6, what they carry, checksums, GSO. */
#include <arpa/inet.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/igmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "frames_ip.h"

#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

uint32_t frame_sum(const void *data, uint32_t len, uint32_t to)
{
	const uint8_t *p = data;

	for (uint32_t i = 0; i < len; i++)
		to += i & 1 ? p[i] : p[i] << 8;
	while (to >> 16)
		to = (to & 0xffff) + (to >> 16);
	return to;
}

bool frame_complete(struct virtio_net_hdr *hdr, uint8_t *data, uint32_t len)
{
	uint32_t at = hdr->csum_start + hdr->csum_offset;
	uint16_t check;

	if (!(hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || at + 2 > len)
		return false;
	check = ~frame_sum(data + hdr->csum_start, len - hdr->csum_start, 0);
	check = htons(check ?: 0xffff);
	memcpy(data + at, &check, sizeof(check));
	return true;
}

/* What lies behind the IP header. */
struct l4 {
	uint8_t proto;
	int field; /* offset of the checksum; -1: none */
	uint32_t hlen;
	uint32_t len; /* with header */
	int gso;
	bool is_partial;
};

static void choose(struct l4 *l4, struct rng *r, bool is_ip4, bool may_offload, uint32_t size)
{
	static const struct l4 kinds[] = {
		{IPPROTO_UDP, 6, 8, 0, VIRTIO_NET_HDR_GSO_UDP_L4, false},
		{IPPROTO_TCP, 16, 20, 0, VIRTIO_NET_HDR_GSO_TCPV4, false},
		{IPPROTO_ICMP, -1, 8, 0, 0, false},
		{IPPROTO_ICMPV6, 2, 24, 0, 0, false},
		{IPPROTO_IGMP, -1, 8, 0, 0, false},
		{IPPROTO_GRE, -1, 4, 0, 0, false},
		{IPPROTO_SCTP, -1, 12, 0, 0, false},
	};
	uint32_t dice = rng_below(r, 100);

	*l4 = kinds[dice < 40   ? 0
		    : dice < 75 ? 1
		    : dice < 90 ? (is_ip4 ? 2 : 3)
				: 2 + rng_below(r, 5)];
	l4->len = l4->hlen + size;
	if (l4->gso == VIRTIO_NET_HDR_GSO_TCPV4 && !is_ip4)
		l4->gso = VIRTIO_NET_HDR_GSO_TCPV6;
	l4->is_partial = may_offload && l4->field >= 0 && rng_percent(r, 45);
	if (!l4->is_partial || !rng_percent(r, 30))
		l4->gso = 0;
	if (l4->gso)
		l4->len = l4->hlen + 100 + rng_below(r, rng_percent(r, 50) ? 400 : 15000);
}

/* Reports of groups only: queries and leaves start timers, see frames_group.c. */
static void fill_igmp(uint8_t *p, struct rng *r)
{
	uint16_t check;

	memset(p, 0, 8);
	p[0] = 0x16;
	memcpy(p + 4, (uint8_t[]){239, 1, 2, rng_below(r, 4)}, 4);
	check = htons(~frame_sum(p, 8, 0));
	memcpy(p + 2, &check, sizeof(check));
}

static void fill(uint8_t *p, const struct l4 *l4, struct rng *r)
{
	uint16_t len = htons(l4->len);

	rng_fill(r, p, l4->len);
	switch (l4->proto) {
	case IPPROTO_UDP:
		memcpy(p + 4, &len, sizeof(len));
		if (rng_percent(r, 90))
			p[2] = 0x20; /* rarely a tunnel's port */
		break;
	case IPPROTO_TCP:
		p[12] = 5 << 4;
		p[13] = 0x10;
		break;
	case IPPROTO_ICMPV6: /* neighbour solicitation or advertisement, echo */
		p[0] = rng_percent(r, 40) ? 135 + rng_below(r, 2) : 128;
		p[1] = 0;
		break;
	case IPPROTO_IGMP:
		fill_igmp(p, r);
		break;
	}
}

static void checksum(uint8_t *p, const struct l4 *l4, struct rng *r, uint32_t pseudo)
{
	uint16_t check;

	if (l4->field < 0 || (!l4->is_partial && rng_percent(r, 10)))
		return; /* random */
	check = htons(pseudo);
	if (!l4->is_partial) {
		memset(p + l4->field, 0, 2);
		check = ~frame_sum(p, l4->len, pseudo);
		check = l4->proto == IPPROTO_UDP && rng_percent(r, 10) ? 0 : htons(check ?: 0xffff);
	}
	memcpy(p + l4->field, &check, sizeof(check));
}

static void put_l4(struct frame *f, const struct l4 *l4, struct rng *r, const void *addrs,
		   uint32_t n)
{
	uint8_t *p = f->data + f->len;

	fill(p, l4, r);
	checksum(p, l4, r, frame_sum(addrs, n, l4->proto + l4->len));
	if (l4->is_partial) {
		f->hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		f->hdr.csum_start = f->len;
		f->hdr.csum_offset = l4->field;
	}
	if (l4->gso) {
		f->hdr.gso_type = l4->gso;
		f->hdr.gso_size = 64 + rng_below(r, 1400);
		f->hdr.hdr_len = f->len + l4->hlen;
	}
	f->len += l4->len;
}

static void put_ip4(struct frame *f, struct rng *r, struct l4 *l4)
{
	uint32_t options = rng_percent(r, 5) ? 4 * (1 + rng_below(r, 10)) : 0;
	struct iphdr ip = {
		.version = 4,
		.ihl = 5 + options / 4,
		.tot_len = htons(20 + options + l4->len),
		.ttl = 64,
		.protocol = l4->proto,
		.saddr = frame_ip(rng_below(r, STATIONS)),
		.daddr = frame_ip(rng_below(r, STATIONS)),
	};

	if (l4->proto == IPPROTO_IGMP || rng_percent(r, 10))
		ip.daddr = htonl(0xef010200 + rng_below(r, 4));
	if (!l4->is_partial && rng_percent(r, 5))
		ip.frag_off = htons(rng_percent(r, 50) ? 0x2000 : rng_below(r, 1000));
	memcpy(f->data + f->len, &ip, sizeof(ip));
	memset(f->data + f->len + sizeof(ip), 1, options);
	ip.check = htons(~frame_sum(f->data + f->len, sizeof(ip) + options, 0));
	memcpy(f->data + f->len, &ip, sizeof(ip));
	f->len += sizeof(ip) + options;
	put_l4(f, l4, r, &ip.saddr, 8);
}

static void put_ip6(struct frame *f, struct rng *r, struct l4 *l4)
{
	struct ipv6hdr ip = {
		.version = 6,
		.payload_len = htons(l4->len),
		.nexthdr = l4->proto,
		.hop_limit = 255,
	};
	struct in6_addr *a = (void *)&ip.saddr;

	for (int i = 0; i < 2; i++) {
		inet_pton(AF_INET6, "2001:db8::", &a[i]);
		a[i].s6_addr[15] = 1 + rng_below(r, STATIONS);
	}
	if (rng_percent(r, 10))
		memcpy(&ip.daddr, (uint8_t[16]){0xff, 2, [15] = rng_below(r, 4)}, 16);
	memcpy(f->data + f->len, &ip, sizeof(ip));
	f->len += sizeof(ip);
	put_l4(f, l4, r, a, 32);
}

void frame_put_ip(struct frame *f, struct rng *r, bool is_ip4, bool may_offload, uint32_t size)
{
	uint16_t type = htons(is_ip4 ? ETH_P_IP : ETH_P_IPV6);
	struct l4 l4;

	choose(&l4, r, is_ip4, may_offload, size);
	memcpy(f->data + f->len, &type, sizeof(type));
	f->len += sizeof(type);
	if (is_ip4)
		put_ip4(f, r, &l4);
	else
		put_ip6(f, r, &l4);
	if (f->len < 60 && rng_percent(r, 50))
		f->len = 60; /* the rest is 0 */
}
