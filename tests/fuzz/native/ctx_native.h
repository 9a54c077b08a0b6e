/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame as the fuzzer has it, in the place of ctx_xdp.h and ctx_tc.h: either hook, by run. */
#pragma once

#include <stdbool.h>
#include <linux/types.h>
#include <string.h>

typedef struct native_frame {
	bool is_tc;
	bool has_tag; /* in metadata */
	__be16 tag_proto;
	__u16 tci;
	const __u8 *data; /* all of it */
	__u32 len;
	void *linear; /* as much as can be read directly */
	__u32 linear_len;
} kvs_ctx;

extern bool native_is_tc;

#define KVS_GLOBAL(name) native_##name
#define KVS_ACT_PASS     2
#define KVS_ACT_DROP     1
#define KVS_LAST_HOOK    native_is_tc
#define KVS_TAG_IN_FRAME (!native_is_tc)

static inline bool kvs_ctx_is_whole(const kvs_ctx *ctx)
{
	return true;
}

static inline void *kvs_ctx_data(const kvs_ctx *ctx)
{
	return ctx->linear;
}

static inline void *kvs_ctx_end(const kvs_ctx *ctx)
{
	return (__u8 *)ctx->linear + ctx->linear_len;
}

static inline __u32 kvs_ctx_ifindex(const kvs_ctx *ctx)
{
	return 1;
}

static inline __u32 kvs_ctx_len(const kvs_ctx *ctx)
{
	return ctx->len;
}

static inline bool kvs_ctx_load(const kvs_ctx *ctx, __u32 off, void *to, __u32 len)
{
	if (off > ctx->len || len > ctx->len - off)
		return false;
	memcpy(to, ctx->data + off, len);
	return true;
}

static inline bool kvs_ctx_is_gso(const kvs_ctx *ctx)
{
	return false;
}

static inline __u32 kvs_ctx_gso_size(const kvs_ctx *ctx)
{
	return 0;
}

static inline bool kvs_ctx_has_tag(const kvs_ctx *ctx)
{
	return ctx->has_tag;
}

static inline __be16 kvs_ctx_tag_proto(const kvs_ctx *ctx)
{
	return ctx->tag_proto;
}

static inline __u16 kvs_ctx_tci(const kvs_ctx *ctx)
{
	return ctx->tci;
}
