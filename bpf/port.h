/* SPDX-License-Identifier: GPL-2.0-only */
/* The port a frame came in by. */
#pragma once

#include "maps.h"
#include "parse.h"

/* Sets port, slot and flags; false when KVS does not know the device. */
static __always_inline bool kvs_port_find(kvs_ctx *ctx, struct kvs_frame *f)
{
	__u32 ifindex = kvs_ctx_ifindex(ctx);

#pragma unroll
	for (int i = 0; i < KVS_PORT_PROBES; i++) {
		__u32 slot = (ifindex + i) & kvs_config.port_mask;

		f->port = bpf_map_lookup_elem(&kvs_ports, &slot);
		if (f->port && f->port->ifindex == ifindex) {
			f->way->slot = slot;
			f->way->in = f->port->flags;
			return true;
		}
	}
	return false;
}

/* The bridge drops these before it learns, and counts nothing. */
static __always_inline bool kvs_source_is_bad(const struct kvs_frame *f)
{
	return kvs_is_group(f->eth->h_source) || kvs_is_zero(f->eth->h_source);
}
