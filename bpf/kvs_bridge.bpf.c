// SPDX-License-Identifier: GPL-2.0-only
/* tc hooks of a bridge device, while ports are admitted: what the bridge hands up to the host has
 * to have come by an admitted port, and what the host sends or routes through the device is
 * admitted.
 */
#include "ctx_tc.h"

#include "parse.h"
#include "admit.h"

/* What the bridge makes itself, for the host: a query of group membership. What comes by a port has
 * the packet type of its destination. */
static __always_inline bool is_own(struct __sk_buff *ctx)
{
	const struct ethhdr *eth = kvs_ctx_data(ctx);

	return (void *)(eth + 1) <= kvs_ctx_end(ctx) && !ctx->pkt_type && kvs_is_group(eth->h_dest);
}

SEC("tc")
int kvs_bridge_in(struct __sk_buff *ctx)
{
	__u32 ifindex = ctx->ifindex;
	__u64 *refused;

	if (kvs_admit_take(ctx) || is_own(ctx))
		return TC_ACT_UNSPEC;
	refused = bpf_map_lookup_elem(&kvs_admit_counters, &ifindex);
	if (refused)
		(*refused)++;
	return TC_ACT_SHOT;
}

SEC("tc")
int kvs_bridge_out(struct __sk_buff *ctx)
{
	__u32 zero = 0;
	const struct kvs_state *state = bpf_map_lookup_elem(&kvs_state, &zero);

	if (state)
		kvs_admit(ctx, state);
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";
