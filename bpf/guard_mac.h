/* SPDX-License-Identifier: GPL-2.0-only */
/* What a port may send, by the Ethernet header: tags, ethertypes, groups of the link, sources. */
#pragma once

#include "guard_view.h"
#include "vlan.h"

static __always_inline bool kvs_guard_type_is_listed(const struct kvs_guard *guard,
						     const struct kvs_guard_view *v)
{
	__be16 type = bpf_ntohs(v->proto) < ETH_P_802_3_MIN ? bpf_htons(KVS_GUARD_LLC) : v->proto;

	for (int i = 0; i < KVS_GUARD_TYPES; i++)
		if (guard->types[i] == type)
			return true;
	return !guard->types[0];
}

/* 01:80:c2:00:00:00 to :0f, which bridges do not forward */
static __always_inline bool kvs_guard_is_link_local(const __u8 *mac)
{
	return mac[0] == 0x01 && mac[1] == 0x80 && mac[2] == 0xc2 && !mac[3] && !mac[4] &&
	       !(mac[5] & 0xf0);
}

static __always_inline enum kvs_drop kvs_guard_ethernet(const struct kvs_guard *guard,
							const struct kvs_guard_view *v)
{
	if (kvs_guard_has(v, KVS_GUARD_SHUT))
		return KVS_DROP_SHUT;
	if (kvs_guard_has(v, KVS_GUARD_TAGS) && v->tags)
		return KVS_DROP_TAG;
	if (!kvs_guard_type_is_listed(guard, v))
		return KVS_DROP_ETHERTYPE;
	if (kvs_guard_has(v, KVS_GUARD_LINK_LOCAL) && kvs_guard_is_link_local(v->eth.h_dest))
		return KVS_DROP_LINK_LOCAL;
	return KVS_GUARD_OK;
}

static __always_inline struct kvs_guard_mac kvs_guard_mac_key(const struct kvs_guard_view *v)
{
	struct kvs_guard_mac key = {.slot = v->slot};

	__builtin_memcpy(key.mac, v->eth.h_source, ETH_ALEN);
	return key;
}

/* The VLAN the bridge would learn the source in. */
static __always_inline __u16 kvs_guard_vlan(const struct kvs_guard_view *v,
					    const struct kvs_port *port)
{
	__be16 proto = bpf_htons(port->flags & KVS_PORT_STAG ? ETH_P_8021AD : ETH_P_8021Q);
	const struct kvs_vlans *vlans;

	if (!(port->flags & KVS_PORT_VLAN_AWARE))
		return 0;
	if (v->tag_proto == proto && (v->tci & KVS_VID_MASK))
		return v->tci & KVS_VID_MASK;
	vlans = bpf_map_lookup_elem(&kvs_vlans, &v->slot);
	return vlans ? vlans->pvid & KVS_VID_MASK : 0;
}

static __always_inline bool kvs_guard_is_claimed(const struct kvs_guard_view *v)
{
	const struct kvs_port *port = bpf_map_lookup_elem(&kvs_ports, &v->slot);
	struct kvs_fdb_key key = {};
	const struct kvs_fdb *fdb;

	if (!port)
		return false;
	key.bridge = port->bridge;
	key.vlan = kvs_guard_vlan(v, port);
	__builtin_memcpy(key.mac, v->eth.h_source, ETH_ALEN);
	fdb = bpf_map_lookup_elem(&kvs_fdb, &key);
	return fdb && (fdb->flags & KVS_FDB_STICKY) && fdb->port != v->slot;
}

/* A list is a limit. */
static __always_inline bool kvs_guard_binds_macs(const struct kvs_guard_view *v)
{
	return kvs_guard_has(v, KVS_GUARD_MACS) || v->max_macs;
}

/* Sets is_new for a source that there is room for. */
static __always_inline enum kvs_drop kvs_guard_source(const struct kvs_guard *guard,
						      struct kvs_guard_view *v)
{
	bool is_own = true;

	if (kvs_guard_binds_macs(v)) {
		struct kvs_guard_mac key = kvs_guard_mac_key(v);

		is_own = bpf_map_lookup_elem(&kvs_guard_macs, &key);
	}
	if (!is_own && kvs_guard_has(v, KVS_GUARD_MACS))
		return KVS_DROP_MAC;
	if (kvs_guard_has(v, KVS_GUARD_STICKY) && kvs_guard_is_claimed(v))
		return KVS_DROP_MAC_CLAIMED;
	if (!is_own && guard->macs >= v->max_macs)
		return KVS_DROP_MAC_LIMIT;
	v->is_new = !is_own;
	return KVS_GUARD_OK;
}

/* Takes one of max_macs for the source, which another CPU may be about to do, too. */
static __always_inline enum kvs_drop kvs_guard_enter(struct kvs_guard *guard,
						     const struct kvs_guard_view *v)
{
	struct kvs_guard_mac key = kvs_guard_mac_key(v);
	struct kvs_guard_owner owner = {.flags = KVS_GUARD_LEARNED};

	if (__sync_fetch_and_add(&guard->macs, 1) < v->max_macs &&
	    !bpf_map_update_elem(&kvs_guard_macs, &key, &owner, BPF_NOEXIST))
		return KVS_GUARD_OK;
	__sync_fetch_and_sub(&guard->macs, 1);
	return bpf_map_lookup_elem(&kvs_guard_macs, &key) ? KVS_GUARD_OK : KVS_DROP_MAC_LIMIT;
}
