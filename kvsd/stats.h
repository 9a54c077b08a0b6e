/* SPDX-License-Identifier: GPL-2.0-only */
/* Counters of ports. */
#pragma once

#include "kvsd.h"

/* Frames that the hooks of a port have counted. */
uint64_t stats_received(const struct kvsd *k, const struct link *l);
