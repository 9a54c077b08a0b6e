// SPDX-License-Identifier: GPL-2.0-only
/* What the hooks write into kvs_fdb: that a station moved, and when it was heard. */
#include "suite.h"

#include "util.h"

#define AGE 1000 /* jiffies; some, and far from due */

static const __u8 station[ETH_ALEN] = {2, 0, 0, 0, 0, 0xa};

/* The source's entry; returns what is in the map. */
static struct kvs_fdb enter(struct fixture *fx, enum fixture_port port, __u32 flags, __u64 age)
{
	struct kvs_fdb fdb = {
		.port = fx->slot[port],
		.flags = flags,
		.heard = fixture_now(fx) - age,
	};

	fixture_set_fdb(fx, station, fixture_get_port(fx, fx->slot[PORT_A]).bridge, &fdb);
	return fdb;
}

static struct kvs_fdb send_and_get(struct fixture *fx, enum fixture_hook hook,
				   struct suite_fate want)
{
	struct frame_spec spec = {};
	struct frame_rng rng = {1};
	struct frame f;

	frame_build(&f, &spec, &rng);
	suite_expect(fx, hook, &f, want);
	return fixture_get_fdb(fx, station);
}

static void expect_fdb(struct kvs_fdb fdb, struct kvs_fdb want)
{
	assert_int_equal(fdb.port, want.port);
	assert_int_equal(fdb.flags, want.flags);
	assert_int_equal(fdb.heard, want.heard);
}

static bool is_marked(enum fixture_hook hook, bool learning, __u32 flags)
{
	return hook == HOOK_TC && learning && !(flags & (KVS_FDB_STICKY | KVS_FDB_MOVED));
}

/* Two frames: the second finds nothing left to do. */
static void try_move(struct fixture *fx, enum fixture_hook hook, bool learning, __u32 flags)
{
	__u64 moved = fixture_get_state(fx).moved;
	bool mark = is_marked(hook, learning, flags);
	struct kvs_fdb want;

	fixture_reset(fx);
	fixture_toggle(fx, PORT_A, learning ? 0 : KVS_PORT_LEARNING);
	want = enter(fx, PORT_B, flags, AGE);
	if (mark)
		want.flags |= KVS_FDB_MOVED;
	for (int i = 0; i < 2; i++) {
		expect_fdb(send_and_get(fx, hook, SLOW(KVS_SLOW_SRC_MOVED)), want);
		assert_int_equal(fixture_get_state(fx).moved, moved + mark);
	}
}

static void a_move_is_marked_by_tc_where_it_learns(void **state)
{
	__u32 all = KVS_FDB_STATIC | KVS_FDB_STICKY | KVS_FDB_MOVED;

	for (int hook = 0; hook < HOOK_MAX; hook++)
		for (int learning = 0; learning < 2; learning++)
			for (__u32 flags = 0; flags <= all; flags++)
				try_move(*state, hook, learning, flags);
}

static struct kvs_fdb broadcast_and_get(struct fixture *fx, enum fixture_hook hook,
					struct suite_fate want)
{
	struct frame_spec spec = {.dst = MAC(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)};
	struct frame_rng rng = {1};
	struct frame f;

	frame_build(&f, &spec, &rng);
	suite_expect(fx, hook, &f, want);
	return fixture_get_fdb(fx, station);
}

/* A migrated guest says so by broadcast, which the bridge floods. */
static void a_move_is_marked_whatever_becomes_of_the_frame(void **state)
{
	struct fixture *fx = *state;
	struct kvs_fdb fdb;

	fixture_reset(fx);
	fdb = enter(fx, PORT_B, 0, AGE);
	expect_fdb(broadcast_and_get(fx, HOOK_XDP, SLOW(KVS_SLOW_MULTICAST)), fdb);
	fdb.flags |= KVS_FDB_MOVED;
	expect_fdb(broadcast_and_get(fx, HOOK_TC, SLOW(KVS_SLOW_MULTICAST)), fdb);
}

/* A blocked port hears what went round a loop, and its bridge learns nothing from it. */
static void a_move_to_a_blocked_port_is_none(void **state)
{
	struct fixture *fx = *state;
	struct kvs_fdb fdb;

	fixture_reset(fx);
	fixture_toggle(fx, PORT_A, KVS_PORT_FORWARDING);
	fdb = enter(fx, PORT_B, 0, AGE);
	expect_fdb(send_and_get(fx, HOOK_TC, SLOW(KVS_SLOW_STATE)), fdb);
	fixture_reset(fx);
}

/* Who claimed the station is not told: until kvsd has read the bridge, nobody has it. */
static void a_marked_source_is_passed_where_it_was_and_stays_marked(void **state)
{
	struct fixture *fx = *state;

	for (int hook = 0; hook < HOOK_MAX; hook++) {
		struct kvs_fdb fdb = enter(fx, PORT_A, KVS_FDB_MOVED, AGE);

		expect_fdb(send_and_get(fx, hook, SLOW(KVS_SLOW_SRC_MOVED)), fdb);
	}
}

static void xdp_leaves_it_to_tc_to_hear(void **state)
{
	struct fixture *fx = *state;
	struct kvs_fdb before = enter(fx, PORT_A, 0, FIXTURE_REFRESH), after;

	expect_fdb(send_and_get(fx, HOOK_XDP, SLOW(KVS_SLOW_REFRESH)), before);
	after = send_and_get(fx, HOOK_TC, SLOW(KVS_SLOW_REFRESH));
	assert_true(after.heard >= before.heard + FIXTURE_REFRESH);
	assert_true(after.heard <= fixture_now(fx));
	expect_fdb(send_and_get(fx, HOOK_XDP, FAST), after);
	expect_fdb(send_and_get(fx, HOOK_TC, FAST), after);
}

static void what_is_not_due_is_not_written(void **state)
{
	for (int hook = 0; hook < HOOK_MAX; hook++) {
		struct kvs_fdb fdb = enter(*state, PORT_A, 0, AGE);

		expect_fdb(send_and_get(*state, hook, FAST), fdb);
	}
}

static void a_static_entry_is_never_due(void **state)
{
	for (int hook = 0; hook < HOOK_MAX; hook++) {
		struct kvs_fdb fdb = enter(*state, PORT_A, KVS_FDB_STATIC, 2 * FIXTURE_REFRESH);

		expect_fdb(send_and_get(*state, hook, FAST), fdb);
	}
}

static void a_sticky_entry_is_due_as_any(void **state)
{
	for (int hook = 0; hook < HOOK_MAX; hook++) {
		enter(*state, PORT_A, KVS_FDB_STICKY, FIXTURE_REFRESH);
		send_and_get(*state, hook, SLOW(KVS_SLOW_REFRESH));
	}
}

/* It cannot be: so once, and then it is right. */
static void what_was_heard_in_the_future_is_due(void **state)
{
	struct fixture *fx = *state;

	for (int hook = 0; hook < HOOK_MAX; hook++) {
		enter(fx, PORT_A, 0, -(__u64)FIXTURE_REFRESH);
		send_and_get(fx, hook, SLOW(KVS_SLOW_REFRESH));
	}
	send_and_get(fx, HOOK_TC, FAST);
}

static void the_port_it_comes_by_says_how_often(void **state)
{
	struct fixture *fx = *state;
	struct kvs_port a = fixture_get_port(fx, fx->slot[PORT_A]);

	a.refresh = AGE;
	fixture_set_port(fx, fx->slot[PORT_A], &a);
	enter(fx, PORT_A, 0, AGE);
	send_and_get(fx, HOOK_TC, SLOW(KVS_SLOW_REFRESH));
	send_and_get(fx, HOOK_TC, FAST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_move_is_marked_by_tc_where_it_learns),
		cmocka_unit_test(a_move_is_marked_whatever_becomes_of_the_frame),
		cmocka_unit_test(a_move_to_a_blocked_port_is_none),
		cmocka_unit_test(a_marked_source_is_passed_where_it_was_and_stays_marked),
		cmocka_unit_test(xdp_leaves_it_to_tc_to_hear),
		cmocka_unit_test(what_is_not_due_is_not_written),
		cmocka_unit_test(a_static_entry_is_never_due),
		cmocka_unit_test(a_sticky_entry_is_due_as_any),
		cmocka_unit_test(what_was_heard_in_the_future_is_due),
		cmocka_unit_test(the_port_it_comes_by_says_how_often),
	};

	return suite_run(NULL, 0, tests, ARRAY_SIZE(tests));
}
