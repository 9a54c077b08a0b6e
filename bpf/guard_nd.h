/* SPDX-License-Identifier: GPL-2.0-only */
/* What a port may send: ICMPv6, neighbour discovery above all. */
#pragma once

#include <linux/icmpv6.h>

#include "guard_addr.h"
#include "guard_arp.h"

#define KVS_MLD_REPORT      131
#define KVS_ND_ASK_ROUTER   133
#define KVS_ND_ROUTER       134
#define KVS_ND_SOLICITATION 135
#define KVS_ND_NEIGHBOUR    136
#define KVS_ND_REDIRECT     137
#define KVS_MLD2_REPORT     143

#define KVS_ND_SOURCE_MAC 1
#define KVS_ND_TARGET_MAC 2

#define KVS_GUARD_OPTIONS                                                      \
	8 /* options of a message; more are not to be told apart from nonsense \
	   */

struct kvs_guard_option {
	__u8 type, len;
	__u8 mac[ETH_ALEN];
};

/* What is missing would be in the next fragment, or nowhere. */
static __always_inline enum kvs_drop kvs_guard_is_cut(const struct kvs_guard_ipv6 *h)
{
	return h->is_fragment ? KVS_DROP_FRAGMENT : KVS_DROP_MALFORMED;
}

static __always_inline bool kvs_guard_judges_nd(const struct kvs_guard_view *v)
{
	return kvs_guard_has(v, KVS_GUARD_ADDRESSES) || kvs_guard_binds_macs(v);
}

static __always_inline bool kvs_guard_needs_icmpv6(const struct kvs_guard_view *v)
{
	return kvs_guard_has(v, KVS_GUARD_ROUTER) || kvs_guard_judges_nd(v);
}

static __always_inline bool kvs_guard_skip(struct kvs_guard_ipv6 *h, __u32 n)
{
	if (h->len < n)
		return false;
	h->at += n;
	h->len -= n;
	return true;
}

static __noinline enum kvs_drop kvs_guard_read_options(kvs_ctx *ctx, const struct kvs_guard_view *v,
						       struct kvs_guard_ipv6 *h)
{
	for (int i = 0; i < KVS_GUARD_OPTIONS && h->len; i++) {
		struct kvs_guard_option opt = {};

		if (h->len < sizeof(opt) || !kvs_ctx_load(ctx, h->at, &opt, sizeof(opt)))
			return KVS_DROP_MALFORMED;
		if (!opt.len || !kvs_guard_skip(h, opt.len * 8))
			return KVS_DROP_MALFORMED;
		if ((opt.type == KVS_ND_SOURCE_MAC || opt.type == KVS_ND_TARGET_MAC) &&
		    !kvs_guard_is_source(v, opt.mac))
			h->has_other_mac = true;
	}
	return h->len ? KVS_DROP_MALFORMED : KVS_GUARD_OK;
}

static __always_inline enum kvs_drop kvs_guard_read_nd(kvs_ctx *ctx, const struct kvs_guard_view *v,
						       struct kvs_guard_ipv6 *h)
{
	kvs_guard_skip(h, sizeof(struct icmp6hdr));
	if (h->type != KVS_ND_ASK_ROUTER) {
		if (h->len < sizeof(h->target) ||
		    !kvs_ctx_load(ctx, h->at, &h->target, sizeof(h->target)))
			return KVS_DROP_MALFORMED;
		kvs_guard_skip(h, sizeof(h->target));
	}
	h->is_neighbour = true;
	return kvs_guard_read_options(ctx, v, h);
}

static __always_inline enum kvs_drop
kvs_guard_read_icmpv6(kvs_ctx *ctx, const struct kvs_guard_view *v, struct kvs_guard_ipv6 *h)
{
	if (h->len < sizeof(struct icmp6hdr) ||
	    !kvs_ctx_load(ctx, h->at, &h->type, sizeof(h->type)))
		return kvs_guard_is_cut(h);
	if (h->type < KVS_ND_ASK_ROUTER || h->type > KVS_ND_REDIRECT)
		return KVS_GUARD_OK;
	if (h->is_fragment)
		return KVS_DROP_FRAGMENT;
	if (h->type == KVS_ND_ROUTER || h->type == KVS_ND_REDIRECT || !kvs_guard_judges_nd(v))
		return KVS_GUARD_OK;
	return kvs_guard_read_nd(ctx, v, h);
}

/* Link-local, of the modified EUI-64 of the source. */
static __always_inline void kvs_guard_eui64(union kvs_guard_ip *ip, const __u8 *mac)
{
	*ip = (union kvs_guard_ip){.bytes = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, mac[0] ^ 2, mac[1],
					     mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]}};
}

static __always_inline bool kvs_guard_owns_ip6(const struct kvs_guard_view *v,
					       const union kvs_guard_ip *ip)
{
	union kvs_guard_ip own;

	kvs_guard_eui64(&own, v->eth.h_source);
	if (own.halves[0] == ip->halves[0] && own.halves[1] == ip->halves[1])
		return true;
	return kvs_guard_owns(v->slot, ip);
}

/* Who asks names another's address, unless he looks whether it is free for himself. */
static __always_inline bool kvs_guard_nd_is_own(const struct kvs_guard_view *v,
						const struct kvs_guard_ipv6 *h)
{
	bool asks = h->source.halves[0] | h->source.halves[1];

	if (!h->is_neighbour)
		return true;
	if (h->has_other_mac)
		return false;
	if (!kvs_guard_has(v, KVS_GUARD_ADDRESSES) || h->type == KVS_ND_ASK_ROUTER ||
	    (h->type == KVS_ND_SOLICITATION && asks))
		return true;
	return kvs_guard_owns_ip6(v, &h->target);
}
