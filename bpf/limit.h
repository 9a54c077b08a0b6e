/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits: how much a port may send, kvs-guard(8). They come after the guard and before the choice
 * of path.
 *
 * A bucket is one number, the time at which it is full again: what a frame costs is added to it,
 * atomically, whatever CPU it comes in on. A frame goes on while a frame, or a bit, is left in the
 * bucket, and may take more than is left: those after it wait until that is paid. So a frame of any
 * size gets through a bucket of any depth, and what two CPUs take at the same moment is paid, too.
 *
 * tc charges what it sees, XDP what it forwards itself: each frame is charged once. XDP refuses for
 * good what is over a limit, since that costs nothing.
 */
#pragma once

#include "count.h"
#include "fastpath.h"
#include "guard_view.h"
#include "wire.h"

/* The time of the last tick: reading it costs nothing, reading the time costs ten times what all
 * else here does.
 */
static __always_inline __u64 kvs_limit_tick(void)
{
	__u32 zero = 0;
	const struct kvs_state *state = bpf_map_lookup_elem(&kvs_state, &zero);
	__u64 epoch = state ? state->epoch : 0;

	return (epoch + bpf_jiffies64() * kvs_config.tick) * KVS_LIMIT_NS;
}

static __always_inline __u64 kvs_bucket_cost(const struct kvs_bucket *b, __u64 units)
{
	return units * b->mult >> (b->shift & 63);
}

static __always_inline bool kvs_bucket_has_room(const struct kvs_bucket *b, __u64 now)
{
	__s64 taken = b->full_at - now;

	return !b->mult || (taken > 0 ? taken : 0) + kvs_bucket_cost(b, 1) <= b->depth;
}

static __always_inline void kvs_bucket_take(struct kvs_bucket *b, __u64 now, struct kvs_wire wire)
{
	__u64 n = b->unit == KVS_LIMIT_FRAMES ? wire.frames : 8ull * wire.bytes;
	__u64 cost = kvs_bucket_cost(b, n), full_at = b->full_at;

	if (!b->mult)
		return;
	/* it has been full for a while, which is not saved */
	if ((__s64)(full_at - now) < 0 &&
	    __sync_val_compare_and_swap(&b->full_at, full_at, now + cost) == full_at)
		return;
	__sync_fetch_and_add(&b->full_at, cost);
}

/* KVS_LIMIT_MAX, or the limit that the frame would be over. */
static __always_inline enum kvs_limit_kind kvs_limit_over(const struct kvs_limit *l,
							  enum kvs_limit_kind kind, __u64 now)
{
	if (kind != KVS_LIMIT_RATE && !kvs_bucket_has_room(&l->of[kind], now))
		return kind;
	if (!kvs_bucket_has_room(&l->of[KVS_LIMIT_RATE], now))
		return KVS_LIMIT_RATE;
	return KVS_LIMIT_MAX;
}

/* Whether the bridge would flood it. In doubt: what belongs to no VLAN, it drops. */
static __always_inline bool kvs_limit_is_flooded(kvs_ctx *ctx, struct kvs_frame *f)
{
	const struct kvs_fdb *local;

	f->port = bpf_map_lookup_elem(&kvs_ports, &f->way->slot);
	if (!f->port)
		return true;
	f->way->in = f->port->flags;
	if ((f->way->in & KVS_PORT_VLAN_AWARE) && kvs_vlan_in(ctx, f) != KVS_GO)
		return true;
	if (kvs_fdb_find(f, f->eth->h_dest))
		return false;
	/* the bridge's own addresses are kept once for all VLANs */
	local = f->way->vlan ? kvs_fdb_find_in(f, f->eth->h_dest, 0) : NULL;
	return !local || !(local->flags & KVS_FDB_LOCAL);
}

/* Of which kind the frame is, besides that it is one. */
static __always_inline enum kvs_limit_kind kvs_limit_kind(kvs_ctx *ctx, const struct kvs_limit *l,
							  __u32 slot)
{
	struct kvs_way way = {.slot = slot};
	struct kvs_frame f = {.way = &way};

	if (!kvs_parse(ctx, &f))
		return KVS_LIMIT_RATE;
	kvs_parse_tags(&f);
	if (kvs_is_broadcast(f.eth->h_dest))
		return KVS_LIMIT_BROADCAST;
	if (kvs_is_group(f.eth->h_dest))
		return KVS_LIMIT_MULTICAST;
	if (l->of[KVS_LIMIT_UNKNOWN].mult && kvs_limit_is_flooded(ctx, &f))
		return KVS_LIMIT_UNKNOWN;
	return KVS_LIMIT_RATE;
}

/* In mode audit it is counted, by tc, and goes on. */
static __always_inline enum kvs_guard_answer
kvs_limit_refuse(kvs_ctx *ctx, __u32 slot, enum kvs_limit_kind over, bool is_audit)
{
	if (is_audit && !KVS_LAST_HOOK)
		return KVS_GUARD_FOR_TC;
	kvs_guard_count(ctx, slot, KVS_DROP_RATE + over, is_audit);
	return is_audit ? KVS_GUARD_AUDITED : KVS_GUARD_REFUSED;
}

__noinline int KVS_GLOBAL(kvs_limit_judge)(kvs_ctx *ctx, __u32 slot, bool is_known, bool is_audit)
{
	enum kvs_limit_kind kind = KVS_LIMIT_RATE, over;
	struct kvs_wire wire;
	struct kvs_limit *l;
	__u64 tick;

	if (!kvs_config.has_limit)
		return KVS_GUARD_ALLOWED;
	l = bpf_map_lookup_elem(&kvs_limits, &slot);
	if (!l)
		return KVS_GUARD_ALLOWED;
	if (!is_known)
		kind = kvs_limit_kind(ctx, l, slot);
	tick = kvs_limit_tick();
	over = kvs_limit_over(l, kind, tick);
	if (over != KVS_LIMIT_MAX)
		over = kvs_limit_over(l, kind, bpf_ktime_get_ns() * KVS_LIMIT_NS);
	if (over != KVS_LIMIT_MAX)
		return kvs_limit_refuse(ctx, slot, over, is_audit);
	if (!KVS_LAST_HOOK)
		return KVS_GUARD_ALLOWED;
	wire = kvs_wire(ctx);
	kvs_bucket_take(&l->of[KVS_LIMIT_RATE], tick, wire);
	if (kind != KVS_LIMIT_RATE)
		kvs_bucket_take(&l->of[kind], tick, wire);
	return KVS_GUARD_ALLOWED;
}

/* Of a frame that the guard allows. Of one whose flow is known, it is neither to a group nor to a
 * station that is not.
 */
static __always_inline int kvs_limit(kvs_ctx *ctx, const struct kvs_guard *guard, __u32 slot,
				     bool is_known)
{
	__u32 which = is_known ? KVS_GUARD_RATE : KVS_GUARD_RATE | KVS_GUARD_STORM;

	if (!kvs_config.has_limit || !guard || !(guard->flags & which))
		return KVS_GUARD_ALLOWED;
	return KVS_GLOBAL(kvs_limit_judge)(ctx, slot, is_known, guard->flags & KVS_GUARD_AUDIT);
}

__noinline int KVS_GLOBAL(kvs_limit_charge)(__u32 slot, __u32 len)
{
	struct kvs_wire wire = {.frames = 1, .bytes = len};
	struct kvs_limit *l;

	if (!kvs_config.has_limit)
		return 0;
	l = bpf_map_lookup_elem(&kvs_limits, &slot);
	if (l)
		kvs_bucket_take(&l->of[KVS_LIMIT_RATE], kvs_limit_tick(), wire);
	return 0;
}

/* For XDP, of what it forwards. */
static __always_inline void kvs_limit_forwarded(const struct kvs_frame *f)
{
	const struct kvs_guard *guard;

	if (!kvs_config.has_limit || !(f->way->in & KVS_PORT_GUARD))
		return;
	guard = bpf_map_lookup_elem(&kvs_guards, &f->way->slot);
	if (guard && (guard->flags & KVS_GUARD_RATE))
		KVS_GLOBAL(kvs_limit_charge)(f->way->slot, f->len);
}
