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

SEC("xdp.frags")
int kvs_xdp(struct xdp_md *ctx)
{
	struct kvs_frame frame = {};
	int verdict;

	if (!kvs_parse(ctx, &frame) || !kvs_flow_find(ctx, &frame))
		return XDP_PASS;
	if (kvs_flow_is_known(ctx, &frame)) {
		verdict = kvs_guard(ctx, &frame, true);
		if (verdict != KVS_GUARD_GO)
			return verdict;
	} else {
		kvs_flow_forget(&frame);
		if (!kvs_port_find(ctx, &frame))
			return XDP_PASS;
		if (kvs_source_is_bad(&frame))
			return kvs_drop(&frame, KVS_DROP_BAD_SOURCE);
		verdict = kvs_guard(ctx, &frame, false);
		if (verdict != KVS_GUARD_GO)
			return verdict;
		if (kvs_refuse(ctx, &frame) != KVS_GO)
			return XDP_PASS;
		if (kvs_group_refuses(&frame))
			return kvs_drop(&frame, KVS_DROP_GROUP);
		kvs_flow_keep(ctx, &frame);
	}
	return kvs_output(ctx, &frame);
}

char LICENSE[] SEC("license") = "GPL";
