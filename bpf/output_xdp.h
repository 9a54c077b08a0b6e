/* SPDX-License-Identifier: GPL-2.0-only */
/* Send the frame out of its target port, from XDP. What XDP cannot do right, tc does. */
#pragma once

#include "count.h"
#include "csum.h"
#include "drop.h"
#include "limit.h"
#include "retag_xdp.h"

static __always_inline bool kvs_xdp_can(const struct kvs_frame *f, int growth)
{
	if (!(f->way->out & KVS_PORT_XDP_TX))
		return false;
	/* a redirect drops what is longer, all tags counted */
	if (f->len + growth > f->way->max_frame)
		return false;
	/* not every driver sends a frame in several pieces */
	return f->len == (__u32)(f->end - (void *)f->eth);
}

static __always_inline int kvs_output(kvs_ctx *ctx, const struct kvs_frame *f)
{
	struct kvs_l4 l4 = {};
	int growth = kvs_retag_growth(f), sum = 0;
	enum kvs_csum csum;
	enum kvs_retag retag;

	if (!kvs_xdp_can(f, growth))
		return KVS_ACT_PASS;
	/* it would go to the driver as it is: GSO that nobody cuts, and a partial checksum that
	 * nobody completes, whatever the target can do */
	if ((f->way->in & KVS_PORT_TAP) && kvs_ctx_is_skb(ctx))
		return KVS_ACT_PASS;
	csum = kvs_csum_check(ctx, f, &l4);
	if (csum == KVS_CSUM_UNSURE)
		return KVS_ACT_PASS;
	/* first the redirect, which passes when the device is gone: what tc gets must still be
	 * partial */
	if (bpf_redirect_map(&kvs_devmap, f->way->target_slot, XDP_PASS) != XDP_REDIRECT)
		return KVS_ACT_PASS;
	if (csum == KVS_CSUM_PARTIAL)
		sum = kvs_sum(ctx, &l4);
	if (sum < 0)
		return KVS_ACT_PASS;
	retag = kvs_retag(ctx, f, growth);
	if (retag == KVS_RETAG_FAILED)
		return KVS_ACT_PASS;
	l4.field += growth;
	if (retag == KVS_RETAG_BROKEN ||
	    (csum == KVS_CSUM_PARTIAL && !kvs_csum_store(ctx, &l4, sum)))
		return kvs_drop(f, KVS_DROP_NO_MEMORY);
	kvs_limit_forwarded(f);
	kvs_count_fast(f);
	return XDP_REDIRECT;
}
