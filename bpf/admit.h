/* SPDX-License-Identifier: GPL-2.0-only */
/* Admission: what a hook has seen carries a mark through the bridge, and what carries none is
 * refused where it leaves. For tc alone.
 */
#pragma once

#include "maps.h"

/* The way through the bridge does not touch tc_index; a program behind that ends the chain sets it
 * to tc_classid. */
static __always_inline void kvs_admit(struct __sk_buff *ctx, const struct kvs_state *state)
{
	if (!kvs_config.has_admit)
		return;
	ctx->tc_index = state->mark;
	ctx->tc_classid = state->mark;
}

/* Whether it had the mark, which goes no further: the other end of a veth would see it. */
static __always_inline bool kvs_admit_take(struct __sk_buff *ctx)
{
	__u32 zero = 0;
	const struct kvs_state *state = bpf_map_lookup_elem(&kvs_state, &zero);

	if (!state || ctx->tc_index != state->mark)
		return false;
	ctx->tc_index = 0;
	return true;
}
