/* SPDX-License-Identifier: GPL-2.0-only */
/* The Internet checksum as RFC 1071 words it, for comparison with bpf/csum.h. */
#pragma once

#include <linux/types.h>

/* One's complement sum of what sum holds already and of n bytes, read as big-endian words. */
__u16 checksum_add(__u16 sum, const __u8 *bytes, __u32 n);

static inline __u16 checksum_get16(const __u8 *p)
{
	return p[0] << 8 | p[1];
}

static inline void checksum_put16(__u8 *p, __u16 value)
{
	p[0] = value >> 8;
	p[1] = value;
}
