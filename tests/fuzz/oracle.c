// SPDX-License-Identifier: GPL-2.0-only
/* What the guard has to answer, evaluated once more. */
#include "oracle.h"

#include <string.h>

#define OK KVS_DROP_MAX

enum { TCP = 6, UDP = 17, ICMPV6 = 58 };

/* Bytes that are left to read. */
struct bytes {
	const uint8_t *at;
	size_t n;
};

static unsigned int u16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static struct bytes behind(struct bytes b, size_t n)
{
	return n <= b.n ? (struct bytes){b.at + n, b.n - n} : (struct bytes){b.at, 0};
}

static bool is_tag(unsigned int type)
{
	return type == 0x8100 || type == 0x88a8;
}

static bool all_zero(const uint8_t *p, size_t n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

/* Of a frame: where its payload begins, of which type it is, and what is known of its tags. */
struct link {
	const uint8_t *dst, *src;
	unsigned int type, tags;
	bool is_cut;
	struct bytes payload;
};

static struct link read_link(const struct oracle_world *w, const uint8_t *frame, size_t len)
{
	struct link l = {frame,           frame + 6, u16(frame + 12),
			 w->has_meta_tag, false,     {frame + 14, len - 14}};

	for (int seen = 0; seen < 2 && is_tag(l.type); seen++) {
		l.tags++;
		if (l.payload.n < 4) {
			l.is_cut = true;
			break;
		}
		l.type = u16(l.payload.at + 2);
		l.payload = behind(l.payload, 4);
	}
	return l;
}

unsigned int oracle_vlan(const uint8_t *frame, size_t len, uint16_t proto)
{
	return len >= 16 && u16(frame + 12) == proto ? u16(frame + 14) & 0xfff : 0;
}

static bool type_is_allowed(const struct kvs_guard *g, unsigned int type)
{
	if (!g->types[0])
		return true;
	if (type < 0x600)
		type = KVS_GUARD_LLC;
	for (int i = 0; i < KVS_GUARD_TYPES; i++)
		if (u16((const uint8_t *)&g->types[i]) == type)
			return true;
	return false;
}

static enum kvs_drop judge_link(const struct oracle_world *w, const struct link *l)
{
	static const uint8_t group[5] = {0x01, 0x80, 0xc2, 0, 0};
	const struct kvs_guard *g = &w->guard;

	if (g->flags & KVS_GUARD_SHUT)
		return KVS_DROP_SHUT;
	if ((g->flags & KVS_GUARD_TAGS) && l->tags)
		return KVS_DROP_TAG;
	if (!type_is_allowed(g, l->type))
		return KVS_DROP_ETHERTYPE;
	if ((g->flags & KVS_GUARD_LINK_LOCAL) && !memcmp(l->dst, group, 5) && l->dst[5] < 16)
		return KVS_DROP_LINK_LOCAL;
	if ((g->flags & KVS_GUARD_MACS) && !w->may_send_mac)
		return KVS_DROP_MAC;
	if ((g->flags & KVS_GUARD_STICKY) && w->is_claimed)
		return KVS_DROP_MAC_CLAIMED;
	if (g->max_macs && !(g->flags & KVS_GUARD_MACS) && !w->may_send_mac &&
	    g->macs >= g->max_macs)
		return KVS_DROP_MAC_LIMIT;
	return OK;
}

static bool owns4(const struct oracle_world *w, const uint8_t *ip)
{
	uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff};

	memcpy(mapped + 12, ip, 4);
	return w->owns(mapped);
}

static enum kvs_drop judge_arp(const struct oracle_world *w, const struct link *l)
{
	const uint8_t *arp = l->payload.at;
	static const uint8_t head[6] = {0, 1, 8, 0, 6, 4};
	bool is_rarp = l->type == 0x8035;

	if (l->payload.n < 28 || memcmp(arp, head, 6))
		return KVS_DROP_MALFORMED;
	if (memcmp(arp + 8, l->src, 6))
		return KVS_DROP_ARP;
	if (is_rarp)
		return u16(arp + 6) == 3 && memcmp(arp + 18, l->src, 6) ? KVS_DROP_ARP : OK;
	if (!(w->guard.flags & KVS_GUARD_ADDRESSES) || owns4(w, arp + 14))
		return OK;
	if (all_zero(arp + 14, 4) && u16(arp + 6) == 1 && owns4(w, arp + 24))
		return OK;
	return KVS_DROP_ARP;
}

static enum kvs_drop judge_ipv4(const struct oracle_world *w, struct bytes b)
{
	bool by_address = w->guard.flags & KVS_GUARD_ADDRESSES;
	bool by_dhcp = w->guard.flags & KVS_GUARD_DHCP;
	unsigned int header, total, offset, source = 0, dest = 0;
	const uint8_t *ip = b.at;
	bool more, is_client;

	if (b.n < 20 || ip[0] >> 4 != 4)
		return KVS_DROP_MALFORMED;
	header = (ip[0] & 15) * 4;
	total = u16(ip + 2);
	if (header < 20 || total < header || total > b.n)
		return KVS_DROP_MALFORMED;
	more = ip[6] & 0x20;
	offset = u16(ip + 6) & 0x1fff;
	if (by_dhcp && !offset && ip[9] == UDP && total - header < 8)
		return more ? KVS_DROP_FRAGMENT : KVS_DROP_MALFORMED;
	if (by_dhcp && offset == 1)
		return KVS_DROP_FRAGMENT;
	if (!offset && ip[9] == UDP && total - header >= 8) {
		source = u16(ip + header);
		dest = u16(ip + header + 2);
	}
	is_client = all_zero(ip + 12, 4) && ip[16] == 255 && ip[17] == 255 && ip[18] == 255 &&
		    ip[19] == 255 && source == 68 && dest == 67;
	if (by_address && !is_client && !owns4(w, ip + 12))
		return KVS_DROP_IPV4;
	return by_dhcp && source == 67 ? KVS_DROP_DHCP : OK;
}

/* What is behind the chain of IPv6 headers. */
struct upper {
	bool is_fragment, is_first;
	unsigned int proto;
	struct bytes b;
};

/* The length of an extension header, or 0 where proto is none. */
static size_t extension(unsigned int proto, struct bytes b)
{
	switch (proto) {
	case 44:
		return 8;
	case 51:
		return b.n < 2 ? 8 : (b.at[1] + 2) * 4;
	case 0:
	case 43:
	case 60:
	case 135:
	case 139:
	case 140:
		return b.n < 2 ? 8 : (b.at[1] + 1) * 8;
	default:
		return 0;
	}
}

static enum kvs_drop cut(const struct upper *u)
{
	return u->is_fragment ? KVS_DROP_FRAGMENT : KVS_DROP_MALFORMED;
}

static enum kvs_drop read_chain(struct upper *u)
{
	size_t n;

	for (int headers = 0; (n = extension(u->proto, u->b)); headers++) {
		if (headers == 8)
			return KVS_DROP_FRAGMENT;
		if (u->b.n < 8)
			return cut(u);
		if (u->proto == 44 && u->is_fragment)
			return KVS_DROP_FRAGMENT;
		if (u->proto == 44) {
			u->is_fragment = true;
			u->is_first = !(u16(u->b.at + 2) & 0xfff8);
		}
		u->proto = u->b.at[0];
		if (!u->is_first)
			return OK;
		if (n > u->b.n)
			return cut(u);
		u->b = behind(u->b, n);
	}
	return OK;
}

/* Neighbour discovery: what it says. */
struct nd {
	bool is_judged, has_other_mac;
	const uint8_t *target;
};

static enum kvs_drop read_nd(struct nd *nd, const uint8_t *src, struct bytes b)
{
	unsigned int type = b.at[0];

	nd->is_judged = true;
	b = behind(b, 8);
	if (type != 133) {
		if (b.n < 16)
			return KVS_DROP_MALFORMED;
		nd->target = b.at;
		b = behind(b, 16);
	}
	for (int options = 0; b.n; options++) {
		if (options == 8 || b.n < 8 || !b.at[1] || b.at[1] * 8u > b.n)
			return KVS_DROP_MALFORMED;
		if ((b.at[0] == 1 || b.at[0] == 2) && memcmp(b.at + 2, src, 6))
			nd->has_other_mac = true;
		b = behind(b, b.at[1] * 8);
	}
	return OK;
}

static bool is_own(const struct oracle_world *w, const uint8_t *src, const uint8_t *addr)
{
	const uint8_t own[16] = {0xfe,       0x80,   0,      0,    0,    0,      0,      0,
				 src[0] ^ 2, src[1], src[2], 0xff, 0xfe, src[3], src[4], src[5]};

	return !memcmp(own, addr, 16) || w->owns(addr);
}

static bool binds_macs(const struct kvs_guard *g)
{
	return (g->flags & KVS_GUARD_MACS) || g->max_macs;
}

/* The rules about ICMPv6; type is 0 where it cannot be read. */
static enum kvs_drop judge_icmpv6(const struct oracle_world *w, const uint8_t *src,
				  const uint8_t *from, unsigned int type, const struct nd *nd)
{
	bool by_address = w->guard.flags & KVS_GUARD_ADDRESSES;
	bool is_nobody = all_zero(from, 16);

	if (nd->is_judged && nd->has_other_mac)
		return KVS_DROP_ND;
	if (nd->is_judged && by_address && (type == 136 || (type == 135 && is_nobody)) &&
	    !is_own(w, src, nd->target))
		return KVS_DROP_ND;
	if ((w->guard.flags & KVS_GUARD_ROUTER) && (type == 134 || type == 137))
		return KVS_DROP_ROUTER;
	return OK;
}

/* The upper layer's header: where a rule needs it, it must be there. */
static enum kvs_drop read_upper(const struct oracle_world *w, const uint8_t *src,
				const struct upper *u, struct nd *nd)
{
	bool by_nd = (w->guard.flags & KVS_GUARD_ADDRESSES) || binds_macs(&w->guard);

	if (!u->is_first)
		return OK;
	if (u->proto == UDP && (w->guard.flags & KVS_GUARD_DHCP) && u->b.n < 8)
		return cut(u);
	if (u->proto != ICMPV6 || !(by_nd || (w->guard.flags & KVS_GUARD_ROUTER)))
		return OK;
	if (u->b.n < 8)
		return cut(u);
	if (u->b.at[0] < 133 || u->b.at[0] > 137)
		return OK;
	if (u->is_fragment)
		return KVS_DROP_FRAGMENT;
	if (!by_nd || u->b.at[0] == 134 || u->b.at[0] == 137)
		return OK;
	return read_nd(nd, src, u->b);
}

static bool may_be_source(const struct oracle_world *w, const uint8_t *src, const uint8_t *from,
			  const struct upper *u)
{
	if (is_own(w, src, from))
		return true;
	if (!all_zero(from, 16) || u->is_fragment || u->proto != ICMPV6)
		return false;
	return u->b.at[0] == 131 || u->b.at[0] == 135 || u->b.at[0] == 143;
}

static enum kvs_drop judge_ipv6(const struct oracle_world *w, const struct link *l)
{
	const uint8_t *ip = l->payload.at;
	struct upper u = {.is_first = true};
	unsigned int len, type = 0;
	enum kvs_drop why;
	struct nd nd = {0};

	if (l->payload.n < 40 || ip[0] >> 4 != 6)
		return KVS_DROP_MALFORMED;
	len = u16(ip + 4);
	if (len > l->payload.n - 40 || (!len && ip[6] == 0))
		return KVS_DROP_MALFORMED;
	u.proto = ip[6];
	u.b = (struct bytes){ip + 40, len};
	why = read_chain(&u);
	if (why == OK)
		why = read_upper(w, l->src, &u, &nd);
	if (why != OK)
		return why;
	if ((w->guard.flags & KVS_GUARD_ADDRESSES) && !may_be_source(w, l->src, ip + 8, &u))
		return KVS_DROP_IPV6;
	if (u.is_first && u.proto == ICMPV6 && u.b.n >= 8)
		type = u.b.at[0];
	why = judge_icmpv6(w, l->src, ip + 8, type, &nd);
	if (why != OK)
		return why;
	if ((w->guard.flags & KVS_GUARD_DHCP) && u.is_first && u.proto == UDP && u16(u.b.at) == 547)
		return KVS_DROP_DHCP;
	return OK;
}

enum kvs_drop oracle(const struct oracle_world *w, const uint8_t *frame, size_t len)
{
	const __u32 inside = KVS_GUARD_ADDRESSES | KVS_GUARD_ROUTER | KVS_GUARD_DHCP;
	struct link l = read_link(w, frame, len);
	__u32 flags = w->guard.flags;
	enum kvs_drop why = judge_link(w, &l);

	if (why != OK)
		return why;
	if (l.is_cut || l.tags > 2 || is_tag(l.type))
		return flags & inside ? KVS_DROP_MALFORMED : OK;
	if (l.type == 0x0806 || l.type == 0x8035)
		return binds_macs(&w->guard) || (flags & KVS_GUARD_ADDRESSES) ? judge_arp(w, &l)
									      : OK;
	if (l.type == 0x0800)
		return flags & (KVS_GUARD_ADDRESSES | KVS_GUARD_DHCP) ? judge_ipv4(w, l.payload)
								      : OK;
	if (l.type == 0x86dd)
		return binds_macs(&w->guard) || (flags & inside) ? judge_ipv6(w, &l) : OK;
	return OK;
}
