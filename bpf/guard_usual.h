/* SPDX-License-Identifier: GPL-2.0-only */
/* Established traffic: what is allowed at first sight, read where it lies. All else is for the
 * rules to judge, which come to the same for these.
 *
 * It reads the frame anew, and keeps nothing that the stages before it know: for that to be at hand
 * here, they would need more instructions, also where no port has a guard.
 */
#pragma once

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "guard_addr.h"
#include "guard_ipv4.h"
#include "guard_ipv6.h"

struct kvs_guard_usual {
	const struct kvs_guard *guard;
	__u32 slot;
	const void *l3;
	const void *end;
	__u32 len; /* from l3 on */
};

static __always_inline bool kvs_guard_is_seen(const struct kvs_guard_usual *u,
					      const union kvs_guard_ip *ip)
{
	__u32 at = kvs_guard_seen_index(u->slot, ip), zero = 0;
	const struct kvs_guard_seen *seen;
	const struct kvs_state *state;

	if (!(u->guard->flags & KVS_GUARD_ADDRESSES))
		return true;
	state = bpf_map_lookup_elem(&kvs_state, &zero);
	seen = bpf_map_lookup_elem(&kvs_guard_seen, &at);
	return state && seen && kvs_guard_has_seen(seen, u->slot, ip, state->version);
}

/* TCP, or UDP of no DHCP server; len is what is behind the IP header. */
static __always_inline bool kvs_guard_is_usual_l4(const struct kvs_guard_usual *u,
						  const struct udphdr *udp, __u8 proto, __u32 len,
						  __u16 server)
{
	if (proto != IPPROTO_UDP)
		return proto == IPPROTO_TCP;
	return len >= sizeof(*udp) && (const void *)(udp + 1) <= u->end &&
	       udp->source != bpf_htons(server);
}

static __always_inline bool kvs_guard_is_usual_ipv4(const struct kvs_guard_usual *u)
{
	const struct iphdr *ip = u->l3;
	union kvs_guard_ip source;
	__u32 total;

	if ((const void *)(ip + 1) > u->end || *(const __u8 *)ip != 0x45)
		return false;
	total = bpf_ntohs(ip->tot_len);
	if (total < sizeof(*ip) || total > u->len)
		return false;
	if (ip->frag_off & bpf_htons(KVS_IP4_MORE | KVS_IP4_OFFSET))
		return false;
	kvs_guard_map_ip4(&source, ip->saddr);
	return kvs_guard_is_usual_l4(u, (const void *)(ip + 1), ip->protocol, total - sizeof(*ip),
				     KVS_DHCP_SERVER) &&
	       kvs_guard_is_seen(u, &source);
}

static __always_inline bool kvs_guard_is_usual_ipv6(const struct kvs_guard_usual *u)
{
	const struct ipv6hdr *ip = u->l3;
	union kvs_guard_ip source;
	__u32 len;

	if ((const void *)(ip + 1) > u->end || ip->version != 6)
		return false;
	len = bpf_ntohs(ip->payload_len);
	if (sizeof(*ip) + len > u->len)
		return false;
	__builtin_memcpy(&source, &ip->saddr, sizeof(source));
	return kvs_guard_is_usual_l4(u, (const void *)(ip + 1), ip->nexthdr, len,
				     KVS_DHCPV6_SERVER) &&
	       kvs_guard_is_seen(u, &source);
}

/* Of a flow that is known, what there is to say of its Ethernet header has been said; but for an
 * ethertype behind a tag, which is no part of a flow. XDP takes one tag, tc one in metadata.
 */
static __always_inline bool kvs_guard_is_usual(kvs_ctx *ctx, const struct kvs_guard *guard,
					       __u32 slot)
{
	const struct ethhdr *eth = kvs_ctx_data(ctx);
	struct kvs_guard_usual u = {
		.guard = guard,
		.slot = slot,
		.l3 = eth + 1,
		.end = kvs_ctx_end(ctx),
	};
	const __be16 *tag = u.l3;
	__be16 proto;

	if (u.l3 > u.end)
		return false;
	/* tc has frames in several pieces all the time, XDP large ones */
	u.len = (KVS_LAST_HOOK ? kvs_ctx_len(ctx) : u.end - (const void *)eth) - ETH_HLEN;
	proto = eth->h_proto;
	if (KVS_TAG_IN_FRAME && kvs_is_tag(proto) && (const void *)(tag + 2) <= u.end) {
		proto = tag[1];
		u.l3 = tag + 2;
		u.len -= KVS_VLAN_HLEN;
	}
	if (u.guard->types[0] && (u.l3 != eth + 1 || kvs_ctx_has_tag(ctx)))
		return false;
	if (proto == bpf_htons(ETH_P_IP))
		return kvs_guard_is_usual_ipv4(&u);
	return proto == bpf_htons(ETH_P_IPV6) && kvs_guard_is_usual_ipv6(&u);
}
