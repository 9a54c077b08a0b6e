/* SPDX-License-Identifier: GPL-2.0-only */
/* VLANs, as net/bridge/br_vlan.c has them: the VLAN a frame comes in by, whether it may leave by
 * its target, and with which tag.
 *
 * Only a tag of the bridge's protocol counts. A frame with none, or with one of the other protocol
 * outermost, belongs to the port's pvid; so does a priority tag, VLAN 0, the rest of which is kept.
 */
#pragma once

#include "maps.h"
#include "parse.h"

#define KVS_VID_MASK 0xfff

/* With a tag, and another one behind it, the kernel needs that much to handle both. */
#define KVS_VLAN_MIN (ETH_HLEN + 2 * KVS_VLAN_HLEN)

#define KVS_VLAN_UNUSUAL (KVS_PORT_MST | KVS_PORT_VLAN_STATS | KVS_PORT_VLAN_TUNNEL)

/* Why a port with one of these flags is slow. */
static __always_inline enum kvs_slow kvs_vlan_unusual(__u32 flags)
{
	if (flags & KVS_PORT_MST)
		return KVS_SLOW_MST;
	if (flags & KVS_PORT_VLAN_STATS)
		return KVS_SLOW_VLAN_STATS;
	return KVS_SLOW_VLAN_TUNNEL;
}

static __always_inline __be16 kvs_vlan_proto(const struct kvs_frame *f)
{
	return f->way->in & KVS_PORT_STAG ? bpf_htons(ETH_P_8021AD) : bpf_htons(ETH_P_8021Q);
}

static __always_inline bool kvs_vlan_has(const __u64 *set, __u16 vid)
{
	return set[(vid & KVS_VID_MASK) / 64] >> (vid % 64) & 1;
}

/* Sets has_tag and tci. */
static __always_inline enum kvs_slow kvs_vlan_tag(kvs_ctx *ctx, struct kvs_frame *f)
{
	const __be16 *tag = (void *)(f->eth + 1);
	__be16 proto = KVS_TAG_IN_FRAME ? f->eth->h_proto : 0;

	if (f->len < KVS_VLAN_MIN || (KVS_TAG_IN_FRAME && (void *)(tag + 2) > f->end))
		return KVS_SLOW_TAGS;
	if (kvs_ctx_has_tag(ctx))
		proto = kvs_ctx_tag_proto(ctx);
	else if (!KVS_TAG_IN_FRAME && kvs_is_tag(f->eth->h_proto))
		return KVS_SLOW_TAGS;
	f->way->has_tag = proto == kvs_vlan_proto(f);
	if (f->way->has_tag)
		f->way->tci = KVS_TAG_IN_FRAME ? bpf_ntohs(*tag) : kvs_ctx_tci(ctx);
	return KVS_GO;
}

/* What the bridge compares with the target's MTU: it does not count its own tag, but does count the
 * other protocol's, which it puts back into the frame.
 */
static __always_inline __u32 kvs_mtu_len(kvs_ctx *ctx, const struct kvs_frame *f)
{
	if (!f->way->vlan)
		return f->len;
	if (KVS_TAG_IN_FRAME)
		return f->way->has_tag ? f->len - KVS_VLAN_HLEN : f->len;
	return kvs_ctx_has_tag(ctx) && !f->way->has_tag ? f->len + KVS_VLAN_HLEN : f->len;
}

/* Whether the target takes a frame of this length; the kernel handles no tags of shorter ones. */
static __always_inline bool kvs_fits(kvs_ctx *ctx, const struct kvs_frame *f)
{
	if (f->way->vlan && f->len < KVS_VLAN_MIN)
		return false;
	return f->is_gso || kvs_mtu_len(ctx, f) <= f->way->max_frame;
}

/* The frame's VLAN, at the port it came in by. */
static __always_inline enum kvs_slow kvs_vlan_in(kvs_ctx *ctx, struct kvs_frame *f)
{
	const struct kvs_vlans *vlans = bpf_map_lookup_elem(&kvs_vlans, &f->way->slot);
	enum kvs_slow why = kvs_vlan_tag(ctx, f);
	struct kvs_way *way = f->way;

	if (why != KVS_GO)
		return why;
	if (!vlans)
		return KVS_SLOW_VLAN;
	if (!(way->tci & KVS_VID_MASK)) {
		way->is_priority = way->has_tag;
		way->tci |= vlans->pvid & KVS_VID_MASK;
	}
	if (!kvs_vlan_has(vlans->member, way->tci))
		return KVS_SLOW_VLAN;
	way->vlan = way->tci & KVS_VID_MASK;
	return KVS_GO;
}

/* Whether its target is in the VLAN, and what becomes of the tag. */
static __always_inline enum kvs_slow kvs_vlan_out(struct kvs_frame *f)
{
	const struct kvs_vlans *vlans = bpf_map_lookup_elem(&kvs_vlans, &f->way->target_slot);

	if (f->way->out & KVS_PORT_VLAN_TUNNEL)
		return KVS_SLOW_VLAN_TUNNEL;
	if (!vlans || !kvs_vlan_has(vlans->member, f->way->vlan))
		return KVS_SLOW_VLAN;
	f->way->wants_tag = !kvs_vlan_has(vlans->untagged, f->way->vlan);
	return KVS_GO;
}
