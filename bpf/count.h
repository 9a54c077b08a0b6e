/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters, per port and CPU: each frame once, by the hook that decides on it. */
#pragma once

#include "maps.h"
#include "parse.h"

static __always_inline struct kvs_counters *kvs_counters_of(const struct kvs_frame *f)
{
	struct kvs_counters *c = bpf_map_lookup_elem(&kvs_counters, &f->way->slot);

	if (c)
		c->rx_bytes += f->len;
	return c;
}

static __always_inline void kvs_count_fast(const struct kvs_frame *f)
{
	struct kvs_counters *c = kvs_counters_of(f);

	if (!c)
		return;
	if (KVS_LAST_HOOK)
		c->fast_tc++;
	else
		c->fast_xdp++;
}

/* Hand the frame on. Only the last hook counts: the one before it does not decide. */
static __always_inline int kvs_pass(const struct kvs_frame *f, enum kvs_slow why)
{
	struct kvs_counters *c;

	if (!KVS_LAST_HOOK)
		return KVS_ACT_PASS;
	c = kvs_counters_of(f);
	if (c && why < KVS_SLOW_MAX)
		c->slow[why]++;
	return KVS_ACT_PASS;
}

/* Who lets a frame go on counts its bytes. */
static __always_inline void kvs_guard_count(kvs_ctx *ctx, __u32 slot, enum kvs_drop why,
					    bool is_audit)
{
	struct kvs_guard_counters *c = bpf_map_lookup_elem(&kvs_guard_counters, &slot);
	struct kvs_counters *all = bpf_map_lookup_elem(&kvs_counters, &slot);
	__u32 at = why - KVS_DROP_PLAIN;

	if (!c || !all || at >= KVS_GUARD_DROPS)
		return;
	if (is_audit) {
		c->audit[at]++;
		return;
	}
	c->drop[at]++;
	all->rx_bytes += kvs_ctx_len(ctx);
}
