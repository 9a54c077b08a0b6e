// SPDX-License-Identifier: GPL-2.0-only
/* tc ingress hook of a port: forwards before the bridge, with GSO and partial checksums as they
 * are. */
#include "ctx_tc.h"

#include "parse.h"
#include "port.h"
#include "vlan.h"
#include "flow.h"
#include "count.h"
#include "drop.h"
#include "guard.h"
#include "admit.h"
#include "fastpath.h"
#include "group.h"
#include "output.h"

/* Of a flow that is not known: KVS_GUARD_GO when its way is, then, or a verdict. In a function of
 * its own, which the known ones do not pay for. */
static __noinline int kvs_decide(struct __sk_buff *ctx)
{
	struct kvs_frame frame = {};
	int verdict;
	enum kvs_slow why;

	if (!kvs_parse(ctx, &frame) || !kvs_flow_find(&frame))
		return TC_ACT_UNSPEC;
	kvs_parse_tags(&frame);
	kvs_flow_forget(&frame);
	if (!kvs_port_find(ctx, &frame))
		return TC_ACT_UNSPEC;
	if (kvs_source_is_bad(&frame))
		return kvs_drop(&frame, KVS_DROP_BAD_SOURCE);
	verdict = kvs_guard(ctx, &frame, false);
	if (verdict != KVS_GUARD_GO)
		return verdict;
	kvs_admit(ctx, frame.state);
	why = kvs_refuse(ctx, &frame);
	if (why != KVS_GO)
		return kvs_pass(&frame, why);
	if (kvs_group_refuses(&frame))
		return kvs_drop(&frame, KVS_DROP_GROUP);
	kvs_flow_keep(ctx, &frame);
	return KVS_GUARD_GO;
}

SEC("tc")
int kvs_ingress(struct __sk_buff *ctx)
{
	struct kvs_frame frame = {};
	int verdict;

	if (!kvs_parse(ctx, &frame) || !kvs_flow_find(&frame))
		return TC_ACT_UNSPEC;
	if (kvs_flow_is_known(ctx, &frame, kvs_flow_type(ctx, &frame)) && kvs_fits(ctx, &frame))
		verdict = kvs_guard(ctx, &frame, true);
	else
		verdict = kvs_decide(ctx);
	if (verdict != KVS_GUARD_GO)
		return verdict;
	kvs_admit(ctx, frame.state);
	return kvs_output(ctx, &frame);
}

char LICENSE[] SEC("license") = "GPL";
