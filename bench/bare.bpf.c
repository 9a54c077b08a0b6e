// SPDX-License-Identifier: GPL-2.0-only
/* The ceiling of a switch made of XDP: it sends every frame to the other port, and does nothing
 * else. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} other SEC(".maps");

SEC("xdp")
int bare(struct xdp_md *ctx)
{
	return bpf_redirect_map(&other, 0, XDP_PASS);
}

char _license[] SEC("license") = "GPL";
