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
#include "fastpath.h"
#include "output.h"

#define KVS_DECIDED (-2) /* no verdict yet: its way is known */

/* Of a flow that is not known. In a function of its own, which the known ones do not pay for. */
static __noinline int kvs_decide(struct __sk_buff *ctx)
{
	struct kvs_frame frame = {};
	enum kvs_slow why;

	if (!kvs_parse(ctx, &frame) || !kvs_flow_find(&frame))
		return TC_ACT_UNSPEC;
	kvs_parse_tags(&frame);
	kvs_flow_forget(&frame);
	if (!kvs_port_find(ctx, &frame))
		return TC_ACT_UNSPEC;
	if (kvs_source_is_bad(&frame))
		return kvs_drop(&frame, KVS_DROP_BAD_SOURCE);
	why = kvs_refuse(ctx, &frame);
	if (why != KVS_GO)
		return kvs_pass(&frame, why);
	kvs_flow_keep(ctx, &frame);
	return KVS_DECIDED;
}

SEC("tc")
int kvs_ingress(struct __sk_buff *ctx)
{
	struct kvs_frame frame = {};
	int verdict;

	if (!kvs_parse(ctx, &frame) || !kvs_flow_find(&frame))
		return TC_ACT_UNSPEC;
	if (!kvs_flow_is_known(ctx, &frame, kvs_flow_type(ctx, &frame)) || !kvs_fits(ctx, &frame)) {
		verdict = kvs_decide(ctx);
		if (verdict != KVS_DECIDED)
			return verdict;
	}
	return kvs_output(ctx, &frame);
}

char LICENSE[] SEC("license") = "GPL";
