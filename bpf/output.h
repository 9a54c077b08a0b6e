/* SPDX-License-Identifier: GPL-2.0-only */
/* Send the frame out of its target port, from tc. */
#pragma once

#include "count.h"
#include "drop.h"
#include "retag.h"

/* bpf_redirect() drops when the device is gone and kvsd has not heard of it yet. Of bpf_check_mtu()
 * only the look-up is wanted: the bridge allows 4 bytes more than it does.
 */
static __always_inline bool kvs_dev_is_gone(kvs_ctx *ctx, __u32 ifindex)
{
	__u32 mtu = 0;

	return bpf_check_mtu(ctx, ifindex, &mtu, 0, 0) < 0;
}

static __always_inline int kvs_output(kvs_ctx *ctx, const struct kvs_frame *f)
{
	if (kvs_dev_is_gone(ctx, f->way->target))
		return kvs_pass(f, KVS_SLOW_TARGET);
	if (f->way->vlan && !kvs_retag(ctx, f))
		return kvs_drop(f, KVS_DROP_NO_MEMORY);
	kvs_count_fast(f);
	return bpf_redirect(f->way->target, 0);
}
