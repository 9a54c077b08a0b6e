/* SPDX-License-Identifier: GPL-2.0-only */
/* The only way to drop a frame: with a reason. */
#pragma once

#include "count.h"

static __always_inline int kvs_drop(const struct kvs_frame *f, enum kvs_drop why)
{
	struct kvs_counters *c = kvs_counters_of(f);

	if (c && why < KVS_DROP_PLAIN)
		c->drop[why]++;
	return KVS_ACT_DROP;
}
