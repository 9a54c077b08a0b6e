/* SPDX-License-Identifier: GPL-2.0-only */
/* Send the frame out of its target port, from XDP. What XDP cannot do right, tc does. */
#pragma once

#include "count.h"
#include "csum.h"
#include "drop.h"
#include "limit.h"
#include "retag_xdp.h"

/* Frames of most ways, if no longer than that, leave with the tags they have. */
static __always_inline __u16 kvs_xdp_max(const struct kvs_way *way)
{
	if (way->vlan || !(way->out & KVS_PORT_XDP_TX))
		return 0;
	return way->max_frame < 0xffff ? way->max_frame : 0xffff;
}

/* A redirect drops what is longer than the target's MTU, all tags counted. */
static __always_inline bool kvs_xdp_can(const struct kvs_frame *f, int growth)
{
	return (f->way->out & KVS_PORT_XDP_TX) && f->len + growth <= f->way->max_frame;
}

/* It would go to the driver as it is: GSO that nobody cuts, and a partial checksum that nobody
 * completes, whatever the target can do. */
static __always_inline bool kvs_xdp_is_skb(kvs_ctx *ctx, const struct kvs_frame *f)
{
	return (f->way->in & KVS_PORT_TAP) && kvs_ctx_is_skb(ctx);
}

/* First the redirect, which passes when the device is gone: what tc gets must still be partial. */
static __noinline int kvs_xdp_complete(struct xdp_md *ctx, struct kvs_way *way, struct kvs_l4 *l4)
{
	struct kvs_frame frame = {.way = way, .len = kvs_ctx_len(ctx)};
	enum kvs_retag retag;
	int growth, sum;

	frame.eth = kvs_ctx_data(ctx);
	frame.end = kvs_ctx_end(ctx);
	if ((void *)(frame.eth + 1) > frame.end)
		return KVS_ACT_PASS;
	growth = kvs_retag_growth(&frame);
	if (bpf_redirect_map(&kvs_devmap, way->target_slot, XDP_PASS) != XDP_REDIRECT)
		return KVS_ACT_PASS;
	sum = l4->len ? kvs_sum(ctx, l4->off, l4->len) : 0;
	if (sum < 0)
		return KVS_ACT_PASS;
	retag = kvs_retag(ctx, &frame, growth);
	if (retag == KVS_RETAG_FAILED)
		return KVS_ACT_PASS;
	l4->field += growth;
	if (retag == KVS_RETAG_BROKEN || (l4->len && !kvs_csum_store(ctx, l4, sum)))
		return kvs_drop(&frame, KVS_DROP_NO_MEMORY);
	kvs_limit_forwarded(&frame);
	kvs_count_fast(&frame);
	return XDP_REDIRECT;
}

/* Any frame, also one whose tag has to be changed. A function of its own, for which those that are
 * sent as they are do not pay.
 */
static __noinline int kvs_output_any(struct xdp_md *ctx, struct kvs_way *way)
{
	struct kvs_frame frame = {.way = way}, *f = &frame;
	struct kvs_l4 l4 = {};
	enum kvs_csum csum;

	if (!kvs_parse(ctx, f))
		return KVS_ACT_PASS;
	if (!kvs_fits(ctx, f) || !kvs_xdp_can(f, kvs_retag_growth(f)) || kvs_xdp_is_skb(ctx, f))
		return KVS_ACT_PASS;
	csum = kvs_csum_check(ctx, f, &l4);
	if (csum == KVS_CSUM_UNSURE)
		return KVS_ACT_PASS;
	if (csum == KVS_CSUM_DONE)
		l4.len = 0;
	return kvs_xdp_complete(ctx, way, &l4);
}

static __always_inline int kvs_output(kvs_ctx *ctx, struct kvs_frame *f)
{
	struct kvs_l4 l4 = {};
	enum kvs_csum csum;

	if (f->len > f->way->xdp_max)
		return kvs_output_any(ctx, f->way);
	if (kvs_xdp_is_skb(ctx, f))
		return KVS_ACT_PASS;
	csum = kvs_csum_check(ctx, f, &l4);
	if (csum == KVS_CSUM_UNSURE)
		return KVS_ACT_PASS;
	if (csum == KVS_CSUM_PARTIAL)
		return kvs_xdp_complete(ctx, f->way, &l4);
	if (bpf_redirect_map(&kvs_devmap, f->way->target_slot, XDP_PASS) != XDP_REDIRECT)
		return KVS_ACT_PASS;
	kvs_limit_forwarded(f);
	kvs_count_fast(f);
	return XDP_REDIRECT;
}
