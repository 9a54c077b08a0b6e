// SPDX-License-Identifier: GPL-2.0-only
/* bpf/limit.h: how much a port may send. The buckets' state is set and read: nothing hangs on how
 * long a test takes.
 */
#include "suite.h"

#include <linux/pkt_cls.h>
#include <string.h>

#include "fixture_limit.h"
#include "limit.h"
#include "util.h"

#define BROADCAST MAC(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
#define GROUP     MAC(1, 0, 0x5e, 1, 2, 3)
#define HOST      MAC(2, 0, 0, 0, 0, 0x99)
#define ROOM      3
#define TRIES     5

static const struct frame_spec to_b, to_all = {.dst = BROADCAST}, to_group = {.dst = GROUP},
				     to_nobody = {.dst = STRANGER}, to_host = {.dst = HOST};

static int run(struct fixture *fx, enum fixture_hook hook, const struct frame_spec *spec)
{
	struct frame_rng rng = {1};
	struct frame f, out;

	frame_build(&f, spec, &rng);
	return fixture_run(fx, hook, PORT_A, &f, &out);
}

static bool is_drop(enum fixture_hook hook, int verdict)
{
	return verdict == (hook == HOOK_XDP ? (int)XDP_DROP : TC_ACT_SHOT);
}

/* How many of TRIES frames the hook lets pass. */
static int passed(struct fixture *fx, enum fixture_hook hook, const struct frame_spec *spec)
{
	int n = 0;

	for (int i = 0; i < TRIES; i++)
		n += !is_drop(hook, run(fx, hook, spec));
	return n;
}

static void allow(struct fixture *fx, enum kvs_limit_kind kind, unsigned int frames, __u32 flags)
{
	struct kvs_bucket b = fixture_limit_slow(frames);

	fixture_limit(fx, PORT_A, kind, &b, flags);
}

static void expect_owed(struct fixture *fx, enum kvs_limit_kind kind, unsigned int frames)
{
	struct kvs_bucket b = fixture_get_bucket(fx, PORT_A, kind);

	assert_int_equal(fixture_limit_owed(&b), frames);
}

/* Refused, or counted as what would be. Whatever was, has no other reason. */
static void expect_counted(struct fixture *fx, enum kvs_limit_kind kind, __u64 drops, __u64 audits)
{
	struct kvs_guard_counters want = {}, c = fixture_guard_counters(fx, fx->slot[PORT_A]);

	want.drop[KVS_DROP_RATE + kind - KVS_DROP_PLAIN] = drops;
	want.audit[KVS_DROP_RATE + kind - KVS_DROP_PLAIN] = audits;
	assert_memory_equal(&c, &want, sizeof(c));
}

static const struct {
	enum kvs_limit_kind kind;
	const struct frame_spec *frame;
} kinds[] = {
	{KVS_LIMIT_RATE, &to_b},          {KVS_LIMIT_RATE, &to_all},
	{KVS_LIMIT_RATE, &to_nobody},     {KVS_LIMIT_BROADCAST, &to_all},
	{KVS_LIMIT_MULTICAST, &to_group}, {KVS_LIMIT_UNKNOWN, &to_nobody},
};

static void tc_charges_what_it_sees(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		fixture_reset(*state);
		allow(*state, kinds[i].kind, ROOM, 0);
		assert_int_equal(passed(*state, HOOK_TC, kinds[i].frame), ROOM);
		expect_counted(*state, kinds[i].kind, TRIES - ROOM, 0);
		expect_owed(*state, kinds[i].kind, ROOM);
	}
}

static void xdp_charges_what_it_forwards(void **state)
{
	allow(*state, KVS_LIMIT_RATE, ROOM, 0);
	assert_int_equal(passed(*state, HOOK_XDP, &to_b), ROOM);
	expect_counted(*state, KVS_LIMIT_RATE, TRIES - ROOM, 0);
	expect_owed(*state, KVS_LIMIT_RATE, ROOM);
}

static void xdp_does_not_charge_what_it_hands_on(void **state)
{
	for (size_t i = 1; i < ARRAY_SIZE(kinds); i++) {
		fixture_reset(*state);
		allow(*state, kinds[i].kind, ROOM, 0);
		assert_int_equal(passed(*state, HOOK_XDP, kinds[i].frame), TRIES);
		expect_counted(*state, kinds[i].kind, 0, 0);
		expect_owed(*state, kinds[i].kind, 0);
	}
}

static void xdp_refuses_what_tc_would(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		fixture_reset(*state);
		allow(*state, kinds[i].kind, ROOM, 0);
		assert_int_equal(passed(*state, HOOK_TC, kinds[i].frame), ROOM);
		assert_int_equal(passed(*state, HOOK_XDP, kinds[i].frame), 0);
		expect_counted(*state, kinds[i].kind, TRIES - ROOM + TRIES, 0);
	}
}

static void a_limit_is_of_its_kind_alone(void **state)
{
	const struct frame_spec *const frames[] = {&to_b, &to_all, &to_group, &to_nobody};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		for (size_t j = 0; j < ARRAY_SIZE(frames); j++) {
			if (kinds[i].kind == KVS_LIMIT_RATE || frames[j] == kinds[i].frame)
				continue;
			fixture_reset(*state);
			allow(*state, kinds[i].kind, 0, 0);
			assert_int_equal(passed(*state, HOOK_XDP, frames[j]), TRIES);
			assert_int_equal(passed(*state, HOOK_TC, frames[j]), TRIES);
		}
}

static void each_port_has_its_own(void **state)
{
	struct fixture *fx = *state;
	struct kvs_bucket none = fixture_limit_slow(0);

	fixture_limit(fx, PORT_B, KVS_LIMIT_RATE, &none, 0);
	assert_int_equal(passed(fx, HOOK_XDP, &to_b), TRIES);
	assert_int_equal(passed(fx, HOOK_TC, &to_b), TRIES);
}

static void audit_counts_once_and_refuses_nothing(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		fixture_reset(*state);
		allow(*state, kinds[i].kind, ROOM, KVS_GUARD_AUDIT);
		assert_int_equal(passed(*state, HOOK_TC, kinds[i].frame), TRIES);
		expect_counted(*state, kinds[i].kind, 0, TRIES - ROOM);
		assert_int_equal(run(*state, HOOK_XDP, kinds[i].frame), XDP_PASS);
		expect_counted(*state, kinds[i].kind, 0, TRIES - ROOM);
		expect_owed(*state, kinds[i].kind, ROOM);
	}
}

/* What the guard would refuse is not there to be charged. */
static void audit_counts_the_first_reason(void **state)
{
	struct kvs_guard_counters c;
	const struct frame_spec spec = {.src = STRANGER, .dst = BROADCAST};
	struct fixture *fx = *state;

	allow(fx, KVS_LIMIT_BROADCAST, 0, KVS_GUARD_AUDIT | KVS_GUARD_MACS);
	assert_int_equal(passed(fx, HOOK_TC, &spec), TRIES);
	c = fixture_guard_counters(fx, fx->slot[PORT_A]);
	assert_int_equal(c.audit[KVS_DROP_MAC - KVS_DROP_PLAIN], TRIES);
	assert_int_equal(c.audit[KVS_DROP_STORM_BROADCAST - KVS_DROP_PLAIN], 0);
}

static void what_the_guard_refuses_is_not_charged(void **state)
{
	const struct frame_spec spec = {.src = STRANGER};

	allow(*state, KVS_LIMIT_RATE, ROOM, KVS_GUARD_MACS);
	assert_int_equal(passed(*state, HOOK_TC, &spec), 0);
	assert_int_equal(passed(*state, HOOK_XDP, &spec), 0);
	expect_owed(*state, KVS_LIMIT_RATE, 0);
}

static void what_one_limit_refuses_the_other_is_not_charged_for(void **state)
{
	allow(*state, KVS_LIMIT_BROADCAST, ROOM, 0);
	allow(*state, KVS_LIMIT_RATE, 1, 0);
	assert_int_equal(passed(*state, HOOK_TC, &to_all), 1);
	expect_counted(*state, KVS_LIMIT_RATE, TRIES - 1, 0);
	expect_owed(*state, KVS_LIMIT_BROADCAST, 1);
	fixture_zero_counters(*state);
	allow(*state, KVS_LIMIT_BROADCAST, 0, 0);
	allow(*state, KVS_LIMIT_RATE, ROOM, 0);
	assert_int_equal(passed(*state, HOOK_TC, &to_all), 0);
	expect_counted(*state, KVS_LIMIT_BROADCAST, TRIES, 0);
	expect_owed(*state, KVS_LIMIT_RATE, 0);
}

static void known_stations_are_known_on_slow_paths(void **state)
{
	fixture_toggle(*state, PORT_A, KVS_PORT_SLOW);
	allow(*state, KVS_LIMIT_UNKNOWN, 0, 0);
	assert_int_equal(passed(*state, HOOK_TC, &to_b), TRIES);
	assert_int_equal(passed(*state, HOOK_TC, &to_nobody), 0);
}

static void the_bridge_itself_is_known(void **state)
{
	struct fixture *fx = *state;
	struct kvs_fdb local = {.port = ~0u,
				.flags = KVS_FDB_LOCAL | KVS_FDB_STATIC | KVS_FDB_STICKY};

	fixture_set_fdb(fx, HOST, fixture_get_port(fx, fx->slot[PORT_A]).bridge, &local);
	allow(fx, KVS_LIMIT_UNKNOWN, 0, 0);
	assert_int_equal(passed(fx, HOOK_XDP, &to_host), TRIES);
	assert_int_equal(passed(fx, HOOK_TC, &to_host), TRIES);
	assert_int_equal(fixture_counters(fx, fx->slot[PORT_A]).slow[KVS_SLOW_DST_UNKNOWN], TRIES);
}

static void a_long_frame_fits_a_shallow_bucket(void **state)
{
	const struct frame_spec spec = {.len = 1000};
	struct limit l = {.rate = 1, .burst = 1, .unit = KVS_LIMIT_BITS};
	struct kvs_bucket b = limit_bucket(&l);

	for (int hook = 0; hook < HOOK_MAX; hook++) {
		fixture_reset(*state);
		fixture_limit(*state, PORT_A, KVS_LIMIT_RATE, &b, 0);
		fixture_toggle(*state, PORT_A, KVS_PORT_CSUM_DONE);
		assert_int_equal(passed(*state, hook, &spec), 1);
	}
}

/* A bucket that nobody has used for years, and one that is younger than the clock. */
static void a_bucket_is_full_after_any_pause(void **state)
{
	const __u64 ago[] = {0, 1ull << 40, 1ull << 62};

	for (size_t i = 0; i < ARRAY_SIZE(ago); i++) {
		struct kvs_bucket b = fixture_limit_slow(ROOM);

		b.full_at = fixture_limit_now() - ago[i];
		fixture_limit(*state, PORT_A, KVS_LIMIT_RATE, &b, 0);
		assert_int_equal(passed(*state, HOOK_XDP, &to_b), ROOM);
	}
}

static void a_bucket_fills_with_time(void **state)
{
	for (unsigned int owed = 0; owed <= ROOM; owed++) {
		struct kvs_bucket b = fixture_limit_slow(ROOM);

		b.full_at = fixture_limit_now() + owed * b.mult;
		fixture_limit(*state, PORT_A, KVS_LIMIT_RATE, &b, 0);
		assert_int_equal(passed(*state, HOOK_TC, &to_b), ROOM - owed);
	}
}

/* What a frame costs a bucket that is owed something already. */
static void expect_cost(struct fixture *fx, const struct frame *f, enum kvs_limit_unit unit,
			__u64 units)
{
	struct kvs_bucket b = {.depth = 1ull << 61, .mult = 1 << 20, .unit = unit}, after;
	struct frame out;

	b.full_at = fixture_limit_now() + (1ull << 60);
	fixture_limit(fx, PORT_A, KVS_LIMIT_RATE, &b, 0);
	assert_false(is_drop(HOOK_TC, fixture_run(fx, HOOK_TC, PORT_A, f, &out)));
	after = fixture_get_bucket(fx, PORT_A, KVS_LIMIT_RATE);
	assert_int_equal((after.full_at - b.full_at) >> 20, units);
}

static void expect_costs(struct fixture *fx, const struct frame_spec *spec, __u32 headers,
			 __u32 payload)
{
	struct frame_rng rng = {1};
	struct frame f;
	__u32 segments = spec->gso_size ? (payload + spec->gso_size - 1) / spec->gso_size : 1;

	frame_build(&f, spec, &rng);
	if (spec->proto == IPPROTO_TCP)
		f.data[f.layer[0].l4 + 12] = 0x50; /* no options */
	expect_cost(fx, &f, KVS_LIMIT_FRAMES, segments);
	expect_cost(fx, &f, KVS_LIMIT_BITS, 8 * (payload + segments * headers));
}

static void a_frame_costs_its_bytes_or_one(void **state)
{
	const struct frame_spec tagged = {.tags = {ETH_P_8021AD, ETH_P_8021Q}};
	const struct frame_spec longer = {.len = 1000};

	expect_costs(*state, &to_b, 34, 26);
	expect_costs(*state, &tagged, 34 + 8, 26);
	expect_costs(*state, &longer, 34, 1000);
}

static void gso_costs_what_the_wire_would_carry(void **state)
{
	const struct frame_spec tcp = {
		.proto = IPPROTO_TCP, .options = 8, .len = 20 + 3000, .gso_size = 1400};
	const struct frame_spec exact = {.proto = IPPROTO_TCP, .len = 20 + 2800, .gso_size = 1400};
	const struct frame_spec udp = {.len = 8 + 3000, .gso_size = 1000};
	const struct frame_spec ip6 = {
		.type = ETH_P_IPV6, .proto = IPPROTO_TCP, .len = 20 + 3000, .gso_size = 1400};

	expect_costs(*state, &tcp, 14 + 20 + 8 + 20, 3000);
	expect_costs(*state, &exact, 14 + 20 + 20, 2800);
	expect_costs(*state, &udp, 14 + 20 + 8, 3000);
	expect_costs(*state, &ip6, 14 + 40 + 20, 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tc_charges_what_it_sees),
		cmocka_unit_test(xdp_charges_what_it_forwards),
		cmocka_unit_test(xdp_does_not_charge_what_it_hands_on),
		cmocka_unit_test(xdp_refuses_what_tc_would),
		cmocka_unit_test(a_limit_is_of_its_kind_alone),
		cmocka_unit_test(each_port_has_its_own),
		cmocka_unit_test(audit_counts_once_and_refuses_nothing),
		cmocka_unit_test(audit_counts_the_first_reason),
		cmocka_unit_test(what_the_guard_refuses_is_not_charged),
		cmocka_unit_test(what_one_limit_refuses_the_other_is_not_charged_for),
		cmocka_unit_test(known_stations_are_known_on_slow_paths),
		cmocka_unit_test(the_bridge_itself_is_known),
		cmocka_unit_test(a_long_frame_fits_a_shallow_bucket),
		cmocka_unit_test(a_bucket_is_full_after_any_pause),
		cmocka_unit_test(a_bucket_fills_with_time),
		cmocka_unit_test(a_frame_costs_its_bytes_or_one),
		cmocka_unit_test(gso_costs_what_the_wire_would_carry),
	};

	return suite_run_guarded(NULL, 0, tests, ARRAY_SIZE(tests));
}
