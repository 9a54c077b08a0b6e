// SPDX-License-Identifier: GPL-2.0-only
/* Build a frame of a stream: headers, checksums, marks. */
#include <arpa/inet.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <string.h>

#include "frames.h"

#define ETH_P_TEST 0x88b5 /* IEEE 802, local experimental */
#define PORT_TEST  40000

uint16_t csum_add(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;
	uint16_t word;

	for (; len > 1; p += 2, len -= 2) {
		memcpy(&word, p, 2);
		sum += word;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	if (len)
		sum += htons(*p << 8);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static size_t l3_size(const struct stream *s)
{
	if (s->proto == PROTO_RAW || s->proto == PROTO_ARP)
		return 0;
	return s->ipv6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
}

static size_t l4_size(const struct stream *s)
{
	switch (s->proto) {
	case PROTO_UDP:
		return sizeof(struct udphdr);
	case PROTO_TCP:
		return sizeof(struct tcphdr);
	case PROTO_ICMP6:
		return sizeof(struct icmp6hdr);
	case PROTO_ARP:
		return 28;
	default:
		return 0;
	}
}

size_t build_min(const struct stream *s)
{
	size_t min = ETH_HLEN + l3_size(s) + l4_size(s) + sizeof(struct mark);

	return min < ETH_ZLEN ? ETH_ZLEN : min;
}

static uint16_t eth_type(const struct stream *s)
{
	if (s->proto == PROTO_RAW)
		return ETH_P_TEST;
	if (s->proto == PROTO_ARP)
		return ETH_P_ARP;
	return s->ipv6 ? ETH_P_IPV6 : ETH_P_IP;
}

static uint8_t *put_eth(const struct stream *s, uint8_t *p)
{
	uint16_t type = htons(eth_type(s));
	uint16_t tag[] = {htons(ETH_P_8021Q), htons(s->vlan)};

	memcpy(p, s->dst, 6);
	memcpy(p + 6, s->src, 6);
	p += 12;
	if (s->vlan >= 0) {
		memcpy(p, tag, sizeof(tag));
		p += sizeof(tag);
	}
	memcpy(p, &type, 2);
	return p + 2;
}

/* Addresses 198.51.100.N and 2001:db8:1::N, N being the last byte of the MAC: no host of the tests
 * has one, so none answers.
 */
static uint8_t *put_ipv4(const struct stream *s, uint8_t *p, size_t len, uint8_t proto)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = 5,
		.tot_len = htons(sizeof(ip) + len),
		.ttl = 64,
		.protocol = proto,
		.saddr = htonl(0xc6336400 | s->src[5]),
		.daddr = htonl(0xc6336400 | s->dst[5]),
	};

	ip.check = ~csum_add(0, &ip, sizeof(ip));
	memcpy(p, &ip, sizeof(ip));
	return p + sizeof(ip);
}

static uint8_t *put_ipv6(const struct stream *s, uint8_t *p, size_t len, uint8_t proto)
{
	static const uint8_t net[] = {0x20, 0x01, 0x0d, 0xb8, 0, 1};
	struct ipv6hdr ip = {
		.version = 6, .payload_len = htons(len), .nexthdr = proto, .hop_limit = 64};

	memcpy(ip.saddr.s6_addr, net, sizeof(net));
	memcpy(ip.daddr.s6_addr, net, sizeof(net));
	ip.saddr.s6_addr[15] = s->src[5];
	ip.daddr.s6_addr[15] = s->dst[5];
	memcpy(p, &ip, sizeof(ip));
	return p + sizeof(ip);
}

static uint8_t *put_l4(const struct stream *s, uint8_t *p, size_t len)
{
	struct udphdr udp = {htons(PORT_TEST), htons(PORT_TEST), htons(len), 0};
	struct tcphdr tcp = {
		.source = htons(PORT_TEST), .dest = htons(PORT_TEST), .doff = 5, .ack = 1};
	struct icmp6hdr icmp = {.icmp6_type = ICMPV6_ECHO_REPLY};
	uint8_t arp[28] = {0, 1, 8, 0, 6, 4, 0, 2}; /* a reply */

	const void *headers[] = {[PROTO_UDP] = &udp,
				 [PROTO_TCP] = &tcp,
				 [PROTO_ICMP6] = &icmp,
				 [PROTO_ARP] = arp,
				 [PROTO_RAW] = arp};

	memcpy(arp + 8, s->src, 6);
	memcpy(arp + 18, s->dst, 6);
	memcpy(p, headers[s->proto], l4_size(s));
	return p + l4_size(s);
}

static void put_marks(const struct stream *s, uint64_t seq, uint8_t *p, const uint8_t *end)
{
	struct mark mark = {MARK_MAGIC, s->id, seq};

	for (; p < end; p += sizeof(mark))
		memcpy(p, &mark,
		       (size_t)(end - p) < sizeof(mark) ? (size_t)(end - p) : sizeof(mark));
}

static void put_csum(const struct stream *s, const struct layers *l, struct frame *f)
{
	uint16_t sum = l->pseudo;

	if (!s->partial) {
		sum = ~csum_add(l->pseudo, f->data + l->l4, l->end - l->l4);
		if (!sum && s->proto == PROTO_UDP)
			sum = 0xffff;
	}
	if (s->bad)
		sum ^= 0x5aa5;
	memcpy(f->data + l->field, &sum, 2);
}

static void put_vnet(const struct stream *s, const struct layers *l, struct frame *f)
{
	if (s->partial) {
		f->vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		f->vnet.csum_start = l->l4;
		f->vnet.csum_offset = l->field - l->l4;
	}
	if (!s->gso)
		return;
	f->vnet.gso_type = s->ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
	f->vnet.gso_size = s->gso;
	f->vnet.hdr_len = l->payload;
}

void build(const struct stream *s, uint64_t seq, struct frame *f)
{
	static const uint8_t protos[] = {[PROTO_UDP] = IPPROTO_UDP,
					 [PROTO_TCP] = IPPROTO_TCP,
					 [PROTO_ICMP6] = IPPROTO_ICMPV6};
	size_t len = s->len - ETH_HLEN - l3_size(s);
	struct layers l = {};
	uint8_t *p;

	memset(&f->vnet, 0, sizeof(f->vnet));
	p = put_eth(s, f->data);
	if (l3_size(s))
		p = (s->ipv6 ? put_ipv6 : put_ipv4)(s, p, len, protos[s->proto]);
	f->len = p - f->data + len;
	p = put_l4(s, p, len);
	put_marks(s, seq, p, f->data + f->len);
	layers_find(f, &l);
	if (!l.proto)
		return;
	put_csum(s, &l, f);
	put_vnet(s, &l, f);
}
