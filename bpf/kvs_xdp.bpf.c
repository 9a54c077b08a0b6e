// SPDX-License-Identifier: GPL-2.0-only
/* XDP hook of a port: forwards before the kernel allocates an skb. */
#include "ctx_xdp.h"

#include "parse.h"
#include "port.h"
#include "vlan.h"
#include "flow.h"
#include "count.h"
#include "drop.h"
#include "guard.h"
#include "fastpath.h"
#include "group.h"
#include "output_xdp.h"

/* KVS_GUARD_GO when the way is known then, or a verdict. */
static __always_inline int kvs_decide(struct xdp_md *ctx, struct kvs_frame *f)
{
	int verdict;

	kvs_parse_tags(f);
	kvs_flow_forget(f);
	if (!kvs_port_find(ctx, f))
		return XDP_PASS;
	if (kvs_source_is_bad(f))
		return kvs_drop(f, KVS_DROP_BAD_SOURCE);
	verdict = kvs_guard(ctx, f, false);
	if (verdict != KVS_GUARD_GO)
		return verdict;
	if (kvs_refuse(ctx, f) != KVS_GO)
		return XDP_PASS;
	if (kvs_group_refuses(f))
		return kvs_drop(f, KVS_DROP_GROUP);
	kvs_flow_keep(ctx, f);
	f->way->xdp_max = kvs_xdp_max(f->way);
	return KVS_GUARD_GO;
}

/* Frames with tags, and of flows that are not known. In a function of its own, for which the others
 * do not pay. */
static __noinline int kvs_xdp_other(struct xdp_md *ctx)
{
	struct kvs_frame frame = {};
	int verdict;

	if (!kvs_parse(ctx, &frame) || !kvs_flow_find(&frame))
		return XDP_PASS;
	if (frame.is_tagged && kvs_flow_is_known(ctx, &frame, kvs_flow_type(ctx, &frame)))
		verdict = kvs_guard(ctx, &frame, true);
	else
		verdict = kvs_decide(ctx, &frame);
	if (verdict != KVS_GUARD_GO)
		return verdict;
	return kvs_output_any(ctx, frame.way);
}

SEC("xdp.frags")
int kvs_xdp(struct xdp_md *ctx)
{
	struct kvs_frame frame = {};
	int verdict;

	if (!kvs_parse(ctx, &frame) || !kvs_flow_find(&frame))
		return XDP_PASS;
	if (!kvs_flow_is_known(ctx, &frame, kvs_type_of(&frame)))
		return kvs_xdp_other(ctx);
	verdict = kvs_guard(ctx, &frame, true);
	if (verdict != KVS_GUARD_GO)
		return verdict;
	return kvs_output(ctx, &frame);
}

char LICENSE[] SEC("license") = "GPL";
