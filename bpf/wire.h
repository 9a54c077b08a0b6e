/* SPDX-License-Identifier: GPL-2.0-only */
/* A frame as the wire would carry it: GSO cut into its segments, each with its headers. */
#pragma once

#include <stddef.h>
#include <linux/ip.h>
#include <linux/tcp.h>

#include "parse.h"

struct kvs_wire {
	__u32 frames;
	__u32 bytes; /* with Ethernet headers and tags; no preamble, checksum or gap */
};

/* Offset of the network header; sets the ethertype. */
static __always_inline __u32 kvs_wire_l3(kvs_ctx *ctx, __be16 *proto)
{
	__u32 at = offsetof(struct ethhdr, h_proto);

	kvs_ctx_load(ctx, at, proto, sizeof(*proto));
	for (int i = 0; i < KVS_MAX_TAGS && kvs_is_tag(*proto); i++) {
		at += KVS_VLAN_HLEN;
		kvs_ctx_load(ctx, at, proto, sizeof(*proto));
	}
	return at + sizeof(*proto);
}

/* Offset of the transport header. GSO has no extension headers to speak of. */
static __always_inline __u32 kvs_wire_l4(kvs_ctx *ctx, __u8 *proto)
{
	__be16 type = 0;
	__u32 l3 = kvs_wire_l3(ctx, &type);
	struct ipv6hdr ip6 = {};
	struct iphdr ip4 = {};

	if (type == bpf_htons(ETH_P_IP)) {
		kvs_ctx_load(ctx, l3, &ip4, sizeof(ip4));
		*proto = ip4.protocol;
		return l3 + ip4.ihl * 4;
	}
	kvs_ctx_load(ctx, l3, &ip6, sizeof(ip6));
	*proto = ip6.nexthdr;
	return l3 + sizeof(ip6);
}

/* Bytes that each segment begins with. */
static __noinline __u32 kvs_wire_headers(kvs_ctx *ctx)
{
	__u8 proto = 0;
	__u32 l4 = kvs_wire_l4(ctx, &proto);
	struct tcphdr tcp = {};

	if (proto != IPPROTO_TCP)
		return l4 + 8; /* UDP */
	kvs_ctx_load(ctx, l4, &tcp, sizeof(tcp));
	return l4 + tcp.doff * 4;
}

static __always_inline struct kvs_wire kvs_wire(kvs_ctx *ctx)
{
	__u32 tag = kvs_ctx_has_tag(ctx) ? KVS_VLAN_HLEN : 0, len = kvs_ctx_len(ctx), head;
	struct kvs_wire wire = {.frames = 1, .bytes = len + tag};
	__u32 size = kvs_ctx_gso_size(ctx);

	if (!size)
		return wire;
	head = kvs_wire_headers(ctx);
	if (head >= len)
		return wire;
	wire.frames = (len - head + size - 1) / size;
	wire.bytes += (wire.frames - 1) * (head + tag);
	return wire;
}
