/* SPDX-License-Identifier: GPL-2.0-only */
/* A frame as the guard sees it. What is behind the Ethernet header is copied, never pointed to:
 * where a sender can have the bytes lie elsewhere, he must not escape the rules thereby.
 */
#pragma once

#include "maps.h"
#include "parse.h"

/* The port may send it. No reason of a guard's has this value. */
#define KVS_GUARD_OK KVS_DROP_MAX

struct kvs_guard_tag {
	__be16 tci;
	__be16 proto; /* the ethertype behind it */
};

struct kvs_guard_view {
	struct kvs_guard *guard;
	struct ethhdr eth;
	__be16 proto;     /* behind the tags */
	__be16 tag_proto; /* of the outer tag; 0: has none */
	__u16 tci;        /* of the outer tag */
	bool is_cut;      /* within its tags */
	bool is_new;      /* its source is to be entered */
	__u32 tags;       /* in metadata, too */
	__u32 slot;       /* of the port it came in by */
	__u32 len;        /* see kvs_ctx_len() */
	__u32 l3;         /* offset of the network header */
};

static __always_inline bool kvs_guard_has(const struct kvs_guard_view *v, __u32 flags)
{
	return v->guard->flags & flags;
}

static __always_inline void kvs_guard_outer_tag(struct kvs_guard_view *v, __be16 proto, __u16 tci)
{
	if (v->tags++)
		return;
	v->tag_proto = proto;
	v->tci = tci;
}

static __always_inline void kvs_guard_read_tags(kvs_ctx *ctx, struct kvs_guard_view *v)
{
	struct kvs_guard_tag tag = {};

	if (kvs_ctx_has_tag(ctx))
		kvs_guard_outer_tag(v, kvs_ctx_tag_proto(ctx), kvs_ctx_tci(ctx));
	v->l3 = ETH_HLEN;
	v->proto = v->eth.h_proto;
	for (int i = 0; i < KVS_MAX_TAGS && kvs_is_tag(v->proto); i++) {
		v->is_cut = !kvs_ctx_load(ctx, v->l3, &tag, sizeof(tag));
		kvs_guard_outer_tag(v, v->proto, bpf_ntohs(tag.tci));
		if (v->is_cut)
			return;
		v->proto = tag.proto;
		v->l3 += KVS_VLAN_HLEN;
	}
}

/* False when there is no whole Ethernet header, which a hook has seen before. */
static __always_inline bool kvs_guard_read(kvs_ctx *ctx, struct kvs_guard_view *v)
{
	if (!kvs_ctx_load(ctx, 0, &v->eth, sizeof(v->eth)))
		return false;
	v->len = kvs_ctx_len(ctx);
	kvs_guard_read_tags(ctx, v);
	return true;
}
