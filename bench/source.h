/* SPDX-License-Identifier: GPL-2.0-only */
/* What source.c and its program share. */
#pragma once

#define SOURCE_FRAMES 12 /* of a mix */
#define SOURCE_HEADER 48 /* bytes: Ethernet, IPv4, UDP and the first of the payload, in words */

#define SOURCE_STAMP 48    /* where in a frame the time is at which it was sent */
#define SOURCE_LATE  20000 /* ns */

struct source_frame {
	__u64 header[SOURCE_HEADER / 8];
	__u32 length, pad;
};
