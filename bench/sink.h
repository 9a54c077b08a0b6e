/* SPDX-License-Identifier: GPL-2.0-only */
/* What sink.c and its program share. */
#pragma once

#define SINK_BUCKETS 512 /* of delays; see bucket() */

struct sink_count {
	__u64 frames, bytes;
};
