/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of ports. */
#pragma once

#include <stdint.h>

#include "kvs/abi.h"

struct kvsd;
struct link;
struct load;

struct stats_total {
	uint64_t frames, bytes;
	uint64_t fast, xdp; /* of the frames: forwarded by tc or XDP, by XDP */
	uint64_t slow;
	uint64_t refused; /* by the guard */
	uint64_t audited; /* would have been; they count elsewhere too */
};

/* What the hooks of a port have counted. */
void stats_total(const struct kvsd *k, const struct link *l, struct stats_total *out);

/* The counters of a slot begin anew. */
void stats_zero(const struct load *load, uint32_t slot);

/* What the guard of a port has refused, by reason. */
void stats_guard(const struct kvsd *k, const struct link *l, struct kvs_guard_counters *out);

/* The counters of guards are new: have them begin with what was counted before. */
void stats_go_on(const struct kvsd *k, struct link *l);

/* Frames that the hooks of a port have counted. */
uint64_t stats_received(const struct kvsd *k, const struct link *l);
