// SPDX-License-Identifier: GPL-2.0-only
/* The ends of a wire without a stack behind them: a source of XDP frames, a sink that counts, and
 * between them the least that a switch can do.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "live.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct live_sunk);
} live_sunk SEC(".maps");

/* From the ifindex a frame came in by to the one it leaves by; 0 is the source. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u32);
} live_target SEC(".maps");

/* The same for tc, which has no devmap. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u32);
} live_target_tc SEC(".maps");

/* for BPF_F_TEST_XDP_LIVE_FRAMES */
SEC("xdp")
int live_source(struct xdp_md *ctx)
{
	return bpf_redirect_map(&live_target, 0, XDP_DROP);
}

SEC("xdp")
int live_cross(struct xdp_md *ctx)
{
	return bpf_redirect_map(&live_target, ctx->ingress_ifindex, XDP_DROP);
}

SEC("tc")
int live_cross_tc(struct __sk_buff *ctx)
{
	__u32 port = ctx->ifindex, *target = bpf_map_lookup_elem(&live_target_tc, &port);

	return target ? bpf_redirect(*target, 0) : TC_ACT_SHOT;
}

/* One processor: nothing here is atomic. */
SEC("xdp")
int live_sink(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct live_sunk *s = bpf_map_lookup_elem(&live_sunk, &zero);

	if (s && s->count++ % LIVE_LAP == 0)
		s->start[s->count / LIVE_LAP % LIVE_LAPS] = bpf_ktime_get_ns();
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
