/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of ports. */
#pragma once

#include <stdint.h>

struct kvsd;
struct link;

struct stats_total {
	uint64_t frames, bytes;
	uint64_t fast, xdp; /* of the frames: forwarded by tc or XDP, by XDP */
};

/* What the hooks of a port have counted. */
void stats_total(const struct kvsd *k, const struct link *l, struct stats_total *out);

/* Frames that the hooks of a port have counted. */
uint64_t stats_received(const struct kvsd *k, const struct link *l);
