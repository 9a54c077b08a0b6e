// SPDX-License-Identifier: GPL-2.0-only
/* bpf/output.h, bpf/output_xdp.h: the target port is there, and takes the frame. */
#include "suite.h"

#include "util.h"

/* In a test run's XDP buffer: whole, and in two pieces. tc takes both whole. */
#define ONE_PIECE  3000
#define TWO_PIECES 3600

/* kvsd has taken it out already, or not put it in yet; port B itself is as it was. */
static void empty_devmap(struct fixture *fx, struct frame *f)
{
	int fd = bpf_map__fd(fx->skel->maps.kvs_devmap);

	assert_int_equal(bpf_map_delete_elem(fd, &fx->slot[PORT_B]), 0);
}

/* The other way round: kvsd has not heard of it. */
static void delete_target(struct fixture *fx, struct frame *f)
{
	fixture_delete_device(fx, PORT_B);
}

static const struct suite_case cases[] = {
	{"target not for XDP", {}, .b = KVS_PORT_XDP_TX, .want = TC},
	{"port not for XDP, target is", {}, .a = KVS_PORT_XDP_TX, .want = FAST},
	{"partial, target not for XDP", {.sum = SUM_PARTIAL}, .b = KVS_PORT_XDP_TX, .want = TC},
	{"not in the devmap", {}, .arrange = empty_devmap, .want = TC},
	{"partial, not in the devmap", {.sum = SUM_PARTIAL}, .arrange = empty_devmap, .want = TC},
	{"device deleted", {}, .arrange = delete_target, .want = SLOW(KVS_SLOW_TARGET)},
	{"partial, device deleted",
	 {.sum = SUM_PARTIAL},
	 .arrange = delete_target,
	 .want = SLOW(KVS_SLOW_TARGET)},
	{"large, in one piece",
	 {.proto = IPPROTO_TCP, .len = ONE_PIECE},
	 .arrange = suite_large_frames,
	 .want = FAST},
	{"large, in two pieces",
	 {.proto = IPPROTO_TCP, .len = TWO_PIECES},
	 .a = KVS_PORT_CSUM_DONE,
	 .arrange = suite_large_frames,
	 .want = TC},
};

static void build(struct frame *f, __u32 len)
{
	struct frame_spec spec = {.pad = len};
	struct frame_rng rng = {1};

	frame_build(f, &spec, &rng);
	assert_int_equal(f->len, len);
}

static void the_mtu_is_exact(void **state)
{
	static const __u32 limits[] = {68 + 18, 1280 + 18, 1500 + 18, 3000};
	struct frame f;

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		fixture_set_max_frame(*state, PORT_B, limits[i]);
		build(&f, limits[i] - 1);
		suite_expect_both(*state, &f, FAST);
		build(&f, limits[i]);
		suite_expect_both(*state, &f, FAST);
		build(&f, limits[i] + 1);
		suite_expect_both(*state, &f, SLOW(KVS_SLOW_MTU));
	}
}

/* A device that takes the ifindex of one that is gone is in no devmap. */
static void a_new_device_is_not_the_old_one_to_xdp(void **state)
{
	struct fixture *fx = *state;
	struct frame f;

	build(&f, 60);
	fixture_delete_device(fx, PORT_B);
	suite_expect_both(fx, &f, SLOW(KVS_SLOW_TARGET));
	fixture_reset(fx);
	empty_devmap(fx, &f);
	suite_expect_both(fx, &f, TC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mtu_is_exact),
		cmocka_unit_test(a_new_device_is_not_the_old_one_to_xdp),
	};

	return suite_run(cases, ARRAY_SIZE(cases), tests, ARRAY_SIZE(tests));
}
