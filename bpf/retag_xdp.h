/* SPDX-License-Identifier: GPL-2.0-only */
/* The tag a frame leaves with, on XDP: the head of the frame moves. */
#pragma once

#include "parse.h"
#include "vlan.h"

#define KVS_MACS (2 * ETH_ALEN)

enum kvs_retag {
	KVS_RETAG_DONE,
	KVS_RETAG_FAILED, /* the frame is as it was */
	KVS_RETAG_BROKEN, /* it is not */
};

/* Bytes by which the frame gets longer. */
static __always_inline int kvs_retag_growth(const struct kvs_frame *f)
{
	if (!f->way->vlan || f->way->has_tag == f->way->wants_tag)
		return 0;
	return f->way->wants_tag ? KVS_VLAN_HLEN : -KVS_VLAN_HLEN;
}

static __always_inline void kvs_write_tag(__be16 *at, const struct kvs_frame *f)
{
	at[0] = kvs_vlan_proto(f);
	at[1] = bpf_htons(f->way->tci);
}

static __always_inline enum kvs_retag kvs_retag_move(kvs_ctx *ctx, const struct kvs_frame *f,
						     int growth)
{
	__u8 macs[KVS_MACS], *data;

	__builtin_memcpy(macs, f->eth, KVS_MACS);
	if (bpf_xdp_adjust_head(ctx, -growth))
		return KVS_RETAG_FAILED;
	data = kvs_ctx_data(ctx);
	if ((void *)(data + KVS_MACS + KVS_VLAN_HLEN) > kvs_ctx_end(ctx))
		return KVS_RETAG_BROKEN;
	__builtin_memcpy(data, macs, KVS_MACS);
	if (growth > 0)
		kvs_write_tag((void *)(data + KVS_MACS), f);
	return KVS_RETAG_DONE;
}

/* Pointers into the frame do not hold afterwards. */
static __always_inline enum kvs_retag kvs_retag(kvs_ctx *ctx, const struct kvs_frame *f, int growth)
{
	__be16 *tag = &f->eth->h_proto;

	if (growth)
		return kvs_retag_move(ctx, f, growth);
	if (f->way->is_priority && f->way->wants_tag && (void *)(tag + 2) <= f->end)
		kvs_write_tag(tag, f);
	return KVS_RETAG_DONE;
}
