/* SPDX-License-Identifier: GPL-2.0-only */
/* What a daemon before this one left in the maps of guards. */
#pragma once

#include "kvsd.h"

/* The policy of a slot of the maps that are pinned. 0 or -errno */
int guard_left_read(struct kvsd *k, uint32_t slot, struct policy *out);

/* Enter the MACs that were learned there for another slot of the maps of this daemon. */
void guard_left_macs(struct kvsd *k, uint32_t slot, uint32_t to);

void guard_left_free(struct kvsd *k);
