/* SPDX-License-Identifier: GPL-2.0-only */
/* Port groups: which ports of a switch may talk to each other, as in a private VLAN. */
#pragma once

#include "maps.h"
#include "parse.h"

static __always_inline bool kvs_group_allows(__u16 from, __u16 to)
{
	if (from == KVS_GROUP_PROMISCUOUS || to == KVS_GROUP_PROMISCUOUS)
		return true;
	return from == to && from != KVS_GROUP_ISOLATED;
}

static __always_inline __u16 kvs_group_of(__u32 slot)
{
	const struct kvs_port *port = bpf_map_lookup_elem(&kvs_ports, &slot);

	return port ? port->group : KVS_GROUP_ISOLATED;
}

/* Of a frame whose target is known; others meet the egress hook of each port they reach. By slot:
 * to keep the ports at hand would cost instructions also where there are no groups.
 */
static __always_inline bool kvs_group_refuses(const struct kvs_frame *f)
{
	if (!kvs_config.has_group)
		return false;
	return !kvs_group_allows(kvs_group_of(f->way->slot), kvs_group_of(f->way->target_slot));
}
