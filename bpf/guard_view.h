/* SPDX-License-Identifier: GPL-2.0-only */
/* A frame as the guard sees it. What is behind the Ethernet header is copied, never pointed to:
 * where a sender can have the bytes lie elsewhere, he must not escape the rules thereby.
 */
#pragma once

#include "maps.h"
#include "parse.h"

/* The port may send it. No reason of a guard's has this value. */
#define KVS_GUARD_OK KVS_DROP_MAX

enum kvs_guard_answer {
	KVS_GUARD_ALLOWED,
	KVS_GUARD_AUDITED, /* it would be refused */
	KVS_GUARD_REFUSED,
	KVS_GUARD_FOR_TC,
};

struct kvs_guard_tag {
	__be16 tci;
	__be16 proto; /* the ethertype behind it */
};

/* IPv4 is ::ffff:a.b.c.d */
union kvs_guard_ip {
	__u8 bytes[16];
	__be32 words[4];
	__u64 halves[2];
};

struct kvs_guard_ipv6 {
	union kvs_guard_ip source;
	union kvs_guard_ip target; /* of neighbour discovery */
	__u32 at, len;             /* offset and bytes of what has not been read */
	__be16 port;               /* UDP source; 0: not known */
	__u8 proto;                /* of the next header */
	__u8 type;                 /* of ICMPv6; 0: not known */
	bool is_fragment;
	bool is_later;     /* not the first one */
	bool is_neighbour; /* discovery that is to be judged */
	bool has_other_mac;
};

struct kvs_guard_view {
	__u32 flags;    /* of the guard */
	__u32 max_macs; /* of the guard */
	__u32 slot;     /* of the port it came in by */
	__u32 len;      /* see kvs_ctx_len() */
	__u32 l3;       /* offset of the network header */
	__u32 tags;     /* in metadata, too */
	struct ethhdr eth;
	__be16 proto;     /* behind the tags */
	__be16 tag_proto; /* of the outer tag; 0: has none */
	__u16 tci;        /* of the outer tag */
	bool is_cut;      /* within its tags */
	bool is_new;      /* its source is to be entered */
	struct kvs_guard_ipv6 ip6;
};

/* Here the verifier keeps no account of values: what they are on one way through the rules makes no
 * difference to it on the next.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_guard_view);
} kvs_guard_views __weak SEC(".maps");

static __always_inline bool kvs_guard_has(const struct kvs_guard_view *v, __u32 flags)
{
	return v->flags & flags;
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

/* NULL when there is no whole Ethernet header, which a hook has seen before. */
static __always_inline struct kvs_guard_view *
kvs_guard_read(kvs_ctx *ctx, const struct kvs_guard *guard, __u32 slot)
{
	__u32 zero = 0;
	struct kvs_guard_view *v = bpf_map_lookup_elem(&kvs_guard_views, &zero);

	if (!v || !kvs_ctx_load(ctx, 0, &v->eth, sizeof(v->eth)))
		return NULL;
	/* before the limit: kvsd changes them in the other order */
	v->flags = *(const volatile __u32 *)&guard->flags;
	v->max_macs = *(const volatile __u32 *)&guard->max_macs;
	v->slot = slot;
	v->len = kvs_ctx_len(ctx);
	v->tags = 0;
	v->tag_proto = 0;
	v->is_cut = false;
	v->is_new = false;
	kvs_guard_read_tags(ctx, v);
	return v;
}
