/* SPDX-License-Identifier: GPL-2.0-only */
/* What source.c and its program share. */
#pragma once

#define SOURCE_FRAMES 12 /* of a mix */
#define SOURCE_HEADER 48 /* bytes: Ethernet, IPv4, UDP and the first of the payload, in words */

struct source_frame {
	__u64 header[SOURCE_HEADER / 8];
	__u32 length, pad;
};
