// SPDX-License-Identifier: GPL-2.0-only
/* What the hooks are told of a port: KVS_PORT_*. */
#include <linux/if_bridge.h>
#include <string.h>

#include "admit.h"
#include "netfilter.h"
#include "port.h"
#include "switch.h"

static uint32_t bridge_flags(const struct kvsd *k, const struct link *bridge)
{
	uint32_t flags = 0;

	if (bridge->vlan_filtering)
		flags |= KVS_PORT_VLAN_AWARE;
	if (bridge->vlan_stag)
		flags |= KVS_PORT_STAG;
	if (bridge->vlan_filtering && bridge->vlan_stats)
		flags |= KVS_PORT_VLAN_STATS;
	if (bridge->mst)
		flags |= KVS_PORT_MST;
	if (bridge->promiscuity)
		flags |= KVS_PORT_PROMISC;
	if (bridge->sw->has_suppress)
		flags |= KVS_PORT_SUPPRESS;
	if (bridge->sw->netfilter == KVS_NETFILTER_FOLLOW && *netfilter_of_bridge(k, bridge))
		flags |= KVS_PORT_NETFILTER;
	return flags;
}

/* Chains at the port itself, which redirected frames would go past. */
static uint32_t netfilter_flags(const struct kvsd *k, const struct link *l,
				const struct link *bridge)
{
	uint32_t flags = 0;

	if (bridge->sw->netfilter != KVS_NETFILTER_FOLLOW)
		return 0;
	if (*netfilter_of_port(k, l, false))
		flags |= KVS_PORT_NETFILTER;
	if (*netfilter_of_port(k, l, true))
		flags |= KVS_PORT_NETFILTER_OUT;
	return flags;
}

static bool has_vlans(const struct kvsd *k, const struct link *port)
{
	links_for_each(&k->links, l)
		if (l->lower == port->ifindex && !strcmp(l->kind, "vlan"))
			return true;
	return false;
}

static uint32_t device_flags(const struct kvsd *k, const struct link *l)
{
	uint32_t flags = 0;

	if (l->state == BR_STATE_FORWARDING && (l->flags & IFF_UP))
		flags |= KVS_PORT_FORWARDING;
	if (l->brport & LINK_LOCKED)
		flags |= KVS_PORT_LOCKED;
	if (l->brport & LINK_ISOLATED)
		flags |= KVS_PORT_ISOLATED;
	if (l->brport & LINK_HAIRPIN)
		flags |= KVS_PORT_HAIRPIN;
	if (l->brport & LINK_LEARNING)
		flags |= KVS_PORT_LEARNING;
	if (l->brport & LINK_VLAN_TUNNEL)
		flags |= KVS_PORT_VLAN_TUNNEL;
	if (l->has_switch_id)
		flags |= KVS_PORT_OFFLOADED;
	if (has_vlans(k, l))
		flags |= KVS_PORT_VLAN_UPPER;
	if (l->is_wire)
		flags |= KVS_PORT_CSUM_DONE;
	if (!strcmp(l->kind, "tun"))
		flags |= KVS_PORT_TAP;
	if (!strcmp(l->kind, "veth"))
		flags |= KVS_PORT_VETH;
	return flags;
}

/* XDP frames sent to a driver that cannot take them vanish: a tap takes them always, a veth when
 * its peer polls, others (by experience with NICs) when they run an XDP program themselves.
 */
static bool takes_xdp(const struct link *l)
{
	const struct port *p = l->port;

	if (p->others.egress)
		return false;
	if (!strcmp(l->kind, "tun"))
		return true;
	if (!strcmp(l->kind, "veth"))
		return p->is_peer_ready;
	return p->xdp_link >= 0;
}

static uint32_t own_flags(const struct kvsd *k, const struct link *l)
{
	const struct port *p = l->port;
	uint32_t flags = p->tags;

	if (p->path == KVS_PATH_SLOW)
		flags |= KVS_PORT_SLOW;
	if (p->has_clsact)
		flags |= KVS_PORT_CLSACT;
	if (p->has_no_addr)
		flags |= KVS_PORT_NO_ADDR;
	if (p->gro == GRO_KVS)
		flags |= KVS_PORT_PEER_GRO;
	if (takes_xdp(l))
		flags |= KVS_PORT_XDP_TX;
	if (admit_is_at(k, l))
		flags |= KVS_PORT_ADMIT;
	if (guard_is_written(k, l))
		flags |= KVS_PORT_GUARD;
	return flags;
}

uint32_t port_flags(const struct kvsd *k, const struct link *l, const struct link *bridge)
{
	return bridge_flags(k, bridge) | device_flags(k, l) | own_flags(k, l) |
	       netfilter_flags(k, l, bridge);
}
