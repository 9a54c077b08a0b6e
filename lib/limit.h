/* SPDX-License-Identifier: GPL-2.0-only */
/* Limits: in words, in numbers, and as the hooks reckon, struct kvs_bucket. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "kvs/abi.h"

#define LIMIT_TEXT_LEN 32
#define LIMIT_NONE     "none"

struct limit {
	uint64_t rate;  /* units in a second; 0: nothing at all */
	uint64_t burst; /* units at once, after a pause; not 0 */
	enum kvs_limit_unit unit;
};

/* A bucket that is full. */
struct kvs_bucket limit_bucket(const struct limit *l);

/* The same limit again, to the unit, from a bucket that has one. */
struct limit limit_of(const struct kvs_bucket *b);

/* "rate", "storm_broadcast", "storm_multicast", "storm_unknown" */
const char *limit_name(enum kvs_limit_kind kind);

/* What a limit of that kind may be, into a bucket; "none" makes it one without a limit. The burst
 * is what belongs to the rate. -EINVAL says what is expected.
 */
int limit_parse(enum kvs_limit_kind kind, const char *text, struct kvs_bucket *out,
		struct err *err);

/* A rate in bits, or "none", which is 0. */
int limit_egress_parse(const char *text, uint64_t *out, struct err *err);

/* Bytes, where the bucket's unit is bits, or frames. */
int limit_burst_parse(const char *text, struct kvs_bucket *b, struct err *err);

/* "100M", "50kpps" or "none", into buf, which is returned. */
char *limit_format(const struct kvs_bucket *b, char buf[LIMIT_TEXT_LEN]);

char *limit_egress_format(uint64_t rate, char buf[LIMIT_TEXT_LEN]);

/* "64k" bytes, or "500" frames. */
char *limit_burst_format(const struct kvs_bucket *b, char buf[LIMIT_TEXT_LEN]);
