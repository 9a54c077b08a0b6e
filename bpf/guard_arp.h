/* SPDX-License-Identifier: GPL-2.0-only */
/* What a port may send: ARP and RARP. */
#pragma once

#include "guard_addr.h"
#include "guard_mac.h"

#define KVS_ARP_ETHERNET 1
#define KVS_ARP_REQUEST  1
#define KVS_RARP_REQUEST 3

struct kvs_guard_arp {
	__be16 hrd, pro;
	__u8 hln, pln;
	__be16 op;
	__u8 sha[ETH_ALEN];
	__u8 sip[4];
	__u8 tha[ETH_ALEN];
	__u8 tip[4];
};

static __always_inline bool kvs_guard_is_source(const struct kvs_guard_view *v, const __u8 *mac)
{
	__u8 differ = 0;

	for (int i = 0; i < ETH_ALEN; i++)
		differ |= v->eth.h_source[i] ^ mac[i];
	return !differ;
}

static __always_inline bool kvs_guard_owns_ip4(const struct kvs_guard_view *v, const __u8 *addr)
{
	union kvs_guard_ip ip;
	__be32 word;

	__builtin_memcpy(&word, addr, sizeof(word));
	kvs_guard_map_ip4(&ip, word);
	return kvs_guard_owns(v->slot, &ip);
}

/* Who looks for an address before he uses it asks for it in nobody's name. */
static __always_inline bool kvs_guard_is_probe(const struct kvs_guard_arp *arp)
{
	return arp->op == bpf_htons(KVS_ARP_REQUEST) &&
	       !(arp->sip[0] | arp->sip[1] | arp->sip[2] | arp->sip[3]);
}

static __noinline enum kvs_drop kvs_guard_arp(kvs_ctx *ctx, const struct kvs_guard_view *v)
{
	struct kvs_guard_arp arp = {};
	const __u8 *addr = arp.sip;

	if (!kvs_ctx_load(ctx, v->l3, &arp, sizeof(arp)))
		return KVS_DROP_MALFORMED;
	if (arp.hrd != bpf_htons(KVS_ARP_ETHERNET) || arp.pro != bpf_htons(ETH_P_IP) ||
	    arp.hln != ETH_ALEN || arp.pln != sizeof(arp.sip))
		return KVS_DROP_MALFORMED;
	if (!kvs_guard_is_source(v, arp.sha))
		return KVS_DROP_ARP;
	if (v->proto == bpf_htons(ETH_P_RARP)) {
		bool is_own =
			arp.op != bpf_htons(KVS_RARP_REQUEST) || kvs_guard_is_source(v, arp.tha);

		return is_own ? KVS_GUARD_OK : KVS_DROP_ARP;
	}
	if (!kvs_guard_has(v, KVS_GUARD_ADDRESSES))
		return KVS_GUARD_OK;
	if (kvs_guard_is_probe(&arp))
		addr = arp.tip;
	return kvs_guard_owns_ip4(v, addr) ? KVS_GUARD_OK : KVS_DROP_ARP;
}
