// SPDX-License-Identifier: GPL-2.0-only
/* The Internet checksum as RFC 1071 words it, for comparison with bpf/csum.h. */
#include "checksum.h"

static __u16 add(__u16 a, __u16 b)
{
	__u32 sum = (__u32)a + b;

	return sum > 0xffff ? sum - 0xffff : sum;
}

__u16 checksum_add(__u16 sum, const __u8 *bytes, __u32 n)
{
	for (; n > 1; bytes += 2, n -= 2)
		sum = add(sum, checksum_get16(bytes));
	return n ? add(sum, bytes[0] << 8) : sum;
}
