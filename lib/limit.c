// SPDX-License-Identifier: GPL-2.0-only
/* Limits as one says them, and as the hooks reckon: struct kvs_bucket. */
#include "limit.h"

#define SECOND    (KVS_LIMIT_NS * 1000000000ull)
#define MULT_BITS 41 /* a frame has less than 2^23 bits, and the product fits 64 */

typedef unsigned __int128 wide;

static wide divide(wide a, wide b)
{
	return (a + b / 2) / b;
}

struct kvs_bucket limit_bucket(const struct limit *l)
{
	struct kvs_bucket b = {.unit = l->unit, .mult = 1};

	if (!l->rate)
		return b;
	b.mult = divide(SECOND, l->rate);
	while (b.shift < 63 && divide((wide)SECOND << (b.shift + 1), l->rate) >> MULT_BITS == 0)
		b.mult = divide((wide)SECOND << ++b.shift, l->rate);
	b.depth = divide((wide)l->burst * SECOND, l->rate) ?: 1;
	return b;
}

struct limit limit_of(const struct kvs_bucket *b)
{
	struct limit l = {.unit = b->unit};

	if (!b->depth)
		return l;
	l.rate = divide((wide)SECOND << b->shift, b->mult);
	l.burst = divide((wide)b->depth * l.rate, SECOND);
	return l;
}
