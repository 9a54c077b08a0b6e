// SPDX-License-Identifier: GPL-2.0-only
/* tc egress hook of a port: policy of the receiving port, for what the bridge forwards and floods.
 */
#include "ctx_tc.h"

#include "parse.h"
#include "port.h"
#include "admit.h"
#include "group.h"

static __always_inline int kvs_refuse_out(__u32 slot, enum kvs_drop why)
{
	struct kvs_egress_counters *c = bpf_map_lookup_elem(&kvs_egress_counters, &slot);

	if (c && why < KVS_DROP_PLAIN)
		c->drop[why]++;
	return TC_ACT_SHOT;
}

static __always_inline bool kvs_group_refuses_out(struct __sk_buff *ctx, const struct kvs_port *out)
{
	const struct kvs_port *in;
	__u32 slot;

	if (!kvs_config.has_group || out->group == KVS_GROUP_PROMISCUOUS)
		return false;
	in = kvs_port_of(ctx->ingress_ifindex, &slot);
	return in && in->bridge == out->bridge && !kvs_group_allows(in->group, out->group);
}

/* ingress_ifindex is the port that a bridged frame came in by, or the device that the host routed
 * it from; 0 if the host made it. */
SEC("tc")
int kvs_egress(struct __sk_buff *ctx)
{
	bool is_admitted = !kvs_config.has_admit || kvs_admit_take(ctx);
	struct kvs_port *out;
	__u32 slot;

	if (!ctx->ingress_ifindex)
		return TC_ACT_UNSPEC;
	out = kvs_port_of(ctx->ifindex, &slot);
	if (!out)
		return TC_ACT_UNSPEC;
	if (!is_admitted && (out->flags & KVS_PORT_ADMIT))
		return kvs_refuse_out(slot, KVS_DROP_NOT_ADMITTED);
	if (kvs_group_refuses_out(ctx, out))
		return kvs_refuse_out(slot, KVS_DROP_GROUP);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";
