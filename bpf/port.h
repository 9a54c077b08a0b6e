/* SPDX-License-Identifier: GPL-2.0-only */
/* The port a frame came in by. */
#pragma once

#include "maps.h"
#include "parse.h"

/* The device's entry and its slot; NULL when KVS does not know the device. */
static __always_inline struct kvs_port *kvs_port_of(__u32 ifindex, __u32 *slot)
{
#pragma unroll
	for (int i = 0; i < KVS_PORT_PROBES; i++) {
		__u32 at = (ifindex + i) & kvs_config.port_mask;
		struct kvs_port *port = bpf_map_lookup_elem(&kvs_ports, &at);

		if (port && port->ifindex == ifindex) {
			*slot = at;
			return port;
		}
	}
	return NULL;
}

/* Sets port, slot and flags; false when KVS does not know the device. */
static __always_inline bool kvs_port_find(kvs_ctx *ctx, struct kvs_frame *f)
{
	f->port = kvs_port_of(kvs_ctx_ifindex(ctx), &f->way->slot);
	if (!f->port)
		return false;
	f->way->in = f->port->flags;
	return true;
}

/* The bridge drops these before it learns, and counts nothing. */
static __always_inline bool kvs_source_is_bad(const struct kvs_frame *f)
{
	return kvs_is_group(f->eth->h_source) || kvs_is_zero(f->eth->h_source);
}
