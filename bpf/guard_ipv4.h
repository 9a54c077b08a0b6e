/* SPDX-License-Identifier: GPL-2.0-only */
/* What a port may send: IPv4. */
#pragma once

#include <linux/ip.h>
#include <linux/udp.h>

#include "guard_addr.h"
#include "guard_mac.h"

#define KVS_IP4_MORE   0x2000 /* fragments follow */
#define KVS_IP4_OFFSET 0x1fff /* in 8 bytes */

#define KVS_DHCP_SERVER 67
#define KVS_DHCP_CLIENT 68

struct kvs_guard_ports {
	__be16 source, dest;
};

/* The header, and of UDP the ports, where they are in the frame. */
struct kvs_guard_ipv4 {
	struct iphdr ip;
	struct kvs_guard_ports udp; /* 0: not known */
	__u32 l4, len;              /* offset and bytes of what is behind the header */
	__u16 frag;                 /* flags and offset */
};

static __always_inline bool kvs_guard_read_ipv4(kvs_ctx *ctx, const struct kvs_guard_view *v,
						struct kvs_guard_ipv4 *h)
{
	__u32 hlen, total;

	if (!kvs_ctx_load(ctx, v->l3, &h->ip, sizeof(h->ip)))
		return false;
	hlen = h->ip.ihl * 4;
	total = bpf_ntohs(h->ip.tot_len);
	if (h->ip.version != 4 || hlen < sizeof(h->ip) || total < hlen || v->l3 + total > v->len)
		return false;
	h->l4 = v->l3 + hlen;
	h->len = total - hlen;
	h->frag = bpf_ntohs(h->ip.frag_off);
	return true;
}

/* Sees to it that the ports can be read where they are there at all: in what is no fragment, or the
 * first.
 */
static __always_inline enum kvs_drop
kvs_guard_read_ports(kvs_ctx *ctx, const struct kvs_guard_view *v, struct kvs_guard_ipv4 *h)
{
	bool is_dhcp = kvs_guard_has(v, KVS_GUARD_DHCP);
	__u16 offset = h->frag & KVS_IP4_OFFSET;

	if (offset == 1 && is_dhcp)
		return KVS_DROP_FRAGMENT;
	if (offset || h->ip.protocol != IPPROTO_UDP)
		return KVS_GUARD_OK;
	if (h->len >= sizeof(struct udphdr) && kvs_ctx_load(ctx, h->l4, &h->udp, sizeof(h->udp)))
		return KVS_GUARD_OK;
	if (!is_dhcp)
		return KVS_GUARD_OK;
	return h->frag & KVS_IP4_MORE ? KVS_DROP_FRAGMENT : KVS_DROP_MALFORMED;
}

/* A DHCP client that has no address yet. */
static __always_inline bool kvs_guard_is_discover(const struct kvs_guard_ipv4 *h)
{
	return !h->ip.saddr && h->ip.daddr == 0xffffffff &&
	       h->udp.source == bpf_htons(KVS_DHCP_CLIENT) &&
	       h->udp.dest == bpf_htons(KVS_DHCP_SERVER);
}

static __noinline enum kvs_drop kvs_guard_ipv4(kvs_ctx *ctx, const struct kvs_guard_view *v)
{
	struct kvs_guard_ipv4 h = {};
	union kvs_guard_ip ip;
	enum kvs_drop why;

	if (!kvs_guard_read_ipv4(ctx, v, &h))
		return KVS_DROP_MALFORMED;
	why = kvs_guard_read_ports(ctx, v, &h);
	if (why != KVS_GUARD_OK)
		return why;
	kvs_guard_map_ip4(&ip, h.ip.saddr);
	if (kvs_guard_has(v, KVS_GUARD_ADDRESSES) && !kvs_guard_is_discover(&h) &&
	    !kvs_guard_owns(v->slot, &ip))
		return KVS_DROP_IPV4;
	if (kvs_guard_has(v, KVS_GUARD_DHCP) && h.udp.source == bpf_htons(KVS_DHCP_SERVER))
		return KVS_DROP_DHCP;
	return KVS_GUARD_OK;
}
