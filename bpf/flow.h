/* SPDX-License-Identifier: GPL-2.0-only */
/* Flow cache: the answers a CPU gave last, so that the next frame of a flow needs no look-up in the
 * FDB.
 *
 * An answer holds until anything changes that it depends on (kvs_state.version), until the bridge
 * has to hear the source again, and for a second at most. All else of a frame, its length and what
 * is in it, is looked at each time.
 */
#pragma once

#include "maps.h"
#include "parse.h"
#include "vlan.h"

#define KVS_FLOW_BITS 8

struct kvs_flow {
	__u64 macs;    /* destination, and the first 2 bytes of the source */
	__u32 src;     /* its other 4 */
	__u32 type;    /* kvs_flow_type() */
	__u32 ifindex; /* of the port; 0: nothing is known */
	__u32 version; /* kvs_state.version */
	__u64 until;   /* jiffies64 */
	struct kvs_way way;
};

_Static_assert(sizeof(struct kvs_flow) == 64, "a cache line");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1 << KVS_FLOW_BITS);
	__type(key, __u32);
	__type(value, struct kvs_flow);
} kvs_flows __weak SEC(".maps");

static __always_inline __u64 kvs_flow_macs(const struct kvs_frame *f)
{
	return *(const __u64 *)f->eth;
}

static __always_inline __u32 kvs_flow_src(const struct kvs_frame *f)
{
	return *(const __u32 *)((const void *)f->eth + ETH_ALEN + 2);
}

#define KVS_FLOW_NONE   (~0u) /* of a frame whose answer is not remembered */
#define KVS_FLOW_TAGGED (1u << 31)
#define KVS_FLOW_STAG   (1u << 30)

static __always_inline __u32 kvs_flow_tag(__be16 proto, __u16 tci)
{
	return KVS_FLOW_TAGGED | (proto == bpf_htons(ETH_P_8021AD) ? KVS_FLOW_STAG : 0) | tci;
}

/* Ethertype, or outer tag; KVS_FLOW_NONE where that does not say all the answer depends on. */
static __always_inline __u32 kvs_flow_type(kvs_ctx *ctx, struct kvs_frame *f)
{
	const __be16 *tci = (void *)(f->eth + 1);

	if (!f->is_tagged)
		return kvs_type_of(f);
	kvs_parse_tags(f);
	if (f->is_cut || kvs_is_control(f))
		return KVS_FLOW_NONE;
	if (kvs_ctx_has_tag(ctx))
		return kvs_flow_tag(kvs_ctx_tag_proto(ctx), kvs_ctx_tci(ctx));
	if (!KVS_TAG_IN_FRAME || (void *)(tci + 1) > f->end)
		return KVS_FLOW_NONE;
	return kvs_flow_tag(kvs_type_of(f), bpf_ntohs(*tci));
}

/* The last bytes of an address differ most: a product carries them to where the index is taken. */
static __always_inline __u32 kvs_flow_index(const struct kvs_frame *f)
{
	__u32 dst = kvs_flow_macs(f) >> 16;

	return (dst + kvs_flow_src(f) * 0x9e3779b1) * 0x85ebca6b >> (32 - KVS_FLOW_BITS);
}

/* Sets the frame's place in the cache; false when the maps are not there. */
static __always_inline bool kvs_flow_find(struct kvs_frame *f)
{
	__u32 at = kvs_flow_index(f), zero = 0;

	f->state = bpf_map_lookup_elem(&kvs_state, &zero);
	f->flow = bpf_map_lookup_elem(&kvs_flows, &at);
	if (!f->state || !f->flow)
		return false;
	f->way = &f->flow->way;
	return true;
}

/* Type: kvs_flow_type(), or for frames without a tag alone, kvs_type_of(). */
static __always_inline bool kvs_flow_is_known(kvs_ctx *ctx, const struct kvs_frame *f, __u32 type)
{
	const struct kvs_flow *flow = f->flow;

	return flow->macs == kvs_flow_macs(f) && flow->src == kvs_flow_src(f) &&
	       flow->type == type && flow->ifindex == kvs_ctx_ifindex(ctx) &&
	       flow->version == f->state->version && bpf_jiffies64() < flow->until;
}

/* Nothing is known of the flow until kvs_flow_keep(). The version is of before what it depends on
 * is read. */
static __always_inline void kvs_flow_forget(struct kvs_frame *f)
{
	f->flow->ifindex = 0;
	f->flow->version = f->state->version;
	f->flow->until = ~0ull;
	*f->way = (struct kvs_way){};
}

static __always_inline __u64 kvs_min(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

static __always_inline void kvs_flow_keep(kvs_ctx *ctx, struct kvs_frame *f)
{
	struct kvs_flow *flow = f->flow;

	flow->type = kvs_flow_type(ctx, f);
	/* it depends on more than the Ethernet header */
	if (flow->type == KVS_FLOW_NONE || (f->way->in & KVS_PORT_SUPPRESS))
		return;
	flow->macs = kvs_flow_macs(f);
	flow->src = kvs_flow_src(f);
	flow->ifindex = kvs_ctx_ifindex(ctx);
	flow->until = kvs_min(flow->until, f->state->deadline);
	flow->until = kvs_min(flow->until, bpf_jiffies64() + kvs_config.second);
}
