/* SPDX-License-Identifier: GPL-2.0-only */
/* Forwarding decision: a flat list of reasons to leave the frame to the bridge. */
#pragma once

#include "maps.h"
#include "parse.h"
#include "vlan.h"

static __always_inline bool kvs_is_stale(const struct kvs_frame *f)
{
	return bpf_jiffies64() > f->state->deadline;
}

static __always_inline struct kvs_fdb *kvs_fdb_find_in(const struct kvs_frame *f, const __u8 *mac,
						       __u16 vlan)
{
	struct kvs_fdb_key key = {.bridge = f->port->bridge, .vlan = vlan};

	__builtin_memcpy(key.mac, mac, ETH_ALEN);
	return bpf_map_lookup_elem(&kvs_fdb, &key);
}

static __always_inline struct kvs_fdb *kvs_fdb_find(const struct kvs_frame *f, const __u8 *mac)
{
	return kvs_fdb_find_in(f, mac, f->way->vlan);
}

static __always_inline enum kvs_slow kvs_refuse_port(const struct kvs_frame *f)
{
	__u32 flags = f->port->flags;

	if (kvs_is_stale(f))
		return KVS_SLOW_STALE;
	if (flags & KVS_PORT_SLOW)
		return KVS_SLOW_PATH;
	if (!(flags & KVS_PORT_FORWARDING))
		return KVS_SLOW_STATE;
	if (flags & KVS_VLAN_UNUSUAL)
		return kvs_vlan_unusual(flags);
	if (flags & KVS_PORT_NETFILTER)
		return KVS_SLOW_NETFILTER;
	if (flags & KVS_PORT_PROMISC)
		return KVS_SLOW_PROMISC;
	if (flags & KVS_PORT_LOCKED)
		return KVS_SLOW_LOCKED;
	if (flags & KVS_PORT_OFFLOADED)
		return KVS_SLOW_OFFLOADED;
	if ((flags & KVS_PORT_VLAN_UPPER) && f->is_tagged)
		return KVS_SLOW_VLAN_UPPER;
	if ((flags & KVS_PORT_SUPPRESS) && kvs_may_be_neighbour(f))
		return KVS_SLOW_SUPPRESS;
	if (kvs_is_control(f))
		return KVS_SLOW_CONTROL;
	if (kvs_is_group(f->eth->h_dest))
		return KVS_SLOW_MULTICAST;
	/* br_netfilter drops them, with or without rules */
	if (f->is_cut)
		return KVS_SLOW_TAGS;
	return KVS_GO;
}

/* The station was heard elsewhere: nothing goes to its old place until kvsd has read what the
 * bridge made of it. */
static __always_inline void kvs_mark_moved(const struct kvs_frame *f, struct kvs_fdb *src)
{
	const __u32 learns = KVS_PORT_LEARNING | KVS_PORT_FORWARDING;

	if (!KVS_LAST_HOOK || (f->port->flags & learns) != learns)
		return;
	if (src->flags & (KVS_FDB_STICKY | KVS_FDB_MOVED | KVS_FDB_LOCAL))
		return;
	src->flags |= KVS_FDB_MOVED;
	f->state->moved++;
	__sync_fetch_and_add(&f->state->version, 1);
}

/* The bridge ages its entries by what it hears. One frame of a station in a while goes its way, so
 * that its entry, and nobody else's copy of it, says when the station was last heard.
 */
static __always_inline bool kvs_is_due(const struct kvs_frame *f, struct kvs_fdb *src)
{
	__u64 now = bpf_jiffies64();

	if (src->flags & KVS_FDB_STATIC)
		return false;
	f->flow->until = src->heard + f->port->refresh;
	if (now - src->heard < f->port->refresh)
		return false;
	if (KVS_LAST_HOOK)
		src->heard = now;
	return true;
}

static __always_inline enum kvs_slow kvs_refuse_source(const struct kvs_frame *f)
{
	struct kvs_fdb *src = kvs_fdb_find(f, f->eth->h_source);

	if (!src)
		return KVS_SLOW_SRC_UNKNOWN;
	if (src->port != f->way->slot) {
		kvs_mark_moved(f, src);
		return KVS_SLOW_SRC_MOVED;
	}
	if (src->flags & KVS_FDB_MOVED)
		return KVS_SLOW_SRC_MOVED;
	if (kvs_is_due(f, src))
		return KVS_SLOW_REFRESH;
	return KVS_GO;
}

static __always_inline bool kvs_target_find(struct kvs_frame *f, const struct kvs_fdb *dst)
{
	struct kvs_way *way = f->way;

	way->target_slot = dst->port;
	f->target = bpf_map_lookup_elem(&kvs_ports, &way->target_slot);
	if (!f->target || f->target->bridge != f->port->bridge)
		return false;
	way->target = f->target->ifindex;
	way->out = f->target->flags;
	way->max_frame = f->target->max_frame;
	return true;
}

/* Fills in the rest of the way when it finds no reason. */
static __always_inline enum kvs_slow kvs_refuse_target(kvs_ctx *ctx, struct kvs_frame *f)
{
	struct kvs_fdb *dst = kvs_fdb_find(f, f->eth->h_dest);
	struct kvs_way *way = f->way;

	if (!dst || (dst->flags & (KVS_FDB_MOVED | KVS_FDB_LOCAL)))
		return KVS_SLOW_DST_UNKNOWN;
	if (!kvs_target_find(f, dst) || !(way->out & KVS_PORT_FORWARDING))
		return KVS_SLOW_TARGET;
	if (way->out & KVS_PORT_NETFILTER_OUT)
		return KVS_SLOW_NETFILTER;
	if (way->target_slot == way->slot && !(way->in & KVS_PORT_HAIRPIN))
		return KVS_SLOW_HAIRPIN;
	if (way->in & way->out & KVS_PORT_ISOLATED)
		return KVS_SLOW_ISOLATED;
	if (!kvs_fits(ctx, f))
		return KVS_SLOW_MTU;
	return way->vlan ? kvs_vlan_out(f) : KVS_GO;
}

static __always_inline enum kvs_slow kvs_refuse(kvs_ctx *ctx, struct kvs_frame *f)
{
	enum kvs_slow port = kvs_refuse_port(f), source;

	if (port != KVS_GO && !KVS_LAST_HOOK)
		return port;
	if (f->port->flags & KVS_PORT_VLAN_AWARE) {
		enum kvs_slow vlan = kvs_vlan_in(ctx, f);

		if (vlan != KVS_GO)
			return port != KVS_GO ? port : vlan;
	}
	/* a guest that has migrated says so by broadcast: whatever becomes of a frame, its source
	 * is looked at */
	source = kvs_refuse_source(f);
	if (port != KVS_GO)
		return port;
	if (source != KVS_GO)
		return source;
	return kvs_refuse_target(ctx, f);
}
