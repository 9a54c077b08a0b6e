/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits as one says them, and as the hooks reckon: struct kvs_bucket. */
#pragma once

#include <stdint.h>

#include "kvs/abi.h"

struct limit {
	uint64_t rate;  /* units in a second; 0: nothing at all */
	uint64_t burst; /* units at once, after a pause; not 0 */
	enum kvs_limit_unit unit;
};

/* A bucket that is full. */
struct kvs_bucket limit_bucket(const struct limit *l);

/* The same limit again, to the unit, from a bucket that has one. */
struct limit limit_of(const struct kvs_bucket *b);
