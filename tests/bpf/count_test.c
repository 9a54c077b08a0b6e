// SPDX-License-Identifier: GPL-2.0-only
/* bpf/count.h: each frame is counted, once, for its port. What counts what: suite.c, in every case.
 */
#include "suite.h"

#include "util.h"

/* One frame, as the kernel runs it: by XDP, and what that passes by tc. */
static void run_through(struct fixture *fx, const struct frame_spec *spec, struct frame_rng *rng,
			__u64 *bytes)
{
	struct frame f, out;

	frame_build(&f, spec, rng);
	*bytes += f.len;
	if (fixture_run(fx, HOOK_XDP, PORT_A, &f, &out) == XDP_PASS)
		fixture_run(fx, HOOK_TC, PORT_A, &out, &out);
}

/* On port B, as far as is known. */
#define MOVER MAC(2, 0, 0, 0, 0, 0xbb)

static const struct frame_spec mixture[] = {
	{.pad = 60},
	{.sum = SUM_PARTIAL},
	{.proto = IPPROTO_TCP, .len = 1000, .sum = SUM_PARTIAL},
	{.proto = IPPROTO_SCTP},
	{.len = 2000},
	{.src = STRANGER},
	{.dst = STRANGER},
	{.src = MOVER},
	{.dst = STATION_A2},
	{.dst = STATION_C},
	{.dst = MAC(1, 0, 0x5e, 0, 0, 1)},
	{.src = MAC(1, 0, 0, 0, 0, 1)},
	{.proto = IPPROTO_TCP, .len = 3000, .gso_size = 1448},
	{.tags = {ETH_P_8021AD, ETH_P_8021Q}},
};

static void every_frame_is_counted_once(void **state)
{
	struct fixture *fx = *state;
	struct frame_rng rng = {1};
	const int n = 2000;
	struct kvs_counters c;
	__u64 bytes = 0;
	struct kvs_fdb mover = fixture_get_fdb(fx, STATION_B);

	fixture_set_fdb(fx, MOVER, fixture_get_port(fx, mover.port).bridge, &mover);
	for (int i = 0; i < n; i++)
		run_through(fx, &mixture[frame_random(&rng) % ARRAY_SIZE(mixture)], &rng, &bytes);
	c = fixture_counters(fx, fx->slot[PORT_A]);
	assert_int_equal(fixture_frames(&c), n);
	assert_int_equal(c.rx_bytes, bytes);
	assert_true(c.fast_xdp && c.fast_tc && c.slow[KVS_SLOW_MTU]);
	assert_true(c.slow[KVS_SLOW_SRC_MOVED] && c.drop[KVS_DROP_BAD_SOURCE]);
}

static void each_port_has_its_own_counters(void **state)
{
	struct fixture *fx = *state;
	struct frame_spec spec = {.src = STATION_B, .dst = STATION_A};
	struct frame_rng rng = {1};
	struct frame f, out;

	frame_build(&f, &spec, &rng);
	for (int hook = 0; hook < HOOK_MAX; hook++)
		fixture_run(fx, hook, PORT_B, &f, &out);
	for (int i = 0; i < PORT_MAX; i++) {
		struct kvs_counters c = fixture_counters(fx, fx->slot[i]);

		assert_int_equal(c.fast_xdp, i == PORT_B);
		assert_int_equal(c.fast_tc, i == PORT_B);
		assert_int_equal(fixture_frames(&c), i == PORT_B ? 2 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_is_counted_once),
		cmocka_unit_test(each_port_has_its_own_counters),
	};

	return suite_run(NULL, 0, tests, ARRAY_SIZE(tests));
}
