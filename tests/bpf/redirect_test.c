// SPDX-License-Identifier: GPL-2.0-only
/* Where frames really go: the hooks on taps, what is written to one, and what is read from the
 * others.
 *
 * A test run tells the verdict, not the device. And only here does a tag leave the frame for the
 * skb's metadata before tc sees it.
 */
#include "suite.h"

#include <errno.h>
#include <linux/if_link.h>
#include <poll.h>
#include <string.h>

#include "util.h"

#define ARRIVAL 1000 /* ms a frame is waited for; it takes none */

static void write_frame(struct fixture *fx, enum fixture_port port, const struct frame *f)
{
	assert_int_equal(write(fx->tap[port], f->data, f->len), f->len);
}

static void read_frame(struct fixture *fx, enum fixture_port port, const struct frame *want)
{
	struct pollfd poll_fd = {.fd = fx->tap[port], .events = POLLIN};
	struct frame got;

	assert_int_equal(poll(&poll_fd, 1, ARRIVAL), 1);
	assert_int_equal(read(fx->tap[port], got.data, FRAME_MAX), want->len);
	assert_memory_equal(got.data, want->data, want->len);
}

static void expect_silence(struct fixture *fx)
{
	struct frame got;

	for (int i = 0; i < PORT_MAX; i++) {
		assert_int_equal(read(fx->tap[i], got.data, FRAME_MAX), -1);
		assert_int_equal(errno, EAGAIN);
	}
}

static void build(struct frame *f, const struct frame_spec *spec)
{
	struct frame_rng rng = {1};

	frame_build(f, spec, &rng);
}

static void attach_tc(struct fixture *fx, enum fixture_port port)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = fx->ifindex[port],
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = fixture_hook_fd(fx, HOOK_TC));

	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &opts), 0);
}

/* The taps of the test before are gone, with what was attached to them. */
static void attach(struct fixture *fx, enum fixture_hook hook)
{
	for (int i = 0; i < PORT_MAX; i++)
		fixture_delete_device(fx, i);
	fixture_reset(fx);
	for (int i = 0; i < PORT_MAX; i++)
		if (hook == HOOK_TC)
			attach_tc(fx, i);
		else
			assert_int_equal(bpf_xdp_attach(fx->ifindex[i],
							fixture_hook_fd(fx, HOOK_XDP),
							XDP_FLAGS_DRV_MODE, NULL),
					 0);
}

/* In by port A, out by port, as it was or, where XDP completes it, complete. */
static void try_frame(struct fixture *fx, enum fixture_hook hook, const struct frame_spec *spec,
		      enum fixture_port port)
{
	struct frame f;

	build(&f, spec);
	write_frame(fx, PORT_A, &f);
	if (hook == HOOK_XDP && spec->sum == SUM_PARTIAL)
		frame_complete(&f, &f.layer[0]);
	read_frame(fx, port, &f);
	expect_silence(fx);
}

static void expect_count(struct fixture *fx, enum fixture_hook hook, __u64 n)
{
	struct kvs_counters c = fixture_counters(fx, fx->slot[PORT_A]);

	assert_int_equal(hook == HOOK_XDP ? c.fast_xdp : c.fast_tc, n);
	assert_int_equal(fixture_frames(&c), n);
}

static const struct frame_spec specs[] = {
	{.len = 100},
	{.proto = IPPROTO_TCP, .len = 32, .sum = SUM_PARTIAL},
	{.type = ETH_P_IPV6, .proto = IPPROTO_TCP, .len = 512, .sum = SUM_PARTIAL},
	{.pad = FIXTURE_MTU + 18},
	{.tags = {ETH_P_8021Q}},
	{.tags = {ETH_P_8021Q}, .sum = SUM_PARTIAL},
	{.tags = {ETH_P_8021AD, ETH_P_8021Q}},
};

static void to_the_targets_port_and_no_other(struct fixture *fx, enum fixture_hook hook)
{
	attach(fx, hook);
	for (size_t i = 0; i < ARRAY_SIZE(specs); i++)
		try_frame(fx, hook, &specs[i], PORT_B);
	expect_count(fx, hook, ARRAY_SIZE(specs));
}

static void to_the_targets_port_and_no_other_xdp(void **state)
{
	to_the_targets_port_and_no_other(*state, HOOK_XDP);
}

static void to_the_targets_port_and_no_other_tc(void **state)
{
	to_the_targets_port_and_no_other(*state, HOOK_TC);
}

static void back_where_it_came_from(struct fixture *fx, enum fixture_hook hook)
{
	struct frame_spec spec = {.dst = STATION_A2, .len = 100};

	attach(fx, hook);
	fixture_toggle(fx, PORT_A, KVS_PORT_HAIRPIN);
	try_frame(fx, hook, &spec, PORT_A);
	expect_count(fx, hook, 1);
}

static void back_where_it_came_from_xdp(void **state)
{
	back_where_it_came_from(*state, HOOK_XDP);
}

static void back_where_it_came_from_tc(void **state)
{
	back_where_it_came_from(*state, HOOK_TC);
}

static void what_xdp_passes_reaches_nobody_here(void **state)
{
	struct frame_spec spec = {.dst = STRANGER};
	struct frame f;

	attach(*state, HOOK_XDP);
	build(&f, &spec);
	write_frame(*state, PORT_A, &f);
	expect_silence(*state);
	expect_count(*state, HOOK_XDP, 0);
}

/* Frames that tc sees in another shape than a test run makes. */
static void refuse_on_tc(struct fixture *fx, const struct frame_spec *spec, __u32 flag,
			 enum kvs_slow why)
{
	struct kvs_counters c;
	struct frame f;

	attach(fx, HOOK_TC);
	fixture_toggle(fx, PORT_A, flag);
	build(&f, spec);
	write_frame(fx, PORT_A, &f);
	expect_silence(fx);
	c = fixture_counters(fx, fx->slot[PORT_A]);
	assert_int_equal(c.slow[why], 1);
	assert_int_equal(fixture_frames(&c), 1);
}

static void a_tag_in_metadata_is_seen(void **state)
{
	struct frame_spec spec = {.tags = {ETH_P_8021Q}};

	refuse_on_tc(*state, &spec, KVS_PORT_VLAN_UPPER, KVS_SLOW_VLAN_UPPER);
	refuse_on_tc(*state, &spec, KVS_PORT_SUPPRESS, KVS_SLOW_SUPPRESS);
}

static void half_an_ipv6_header_may_be_nd(void **state)
{
	struct frame_spec spec = {.type = ETH_P_IPV6, .cut = 53};

	refuse_on_tc(*state, &spec, KVS_PORT_SUPPRESS, KVS_SLOW_SUPPRESS);
}

/* As to the bridge. XDP, where it counts, leaves the frame to tc. */
static void a_tag_in_metadata_is_not_counted_to_the_mtu(void **state)
{
	struct frame_spec fits = {.tags = {ETH_P_8021Q}, .pad = FIXTURE_MTU + 22};
	struct frame_spec too_long = {.tags = {ETH_P_8021Q}, .pad = FIXTURE_MTU + 23};

	attach(*state, HOOK_TC);
	try_frame(*state, HOOK_TC, &fits, PORT_B);
	refuse_on_tc(*state, &too_long, 0, KVS_SLOW_MTU);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_the_targets_port_and_no_other_xdp),
		cmocka_unit_test(to_the_targets_port_and_no_other_tc),
		cmocka_unit_test(back_where_it_came_from_xdp),
		cmocka_unit_test(back_where_it_came_from_tc),
		cmocka_unit_test(what_xdp_passes_reaches_nobody_here),
		cmocka_unit_test(a_tag_in_metadata_is_seen),
		cmocka_unit_test(half_an_ipv6_header_may_be_nd),
		cmocka_unit_test(a_tag_in_metadata_is_not_counted_to_the_mtu),
	};

	return suite_run(NULL, 0, tests, ARRAY_SIZE(tests));
}
