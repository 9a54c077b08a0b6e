/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sink of live.bpf.c tells live.c. */
#pragma once

#include <linux/types.h>

#define LIVE_LAP  2048 /* frames */
#define LIVE_LAPS 16

struct live_sunk {
	__u64 count;
	__u64 start[LIVE_LAPS]; /* ns at the first frame of each lap */
};
