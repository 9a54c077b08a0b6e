/* SPDX-License-Identifier: GPL-2.0-only */
/* The limits of the fixture's ports. */
#pragma once

#include "fixture_guard.h"

/* Nanoseconds of the clock that the buckets go by, times KVS_LIMIT_NS. */
__u64 fixture_limit_now(void);

/* The port has this bucket from now on, and its guard these flags besides. */
void fixture_limit(struct fixture *fx, enum fixture_port port, enum kvs_limit_kind kind,
		   const struct kvs_bucket *bucket, __u32 flags);

struct kvs_bucket fixture_get_bucket(const struct fixture *fx, enum fixture_port port,
				     enum kvs_limit_kind kind);

/* So many frames at once, and then one in an hour: none as long as a test runs. */
struct kvs_bucket fixture_limit_slow(unsigned int frames);

/* How many are owed to such a bucket. */
unsigned int fixture_limit_owed(const struct kvs_bucket *bucket);
