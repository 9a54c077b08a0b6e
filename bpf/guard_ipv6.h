/* SPDX-License-Identifier: GPL-2.0-only */
/* What a port may send: IPv6, with the chain of its headers. */
#pragma once

#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "guard_addr.h"
#include "guard_ipv4.h"
#include "guard_nd.h"

#define KVS_GUARD_HEADERS 8 /* extension headers that are followed */

#define KVS_IP6_MOBILITY 135
#define KVS_IP6_HIP      139
#define KVS_IP6_SHIM6    140

#define KVS_DHCPV6_SERVER 547

struct kvs_guard_ext {
	__u8 next, len;
	__be16 frag; /* of the Fragment header: offset and flags */
	__u32 rest;
};

static __always_inline bool kvs_guard_is_ext(__u8 proto)
{
	switch (proto) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_FRAGMENT:
	case IPPROTO_AH:
	case IPPROTO_DSTOPTS:
	case KVS_IP6_MOBILITY:
	case KVS_IP6_HIP:
	case KVS_IP6_SHIM6:
		return true;
	default:
		return false;
	}
}

static __always_inline __u32 kvs_guard_ext_len(__u8 proto, const struct kvs_guard_ext *ext)
{
	if (proto == IPPROTO_FRAGMENT)
		return sizeof(*ext);
	return proto == IPPROTO_AH ? (ext->len + 2) * 4 : (ext->len + 1) * 8;
}

/* To the upper layer's header, or to a fragment that has none. */
static __noinline enum kvs_drop kvs_guard_walk(kvs_ctx *ctx, struct kvs_guard_ipv6 *h)
{
	for (int i = 0; i < KVS_GUARD_HEADERS; i++) {
		struct kvs_guard_ext ext = {};
		__u8 proto = h->proto;
		__u32 len;

		if (!kvs_guard_is_ext(proto))
			return KVS_GUARD_OK;
		if (h->len < sizeof(ext) || !kvs_ctx_load(ctx, h->at, &ext, sizeof(ext)))
			return kvs_guard_is_cut(h);
		if (proto == IPPROTO_FRAGMENT && h->is_fragment)
			return KVS_DROP_FRAGMENT;
		h->is_fragment |= proto == IPPROTO_FRAGMENT;
		h->is_later = proto == IPPROTO_FRAGMENT && bpf_ntohs(ext.frag) >> 3;
		h->proto = ext.next;
		if (h->is_later)
			return KVS_GUARD_OK;
		len = kvs_guard_ext_len(proto, &ext);
		if (len > h->len)
			return kvs_guard_is_cut(h);
		h->at += len;
		h->len -= len;
	}
	return kvs_guard_is_ext(h->proto) ? KVS_DROP_FRAGMENT : KVS_GUARD_OK;
}

static __always_inline bool kvs_guard_read_ipv6(kvs_ctx *ctx, const struct kvs_guard_view *v,
						struct kvs_guard_ipv6 *h)
{
	struct ipv6hdr ip = {};

	if (!kvs_ctx_load(ctx, v->l3, &ip, sizeof(ip)))
		return false;
	h->proto = ip.nexthdr;
	h->at = v->l3 + sizeof(ip);
	h->len = bpf_ntohs(ip.payload_len);
	__builtin_memcpy(&h->source, &ip.saddr, sizeof(h->source));
	/* without a length, it would be a jumbogram's to say in what is behind */
	if (!h->len && h->proto == IPPROTO_HOPOPTS)
		return false;
	return ip.version == 6 && h->at + h->len <= v->len;
}

/* The upper layer's header, where a rule needs it. */
static __always_inline enum kvs_drop
kvs_guard_read_upper(kvs_ctx *ctx, const struct kvs_guard_view *v, struct kvs_guard_ipv6 *h)
{
	if (h->is_later)
		return KVS_GUARD_OK;
	if (h->proto == IPPROTO_UDP && kvs_guard_has(v, KVS_GUARD_DHCP)) {
		if (h->len < sizeof(struct udphdr) ||
		    !kvs_ctx_load(ctx, h->at, &h->port, sizeof(h->port)))
			return kvs_guard_is_cut(h);
	}
	if (h->proto == IPPROTO_ICMPV6 && kvs_guard_needs_icmpv6(v))
		return kvs_guard_read_icmpv6(ctx, v, h);
	return KVS_GUARD_OK;
}

/* The addresses that a host has by itself, or has not yet. */
static __always_inline bool kvs_guard_may_say(const struct kvs_guard_view *v,
					      const struct kvs_guard_ipv6 *h)
{
	if (kvs_guard_owns_ip6(v, &h->source))
		return true;
	if (h->source.halves[0] | h->source.halves[1])
		return false;
	return !h->is_fragment && (h->type == KVS_ND_SOLICITATION || h->type == KVS_MLD_REPORT ||
				   h->type == KVS_MLD2_REPORT);
}

static __noinline enum kvs_drop kvs_guard_ipv6(kvs_ctx *ctx, struct kvs_guard_view *v)
{
	struct kvs_guard_ipv6 *h = &v->ip6;
	enum kvs_drop why;

	*h = (struct kvs_guard_ipv6){};
	if (!kvs_guard_read_ipv6(ctx, v, h))
		return KVS_DROP_MALFORMED;
	why = kvs_guard_walk(ctx, h);
	if (why == KVS_GUARD_OK)
		why = kvs_guard_read_upper(ctx, v, h);
	if (why != KVS_GUARD_OK)
		return why;
	if (kvs_guard_has(v, KVS_GUARD_ADDRESSES) && !kvs_guard_may_say(v, h))
		return KVS_DROP_IPV6;
	if (!kvs_guard_nd_is_own(v, h))
		return KVS_DROP_ND;
	if (kvs_guard_has(v, KVS_GUARD_ROUTER) &&
	    (h->type == KVS_ND_ROUTER || h->type == KVS_ND_REDIRECT))
		return KVS_DROP_ROUTER;
	if (kvs_guard_has(v, KVS_GUARD_DHCP) && h->port == bpf_htons(KVS_DHCPV6_SERVER))
		return KVS_DROP_DHCP;
	return KVS_GUARD_OK;
}
