// SPDX-License-Identifier: GPL-2.0-only
/* bpf/flow.h: what the hooks remember, and until when. */
#include "suite.h"

#include <string.h>
#include <unistd.h>

#include "util.h"

#define SOON 20 /* jiffies */

static const struct frame_spec spec;

static void expect(struct fixture *fx, struct suite_fate want)
{
	struct frame_rng rng = {1};
	struct frame f;

	frame_build(&f, &spec, &rng);
	suite_expect_both(fx, &f, want);
}

/* Without saying that anything changed. */
static void forget_quietly(struct fixture *fx, const __u8 *mac)
{
	struct kvs_fdb_key key = {.bridge = fixture_get_port(fx, fx->slot[PORT_A]).bridge};

	memcpy(key.mac, mac, ETH_ALEN);
	assert_int_equal(bpf_map_delete_elem(bpf_map__fd(fx->skel->maps.kvs_fdb), &key), 0);
}

static void a_flow_is_remembered_until_something_changes(void **state)
{
	expect(*state, FAST);
	forget_quietly(*state, STATION_B);
	expect(*state, FAST);
	fixture_changed(*state);
	expect(*state, SLOW(KVS_SLOW_DST_UNKNOWN));
}

static void what_is_refused_is_not_remembered(void **state)
{
	struct fixture *fx = *state;
	struct kvs_fdb b = fixture_get_fdb(fx, STATION_B);
	struct kvs_fdb_key key = {.bridge = fixture_get_port(fx, fx->slot[PORT_A]).bridge};

	fixture_del_fdb(fx, STATION_B);
	expect(fx, SLOW(KVS_SLOW_DST_UNKNOWN));
	memcpy(key.mac, STATION_B, ETH_ALEN);
	assert_int_equal(
		bpf_map_update_elem(bpf_map__fd(fx->skel->maps.kvs_fdb), &key, &b, BPF_NOEXIST), 0);
	expect(fx, FAST);
}

static void wait_until(struct fixture *fx, __u64 then)
{
	for (int i = 0; fixture_now(fx) < then && i < 10000; i++)
		usleep(1000);
}

static void a_flow_is_known_until_the_refresh_is_due(void **state)
{
	struct fixture *fx = *state;
	struct kvs_fdb a = fixture_get_fdb(fx, STATION_A);
	__u64 now = fixture_now(fx);
	__u32 bridge = fixture_get_port(fx, fx->slot[PORT_A]).bridge;
	struct frame_rng rng = {1};
	struct frame f;

	a.heard = now - FIXTURE_REFRESH + 50 * SOON;
	fixture_set_fdb(fx, STATION_A, bridge, &a);
	expect(fx, FAST);
	wait_until(fx, now + 50 * SOON);
	frame_build(&f, &spec, &rng);
	suite_expect(fx, HOOK_TC, &f, SLOW(KVS_SLOW_REFRESH));
}

/* The two that the bridge would tell apart by what is behind the Ethernet header. */
static void a_flow_with_neighbours_to_suppress_is_not_remembered(void **state)
{
	struct fixture *fx = *state;

	fixture_toggle(fx, PORT_A, KVS_PORT_SUPPRESS);
	expect(fx, FAST);
	forget_quietly(fx, STATION_B);
	expect(fx, SLOW(KVS_SLOW_DST_UNKNOWN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_is_remembered_until_something_changes),
		cmocka_unit_test(what_is_refused_is_not_remembered),
		cmocka_unit_test(a_flow_is_known_until_the_refresh_is_due),
		cmocka_unit_test(a_flow_with_neighbours_to_suppress_is_not_remembered),
	};

	return suite_run(NULL, 0, tests, ARRAY_SIZE(tests));
}
