/* SPDX-License-Identifier: GPL-2.0-only */
/* Frames from a description: what a test says in one line, as bytes. */
#pragma once

#include <linux/if_ether.h>
#include <linux/types.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "checksum.h"

#define FRAME_MAX  4096
#define FRAME_TAGS 3

/* In a description: .dst = MAC(2, 0, 0, 0, 0, 1) */
#define MAC(...) ((const __u8[ETH_ALEN]){__VA_ARGS__})

enum frame_sum {
	SUM_COMPLETE, /* of the bytes as they are */
	SUM_PARTIAL,  /* the folded pseudo-header sum, which is what offloading leaves */
	SUM_NONE,     /* 0: UDP without checksum */
	SUM_LCO,      /* complete as soon as the checksum inside is (local checksum offload) */
	SUM_WRONG,    /* neither complete nor partial */
};

/* What the complete checksum comes out as; another word of the header makes it so. */
enum frame_force { FORCE_NOTHING, FORCE_PARTIAL, FORCE_ZERO };

/* All that is 0 is the simplest frame that goes the fast path: 60 bytes of UDP in IPv4. */
struct frame_spec {
	const __u8 *dst, *src; /* NULL: station B, station A */
	__u16 tags[FRAME_TAGS];
	__u16 type;   /* 0: ETH_P_IP */
	__u8 proto;   /* 0: IPPROTO_UDP */
	__u8 options; /* bytes of them in IPv4 */
	__u16 frag;   /* IPv4's flags and offset */
	__u32 len;    /* bytes behind the IP header, or behind an ethertype that is not IP; 0: 26 */
	__u32 pad;    /* bytes of the frame, at least */
	__u32 cut;    /* bytes of the frame, at most; 0: all */
	__u32 gso_size;
	enum frame_sum sum;
	enum frame_force force;
	const struct frame_spec *inner; /* UDP, and in it VXLAN with this frame */
	const __u8 *raw;                /* all that is behind the ethertype, as it is */
	__u32 raw_len;
};

/* An IP datagram in a frame; all offsets from the frame's first byte. */
struct frame_layer {
	__u32 ip;
	__u32 addrs, addrs_len;
	__u32 l4, len;
	__u32 field; /* of the checksum; 0: has none */
	__u8 proto;
};

struct frame {
	__u32 len;
	__u32 gso_size;
	__u32 linear; /* bytes that XDP can read directly; 0: all */
	__u32 layers;
	struct frame_layer layer[2]; /* outer, inner */
	__u8 data[FRAME_MAX];
};

struct frame_rng {
	__u64 state; /* not 0 */
};

__u32 frame_random(struct frame_rng *rng);

/* What spec leaves open (addresses, ports, payload, padding) is random. */
void frame_build(struct frame *f, const struct frame_spec *spec, struct frame_rng *rng);

bool frame_equal(const struct frame *a, const struct frame *b);

/* The pseudo-header's sum, which a partial checksum is. */
__u16 frame_pseudo(const struct frame *f, const struct frame_layer *l);

/* True too where there is no checksum to be wrong. */
bool frame_is_valid(const struct frame *f, const struct frame_layer *l);

void frame_complete(struct frame *f, const struct frame_layer *l);

/* For changes by hand: the IPv4 header's own checksum, again. */
void frame_ip4_sum(struct frame *f, const struct frame_layer *l);
