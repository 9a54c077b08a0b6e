/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame as an XDP hook has it: the driver's buffer. Same functions as ctx_tc.h. */
#pragma once

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef struct xdp_md kvs_ctx;

#define KVS_ACT_PASS XDP_PASS
#define KVS_ACT_DROP XDP_DROP

/* What XDP passes, the tc hook of the port sees next: it counts and marks. */
#define KVS_LAST_HOOK false

static __always_inline void *kvs_ctx_data(const kvs_ctx *ctx)
{
	return (void *)(long)ctx->data;
}

static __always_inline void *kvs_ctx_end(const kvs_ctx *ctx)
{
	return (void *)(long)ctx->data_end;
}

static __always_inline __u32 kvs_ctx_ifindex(const kvs_ctx *ctx)
{
	return ctx->ingress_ifindex;
}

/* Bytes with Ethernet header and tags. */
static __always_inline __u32 kvs_ctx_len(kvs_ctx *ctx)
{
	return bpf_xdp_get_buff_len(ctx);
}

/* XDP does not see whether a frame is GSO. Nearly all such frames are longer than the target's MTU
 * or than KVS_CSUM_MAX, and go on for that: a segment would have to be shorter than 480 bytes.
 */
static __always_inline bool kvs_ctx_is_gso(const kvs_ctx *ctx)
{
	return false;
}

static __always_inline bool kvs_ctx_has_tag(const kvs_ctx *ctx)
{
	return false;
}

/* kvsd sees to it that no driver holds it elsewhere. */
#define KVS_TAG_IN_FRAME true

static __always_inline __be16 kvs_ctx_tag_proto(const kvs_ctx *ctx)
{
	return 0;
}

static __always_inline __u16 kvs_ctx_tci(const kvs_ctx *ctx)
{
	return 0;
}
