// SPDX-License-Identifier: GPL-2.0-only
/* Counts what arrives at a device, and drops it. */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "sink.h"
#include "source.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sink_count);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SINK_BUCKETS);
	__type(key, __u32);
	__type(value, __u64);
} delays SEC(".maps");

const volatile bool is_stamped; /* frames are, by the source */

/* 16 buckets for each power of two. */
static __always_inline __u32 bucket(__u64 ns)
{
	__u32 log = 0;

	for (int shift = 16; shift; shift >>= 1)
		if (ns >> (log + shift))
			log += shift;
	return log < 4 ? ns : (log - 3) << 4 | (ns >> (log - 4) & 15);
}

static __always_inline void take_delay(void *data, void *end)
{
	const __u64 *stamp = data + SOURCE_STAMP;
	__u64 *n;
	__u32 key;

	if ((void *)(stamp + 1) > end)
		return;
	key = bucket(bpf_ktime_get_ns() - *stamp);
	n = bpf_map_lookup_elem(&delays, &key);
	if (n)
		++*n;
}

SEC("xdp")
int sink(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct sink_count *count = bpf_map_lookup_elem(&counts, &key);

	if (count) {
		count->frames++;
		count->bytes += ctx->data_end - ctx->data;
	}
	if (is_stamped)
		take_delay((void *)(long)ctx->data, (void *)(long)ctx->data_end);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
