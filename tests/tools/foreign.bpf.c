// SPDX-License-Identifier: GPL-2.0-only
/* Another tool's programs: they count all frames, and drop the stream with id 99 of the frames
 * tool. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define DROPPED 99

struct udp_frame {
	__u8 addresses[12];
	__be16 type;
	__u8 ip_and_udp[28];
	__u32 magic, id;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} foreign_count SEC(".maps");

static __always_inline int is_dropped(const struct udp_frame *f, const void *end)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&foreign_count, &zero);

	if (n)
		__sync_fetch_and_add(n, 1);
	return (void *)(f + 1) <= end && f->type == bpf_htons(0x0800) && f->id == DROPPED;
}

SEC("xdp")
int foreign_xdp(struct xdp_md *ctx)
{
	return is_dropped((void *)(long)ctx->data, (void *)(long)ctx->data_end) ? XDP_DROP
										: XDP_PASS;
}

SEC("tc/foreign_tc")
int foreign_tc(struct __sk_buff *ctx)
{
	return is_dropped((void *)(long)ctx->data, (void *)(long)ctx->data_end) ? TC_ACT_SHOT
										: TC_ACT_UNSPEC;
}

/* As most filters end: nothing after it runs. */
SEC("tc/foreign_ok")
int foreign_ok(struct __sk_buff *ctx)
{
	return is_dropped((void *)(long)ctx->data, (void *)(long)ctx->data_end) ? TC_ACT_SHOT
										: TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
