// SPDX-License-Identifier: GPL-2.0-only
/* Counts what arrives at a device, and drops it. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "sink.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sink_count);
} counts SEC(".maps");

SEC("xdp")
int sink(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct sink_count *count = bpf_map_lookup_elem(&counts, &key);

	if (count) {
		count->frames++;
		count->bytes += ctx->data_end - ctx->data;
	}
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
