// SPDX-License-Identifier: GPL-2.0-only
/* bpf/port.h: the port a frame came in by. */
#include "suite.h"

#include "util.h"

#define HOME 30 /* where the search for port A begins */

static __u32 probe(__u32 i)
{
	return (HOME + i) % FIXTURE_SLOTS;
}

/* Somebody's, but not the frame's. */
static void take_slot(struct fixture *fx, __u32 slot)
{
	struct kvs_port port = fixture_get_port(fx, fx->slot[PORT_A]);

	port.ifindex = 1000 + slot;
	fixture_set_port(fx, slot, &port);
}

/* B and C out of the way, A at the i-th place, all before it taken. */
static void place(struct fixture *fx, __u32 i)
{
	fixture_move_port(fx, PORT_C, 20);
	fixture_move_port(fx, PORT_B, 21);
	fixture_move_port(fx, PORT_A, probe(i));
	for (__u32 before = 0; before < i; before++)
		take_slot(fx, probe(before));
}

static void expect(struct fixture *fx, struct suite_fate want)
{
	struct frame_spec spec = {};
	struct frame_rng rng = {1};
	struct frame f;

	frame_build(&f, &spec, &rng);
	suite_expect_both(fx, &f, want);
}

static void is_found_at_every_probe(void **state)
{
	for (__u32 i = 0; i < KVS_PORT_PROBES; i++) {
		fixture_reset(*state);
		place(*state, i);
		expect(*state, FAST);
	}
}

static void is_found_behind_free_slots(void **state)
{
	struct kvs_port none = {};

	place(*state, KVS_PORT_PROBES - 1);
	for (__u32 i = 1; i < KVS_PORT_PROBES - 2; i++)
		fixture_set_port(*state, probe(i), &none);
	expect(*state, FAST);
}

static void is_not_found_behind_the_last_probe(void **state)
{
	place(*state, KVS_PORT_PROBES);
	expect(*state, UNKNOWN);
}

static void is_not_found_before_the_first_probe(void **state)
{
	place(*state, FIXTURE_SLOTS - 1);
	expect(*state, UNKNOWN);
}

static void is_unknown_in_an_empty_table(void **state)
{
	struct kvs_port none = {};

	for (__u32 slot = 0; slot < FIXTURE_SLOTS; slot++)
		fixture_set_port(*state, slot, &none);
	expect(*state, UNKNOWN);
}

static void is_unknown_when_another_device_took_its_slot(void **state)
{
	struct fixture *fx = *state;

	take_slot(fx, fx->slot[PORT_A]);
	expect(fx, UNKNOWN);
}

/* Not even a frame that every port drops. */
static void what_comes_by_an_unknown_port_is_not_dropped(void **state)
{
	struct fixture *fx = *state;
	struct frame_spec spec = {.src = MAC(1, 0, 0, 0, 0, 0)};
	struct frame_rng rng = {1};
	struct frame f;

	take_slot(fx, fx->slot[PORT_A]);
	frame_build(&f, &spec, &rng);
	suite_expect_both(fx, &f, UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_found_at_every_probe),
		cmocka_unit_test(is_found_behind_free_slots),
		cmocka_unit_test(is_not_found_behind_the_last_probe),
		cmocka_unit_test(is_not_found_before_the_first_probe),
		cmocka_unit_test(is_unknown_in_an_empty_table),
		cmocka_unit_test(is_unknown_when_another_device_took_its_slot),
		cmocka_unit_test(what_comes_by_an_unknown_port_is_not_dropped),
	};

	return suite_run(NULL, 0, tests, ARRAY_SIZE(tests));
}
