/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame as a tc hook has it: an skb. Same functions as ctx_xdp.h. */
#pragma once

#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

typedef struct __sk_buff kvs_ctx;

/* Not TC_ACT_OK: filters of others that come after KVS run too. */
#define KVS_ACT_PASS TC_ACT_UNSPEC
#define KVS_ACT_DROP TC_ACT_SHOT

/* Name of a function that is not static, see ctx_xdp.h. */
#define KVS_GLOBAL(name) name##_tc

/* tc has the last word before the bridge: what it passes, the bridge sees. */
#define KVS_LAST_HOOK true

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
	return ctx->ifindex;
}

/* The kernel takes it out of pieces where that is needed. */
static __always_inline bool kvs_ctx_is_whole(kvs_ctx *ctx)
{
	return true;
}

/* Bytes with Ethernet header; a tag held in the skb's metadata does not count. */
static __always_inline __u32 kvs_ctx_len(kvs_ctx *ctx)
{
	return ctx->len;
}

static __always_inline bool kvs_ctx_is_gso(const kvs_ctx *ctx)
{
	return ctx->gso_size;
}

/* Bytes of each segment behind its headers. */
static __always_inline __u32 kvs_ctx_gso_size(const kvs_ctx *ctx)
{
	return ctx->gso_size;
}

static __always_inline bool kvs_ctx_has_tag(const kvs_ctx *ctx)
{
	return ctx->vlan_present;
}

/* Copies bytes, wherever they lie: a sender can have the skb begin with little more than the
 * Ethernet header. False when the frame has not as many.
 */
static __always_inline bool kvs_ctx_load(kvs_ctx *ctx, __u32 off, void *to, __u32 len)
{
	return !bpf_skb_load_bytes(ctx, off, to, len);
}

/* The kernel takes the outer tag out of the frame before tc. */
#define KVS_TAG_IN_FRAME false

static __always_inline __be16 kvs_ctx_tag_proto(const kvs_ctx *ctx)
{
	return ctx->vlan_proto;
}

static __always_inline __u16 kvs_ctx_tci(const kvs_ctx *ctx)
{
	return ctx->vlan_tci;
}
