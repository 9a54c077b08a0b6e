// SPDX-License-Identifier: GPL-2.0-only
/* Find the headers of a frame and the checksum among them. */
#include <arpa/inet.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <string.h>

#include "frames.h"

static void add_pseudo(struct layers *l, uint8_t proto, const void *addrs, size_t n)
{
	struct {
		uint32_t len, proto;
	} rest = {htonl(l->end - l->l4), htonl(proto)};

	l->proto = proto;
	l->pseudo = csum_add(csum_add(0, addrs, n), &rest, sizeof(rest));
}

static void find_ipv4(const struct frame *f, struct layers *l)
{
	struct iphdr ip;

	if (l->l3 + sizeof(ip) > f->len)
		return;
	memcpy(&ip, f->data + l->l3, sizeof(ip));
	l->l4 = l->l3 + ip.ihl * 4;
	l->end = l->l3 + ntohs(ip.tot_len);
	add_pseudo(l, ip.protocol, &ip.saddr, 8);
}

static void find_ipv6(const struct frame *f, struct layers *l)
{
	struct ipv6hdr ip;

	if (l->l3 + sizeof(ip) > f->len)
		return;
	memcpy(&ip, f->data + l->l3, sizeof(ip));
	l->l4 = l->l3 + sizeof(ip);
	l->end = l->l4 + ntohs(ip.payload_len);
	add_pseudo(l, ip.nexthdr, &ip.saddr, 32);
}

static void find_l4(const struct frame *f, struct layers *l)
{
	size_t size = 0;

	switch (l->proto) {
	case IPPROTO_TCP:
		size = sizeof(struct tcphdr);
		l->field = l->l4 + offsetof(struct tcphdr, check);
		break;
	case IPPROTO_UDP:
		size = sizeof(struct udphdr);
		l->field = l->l4 + offsetof(struct udphdr, check);
		break;
	case IPPROTO_ICMPV6:
		size = sizeof(struct icmp6hdr);
		l->field = l->l4 + offsetof(struct icmp6hdr, icmp6_cksum);
		break;
	}
	l->payload = l->l4 + size;
	if (!size || l->payload > l->end || l->end > f->len)
		l->proto = 0;
}

void layers_find(const struct frame *f, struct layers *l)
{
	uint16_t type;
	size_t at = 12;

	*l = (struct layers){.vlan = -1};
	if (f->len < ETH_HLEN)
		return;
	memcpy(&type, f->data + at, 2);
	if (type == htons(ETH_P_8021Q) && f->len >= at + 6) {
		l->vlan = (f->data[at + 2] << 8 | f->data[at + 3]) & 0xfff;
		at += 4;
		memcpy(&type, f->data + at, 2);
	}
	l->l3 = at + 2;
	l->payload = l->l3 + (type == htons(ETH_P_ARP) ? 28 : 0);
	if (type == htons(ETH_P_IP))
		find_ipv4(f, l);
	else if (type == htons(ETH_P_IPV6))
		find_ipv6(f, l);
	if (l->proto)
		find_l4(f, l);
}
