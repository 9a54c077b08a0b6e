// SPDX-License-Identifier: GPL-2.0-only
/* tc egress hook of a port: policy of the receiving port, for what the bridge forwards and floods.
 */
#include "ctx_tc.h"

#include "port.h"
#include "group.h"

static __always_inline int kvs_refuse_out(__u32 slot, enum kvs_drop why)
{
	struct kvs_egress_counters *c = bpf_map_lookup_elem(&kvs_egress_counters, &slot);

	if (c && why < KVS_DROP_PLAIN)
		c->drop[why]++;
	return TC_ACT_SHOT;
}

/* ingress_ifindex is the port that a bridged frame came in by, or the device that the host routed
 * it from; 0 if the host made it. */
SEC("tc")
int kvs_egress(struct __sk_buff *ctx)
{
	struct kvs_port *in, *out;
	__u32 from, to;

	if (!kvs_config.has_group || !ctx->ingress_ifindex)
		return TC_ACT_UNSPEC;
	out = kvs_port_of(ctx->ifindex, &to);
	if (!out || out->group == KVS_GROUP_PROMISCUOUS)
		return TC_ACT_UNSPEC;
	in = kvs_port_of(ctx->ingress_ifindex, &from);
	if (!in || in->bridge != out->bridge || kvs_group_allows(in->group, out->group))
		return TC_ACT_UNSPEC;
	return kvs_refuse_out(to, KVS_DROP_GROUP);
}

char LICENSE[] SEC("license") = "GPL";
