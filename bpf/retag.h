/* SPDX-License-Identifier: GPL-2.0-only */
/* The tag a frame leaves with, on tc: as the bridge does it, in the skb's metadata. */
#pragma once

#include "parse.h"
#include "vlan.h"

/* False when there is no memory, which leaves nothing to be sent. A tag behind the one that goes
 * takes its place in metadata, and makes way for the next one.
 */
static __always_inline bool kvs_retag(kvs_ctx *ctx, const struct kvs_frame *f)
{
	__be16 proto = kvs_vlan_proto(f);

	if (f->way->has_tag && (!f->way->wants_tag || f->way->is_priority) && bpf_skb_vlan_pop(ctx))
		return false;
	if (f->way->wants_tag && (!f->way->has_tag || f->way->is_priority) &&
	    bpf_skb_vlan_push(ctx, proto, f->way->tci))
		return false;
	return true;
}
