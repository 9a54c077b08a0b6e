// SPDX-License-Identifier: GPL-2.0-only
/* Sends every live frame out of one device, with the addresses and the length that are its turn. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "source.h"

#define FRAME_MAX 1514 /* of the frames it is made of; frame.h has it, too */

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} out SEC(".maps");

/* What is 1 or false costs nothing: the verifier removes it. */
const volatile __u32 sources = 1, destinations = 1, lengths = 1;
const volatile bool in_random_order, is_stamped;
const volatile __u64 interval; /* from one frame to the next, in 1/1024 ns; 0: as fast as it goes */
const volatile struct source_frame frames[SOURCE_FRAMES];

/* One CPU runs this at a time. */
__u64 sent, due;
__u32 source_turn, destination_turn, length_turn, seed = 1;

static __always_inline __u32 next(__u32 *turn, __u32 n)
{
	if (in_random_order) {
		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		return (__u64)seed * n >> 32;
	}
	if (++*turn >= n)
		*turn = 0;
	return *turn;
}

/* The last four bytes of a MAC are its number. */
static __always_inline void set_number(void *mac, __u32 number)
{
	*(__u32 *)(mac + 2) = bpf_htonl(number);
}

static __always_inline int set_frame(struct xdp_md *ctx)
{
	__u32 i = next(&length_turn, lengths);
	const volatile struct source_frame *frame;
	void *data, *end;

	if (i >= SOURCE_FRAMES)
		return -1;
	frame = &frames[i];
	if (bpf_xdp_adjust_tail(ctx, (int)frame->length - FRAME_MAX))
		return -1;
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (data + SOURCE_HEADER > end)
		return -1;
	for (int w = 0; w < SOURCE_HEADER / 8; w++)
		((__u64 *)data)[w] = frame->header[w];
	return 0;
}

static long is_due(__u32 i, void *ctx)
{
	return bpf_ktime_get_ns() >= *(__u64 *)ctx >> 10;
}

/* Who is late by more than a little does not catch up, which would be a burst. */
static __always_inline void pace(void)
{
	__u64 now = bpf_ktime_get_ns(), until = due;

	if (now > (due >> 10) + SOURCE_LATE)
		due = now << 10;
	else
		bpf_loop(1 << 20, is_due, &until, 0);
	due += interval;
}

static __always_inline void stamp(void *data, void *end)
{
	__u64 *at = data + SOURCE_STAMP;

	if ((void *)(at + 1) <= end)
		*at = bpf_ktime_get_ns();
}

SEC("xdp")
int source(struct xdp_md *ctx)
{
	void *data;

	if (lengths > 1 && set_frame(ctx))
		return XDP_ABORTED;
	data = (void *)(long)ctx->data;
	if (data + sizeof(struct ethhdr) > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	if (destinations > 1)
		set_number(data, next(&destination_turn, destinations));
	if (sources > 1)
		set_number(data + ETH_ALEN, next(&source_turn, sources));
	if (interval)
		pace();
	if (is_stamped)
		stamp(data, (void *)(long)ctx->data_end);
	sent++;
	return bpf_redirect_map(&out, 0, 0);
}

char _license[] SEC("license") = "GPL";
