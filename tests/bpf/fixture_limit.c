// SPDX-License-Identifier: GPL-2.0-only
/* The limits of the fixture's ports. */
#include "fixture_limit.h"

#include <time.h>

#include "test.h"

#define SECOND (1000000000ull * KVS_LIMIT_NS)
#define HOUR   (3600 * SECOND)

__u64 fixture_limit_now(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return now.tv_sec * SECOND + now.tv_nsec * KVS_LIMIT_NS;
}

static struct kvs_limit get(const struct fixture *fx, enum fixture_port port)
{
	struct kvs_limit limit;
	int fd = bpf_map__fd(fx->skel->maps.kvs_limits);

	assert_int_equal(bpf_map_lookup_elem(fd, &fx->slot[port], &limit), 0);
	return limit;
}

void fixture_limit(struct fixture *fx, enum fixture_port port, enum kvs_limit_kind kind,
		   const struct kvs_bucket *bucket, __u32 flags)
{
	struct kvs_limit limit = get(fx, port);
	struct kvs_guard guard = fixture_get_guard(fx, port);
	int fd = bpf_map__fd(fx->skel->maps.kvs_limits);

	limit.of[kind] = *bucket;
	guard.flags |= flags | (kind == KVS_LIMIT_RATE ? KVS_GUARD_RATE : KVS_GUARD_STORM);
	assert_int_equal(bpf_map_update_elem(fd, &fx->slot[port], &limit, 0), 0);
	fixture_guard(fx, port, &guard);
}

struct kvs_bucket fixture_get_bucket(const struct fixture *fx, enum fixture_port port,
				     enum kvs_limit_kind kind)
{
	return get(fx, port).of[kind];
}

struct kvs_bucket fixture_limit_slow(unsigned int frames)
{
	return (struct kvs_bucket){.depth = frames * HOUR, .mult = HOUR, .unit = KVS_LIMIT_FRAMES};
}

unsigned int fixture_limit_owed(const struct kvs_bucket *bucket)
{
	__s64 owed = bucket->full_at - fixture_limit_now();

	return owed < 0 ? 0 : (owed + HOUR / 2) / HOUR;
}
