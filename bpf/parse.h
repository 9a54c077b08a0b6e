/* SPDX-License-Identifier: GPL-2.0-only */
/* Ethernet and up to two VLAN tags. Include ctx_tc.h or ctx_xdp.h first. */
#pragma once

#include <stdbool.h>
#include <linux/if_ether.h>
#include <linux/ipv6.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>

#include "kvs/abi.h"

#define KVS_VLAN_HLEN 4
#define KVS_L3_MASK   31  /* 14 + 2 * 4 at most */
#define KVS_L4_MASK   127 /* an IPv6 header more, and as far as the checksum field */
#define KVS_MAX_TAGS  2

/* The kernel takes the outer tag out of no shorter frame: it drops it. */
#define KVS_TAGGED_MIN (ETH_HLEN + KVS_VLAN_HLEN + 2)

/* Where the frames of a flow go. */
struct kvs_way {
	__u32 slot; /* of the port they come in by */
	__u32 in;   /* its flags */
	__u32 target_slot;
	__u32 target;    /* ifindex */
	__u32 out;       /* its flags */
	__u32 max_frame; /* of the target */
	__u16 xdp_max;   /* bytes: XDP sends what is no longer as it is, see kvs_xdp_max() */
	/* of a bridge that filters VLANs, see vlan.h */
	__u16 vlan;           /* 0: it does not */
	__u16 tci;            /* of the tag that the bridge has the frame carry */
	bool has_tag : 1;     /* of the bridge's protocol, when it came in */
	bool is_priority : 1; /* that tag had VLAN 0 */
	bool wants_tag : 1;   /* when it leaves */
};

/* What the stages know of a frame. Pointers stay valid while the frame is not resized. */
struct kvs_frame {
	struct ethhdr *eth;
	void *end;      /* end of what can be read directly */
	__u32 len;      /* bytes, see kvs_ctx_len() */
	bool is_tagged; /* in the frame or in metadata */
	bool is_gso;
	struct kvs_state *state;
	struct kvs_flow *flow;
	struct kvs_way *way; /* in flow */
	/* after kvs_parse_tags(): */
	__u32 l3;     /* offset of the network header */
	__be16 proto; /* ethertype behind the tags */
	bool is_cut;  /* within its tags */
	/* of what the flow cache does not know: */
	struct kvs_port *port;
	struct kvs_port *target;
};

static __always_inline bool kvs_is_tag(__be16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD);
}

/* Not by struct ethhdr, which is packed: that would be byte by byte. */
static __always_inline __be16 kvs_type_of(const struct kvs_frame *f)
{
	return *(const __be16 *)((const void *)f->eth + 2 * ETH_ALEN);
}

/* The frames of most flows need no more than the Ethernet header looked at. */
static __always_inline void kvs_parse_tags(struct kvs_frame *f)
{
	__be16 *tag = (void *)(f->eth + 1); /* TCI, then the next ethertype */

	f->l3 = ETH_HLEN;
	f->proto = kvs_type_of(f);
	f->is_cut = KVS_TAG_IN_FRAME && f->is_tagged && f->len < KVS_TAGGED_MIN;
#pragma unroll
	for (int i = 0; i < KVS_MAX_TAGS; i++, tag += 2) {
		if (!kvs_is_tag(f->proto))
			return;
		if ((void *)(tag + 2) > f->end) {
			f->is_cut = true;
			return;
		}
		f->proto = tag[1];
		f->l3 += KVS_VLAN_HLEN;
	}
}

/* False when there is no whole Ethernet header to read, or XDP has the frame in pieces. */
static __always_inline bool kvs_parse(kvs_ctx *ctx, struct kvs_frame *f)
{
	f->eth = kvs_ctx_data(ctx);
	f->end = kvs_ctx_end(ctx);
	if ((void *)(f->eth + 1) > f->end || !kvs_ctx_is_whole(ctx))
		return false;
	f->len = kvs_ctx_len(ctx);
	f->is_gso = kvs_ctx_is_gso(ctx);
	f->is_tagged = kvs_ctx_has_tag(ctx) || kvs_is_tag(kvs_type_of(f));
	return true;
}

static __always_inline bool kvs_is_group(const __u8 *mac)
{
	return mac[0] & 1;
}

static __always_inline bool kvs_is_broadcast(const __u8 *mac)
{
	return (mac[0] & mac[1] & mac[2] & mac[3] & mac[4] & mac[5]) == 0xff;
}

static __always_inline bool kvs_is_zero(const __u8 *mac)
{
	return !(mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]);
}

/* What lies at an offset of the frame; mask, a power of 2 less 1, is the bound the verifier needs
 * to see. The compiler, which knows it already, must not take it away.
 */
static __always_inline void *kvs_at(const struct kvs_frame *f, __u32 off, __u32 mask)
{
	asm volatile("" : "+r"(off));
	return (void *)f->eth + (off & mask);
}

/* ARP or IPv6 neighbour discovery, or something that cannot be told from it here. */
static __always_inline bool kvs_may_be_neighbour(const struct kvs_frame *f)
{
	const struct ipv6hdr *ip6 = (void *)(f->eth + 1);

	if (f->is_tagged)
		return true;
	if (f->proto == bpf_htons(ETH_P_ARP) || f->proto == bpf_htons(ETH_P_RARP))
		return true;
	if (f->proto != bpf_htons(ETH_P_IPV6))
		return false;
	return (void *)(ip6 + 1) > f->end || ip6->nexthdr == IPPROTO_ICMPV6;
}

/* A bridge that has been told to speak these takes such frames out, whoever they are for. */
static __always_inline bool kvs_is_control(const struct kvs_frame *f)
{
	return f->proto == bpf_htons(ETH_P_MRP) || f->proto == bpf_htons(ETH_P_CFM);
}
