/* SPDX-License-Identifier: GPL-2.0-only */
/* What sink.c and its program share. */
#pragma once

struct sink_count {
	__u64 frames, bytes;
};
