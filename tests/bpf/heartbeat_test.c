// SPDX-License-Identifier: GPL-2.0-only
/* bpf/kvs_heartbeat.bpf.c, and that the fast path steps aside without it. */
#include "suite.h"

#include <string.h>

#include "fixture_limit.h"
#include "util.h"

#define MARGIN 100000 /* jiffies; less than FIXTURE_STALE, more than a test takes */

static void expect(struct fixture *fx, struct suite_fate want)
{
	struct frame_spec spec = {};
	struct frame_rng rng = {1};
	struct frame f;

	frame_build(&f, &spec, &rng);
	suite_expect_both(fx, &f, want);
}

static void a_beat_sets_now_and_what_hangs_on_it_alone(void **state)
{
	struct kvs_state want, s;

	memset(&want, 0x55, sizeof(want));
	fixture_set_state(*state, &want);
	want.version = fixture_get_state(*state).version;
	want.now = fixture_now(*state);
	want.deadline = want.now + FIXTURE_STALE;
	s = fixture_get_state(*state);
	want.epoch = s.epoch;
	assert_memory_equal(&s, &want, sizeof(s));
}

static __u32 tick(const struct fixture *fx)
{
	return fx->skel->rodata->kvs_config.tick;
}

/* What a beat makes of an epoch. */
static __u64 epoch_after(struct fixture *fx, __u64 epoch)
{
	struct kvs_state s = {.epoch = epoch};

	fixture_set_state(fx, &s);
	fixture_now(fx);
	return fixture_get_state(fx).epoch;
}

static void the_epoch_is_when_the_jiffies_began(void **state)
{
	__u64 before = fixture_limit_now(), after;
	__u64 epoch = epoch_after(*state, 0);
	__u64 now = (epoch + fixture_get_state(*state).now * tick(*state)) * KVS_LIMIT_NS;

	after = fixture_limit_now();
	assert_in_range(now, before, after);
}

static void the_epoch_comes_back_at_once_and_goes_on_slowly(void **state)
{
	__u64 second = 1000000000, epoch = epoch_after(*state, 0);

	assert_int_equal(epoch_after(*state, epoch - second), epoch - second + tick(*state));
	assert_true(epoch_after(*state, epoch + 100 * second) < epoch + 50 * second);
}

static void time_goes_on(void **state)
{
	__u64 first = fixture_now(*state), next = first;

	for (int i = 0; next == first && i < 10000; i++) {
		usleep(100);
		next = fixture_now(*state);
	}
	assert_true(next > first);
	assert_true(next < first + MARGIN);
}

static void it_is_stale_until_the_first_beat(void **state)
{
	struct kvs_state never = {};

	fixture_set_state(*state, &never);
	expect(*state, SLOW(KVS_SLOW_STALE));
	fixture_now(*state);
	expect(*state, FAST);
}

static void it_is_stale_after_the_deadline(void **state)
{
	struct kvs_state s = {.now = fixture_now(*state)};

	s.deadline = s.now + MARGIN;
	fixture_set_state(*state, &s);
	expect(*state, FAST);
	s.deadline = s.now - 1;
	fixture_set_state(*state, &s);
	expect(*state, SLOW(KVS_SLOW_STALE));
	fixture_now(*state);
	expect(*state, FAST);
}

/* now is for kvsd to read: the hooks go by the deadline alone, and write neither. */
static void the_hooks_leave_it_alone(void **state)
{
	struct kvs_state s = {.now = 1, .deadline = fixture_now(*state) + MARGIN}, after;

	fixture_set_state(*state, &s);
	s.version = fixture_get_state(*state).version;
	expect(*state, FAST);
	after = fixture_get_state(*state);
	assert_memory_equal(&after, &s, sizeof(s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_beat_sets_now_and_what_hangs_on_it_alone),
		cmocka_unit_test(the_epoch_is_when_the_jiffies_began),
		cmocka_unit_test(the_epoch_comes_back_at_once_and_goes_on_slowly),
		cmocka_unit_test(time_goes_on),
		cmocka_unit_test(it_is_stale_until_the_first_beat),
		cmocka_unit_test(it_is_stale_after_the_deadline),
		cmocka_unit_test(the_hooks_leave_it_alone),
	};

	return suite_run(NULL, 0, tests, ARRAY_SIZE(tests));
}
