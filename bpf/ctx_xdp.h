/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame as an XDP hook has it: the driver's buffer. Same functions as ctx_tc.h. */
#pragma once

#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "maps.h"

typedef struct xdp_md kvs_ctx;

#define KVS_ACT_PASS XDP_PASS
#define KVS_ACT_DROP XDP_DROP

/* Name of a function that is not static: the verifier looks at it once, by itself. The hooks are
 * linked to one object.
 */
#define KVS_GLOBAL(name) name##_xdp

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

/* Of the kernel's own types, what is read; libbpf finds the places in its BTF. */
#define KVS_CORE __attribute__((preserve_access_index))

struct list_head {
	struct list_head *next;
} KVS_CORE;

struct net_device;

struct xdp_rxq_info {
	struct net_device *dev;
} KVS_CORE;

struct netdev_rx_queue {
	struct xdp_rxq_info xdp_rxq;
} KVS_CORE;

struct net_device {
	struct netdev_rx_queue *_rx;
} KVS_CORE;

struct xdp_buff {
	struct xdp_rxq_info *rxq;
	__u32 flags;
} KVS_CORE;

struct sk_buff {
	__u8 ip_summed : 2;
} KVS_CORE;

/* Of Linux 6.3 and later. */
struct veth_xdp_buff {
	struct sk_buff *skb;
} KVS_CORE;

#define KVS_CHECKSUM_PARTIAL 3 /* CHECKSUM_PARTIAL */

#define KVS_XDP_HAS_FRAGS 1 /* XDP_FLAGS_HAS_FRAGS */

/* Linux 6.2 and later: where kvs_config.has_kern_ctx says so. */
void *bpf_cast_to_kern_ctx(void *ctx) __ksym __weak;
void *bpf_rdonly_cast(void *from, __u32 btf_id) __ksym __weak;

static __always_inline struct xdp_buff *kvs_ctx_kern(kvs_ctx *ctx)
{
	return bpf_cast_to_kern_ctx(ctx);
}

/* Bytes with Ethernet header and tags, of a frame that is whole. */
static __always_inline __u32 kvs_ctx_len(kvs_ctx *ctx)
{
	return ctx->data_end - ctx->data;
}

/* Not every driver sends a frame in several pieces: tc takes those. */
static __always_inline bool kvs_ctx_is_whole(kvs_ctx *ctx)
{
	/* a call costs as much as a few look-ups in an array */
	if (kvs_config.has_kern_ctx)
		return !(kvs_ctx_kern(ctx)->flags & KVS_XDP_HAS_FRAGS);
	return bpf_xdp_get_buff_len(ctx) == kvs_ctx_len(ctx);
}

/* Copies bytes, wherever they lie; false when the frame has not as many. */
static __always_inline bool kvs_ctx_load(kvs_ctx *ctx, __u32 off, void *to, __u32 len)
{
	return !bpf_xdp_load_bytes(ctx, off, to, len);
}

/* Generic XDP, on an skb, has the device's own queue where drivers have theirs. */
static __always_inline bool kvs_ctx_has_own_queue(kvs_ctx *ctx)
{
	struct xdp_rxq_info *rxq = kvs_ctx_kern(ctx)->rxq;
	struct netdev_rx_queue *queues = rxq->dev->_rx;
	__u64 at = (__u64)ctx->rx_queue_index * bpf_core_type_size(struct netdev_rx_queue);

	return (__u64)rxq == (__u64)queues + at + bpf_core_field_offset(queues->xdp_rxq);
}

/* Of a tap. It runs XDP generically, natively attached, too: on GSO, on what is longer than a page,
 * on what was written by a blocking write. Its driver leaves no room for metadata before Linux
 * 6.15; generic XDP does.
 */
static __always_inline bool kvs_ctx_is_skb(kvs_ctx *ctx)
{
	if (kvs_config.has_kern_ctx)
		return kvs_ctx_has_own_queue(ctx);
	return (void *)(long)ctx->data_meta <= (void *)(long)ctx->data;
}

/* Whether kvs_ctx_is_partial() can be asked. */
static __always_inline bool kvs_ctx_has_marks(void)
{
	return kvs_config.has_kern_ctx && bpf_core_field_exists(struct veth_xdp_buff, skb);
}

/* Of a veth: whether the skb behind the frame has a partial checksum; what XDP sent has no skb. The
 * driver can be a module, whose types programs cannot name: so the pointer is read as another one.
 */
static __always_inline bool kvs_ctx_is_partial(kvs_ctx *ctx)
{
	void *at = (void *)kvs_ctx_kern(ctx) + bpf_core_field_offset(struct veth_xdp_buff, skb);
	struct list_head *pointer = bpf_rdonly_cast(at, bpf_core_type_id_kernel(struct list_head));
	struct sk_buff *skb;

	if (!pointer->next)
		return false;
	skb = bpf_rdonly_cast(pointer->next, bpf_core_type_id_kernel(struct sk_buff));
	return BPF_CORE_READ_BITFIELD(skb, ip_summed) == KVS_CHECKSUM_PARTIAL;
}

/* Where XDP runs on an skb, kvs_ctx_is_skb() says so; elsewhere nothing is GSO. */
static __always_inline bool kvs_ctx_is_gso(const kvs_ctx *ctx)
{
	return false;
}

static __always_inline __u32 kvs_ctx_gso_size(const kvs_ctx *ctx)
{
	return 0;
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
