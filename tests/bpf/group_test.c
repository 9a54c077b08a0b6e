// SPDX-License-Identifier: GPL-2.0-only
/* bpf/group.h: who may talk to whom, at the port a frame comes in by and at those it leaves by. */
#include "suite.h"

#include <linux/pkt_cls.h>
#include <string.h>

#include "util.h"

#define RED  KVS_GROUP_COMMUNITY
#define BLUE 65535

static const struct {
	__u16 from, to;
	bool may;
} pairs[] = {
	{KVS_GROUP_PROMISCUOUS, KVS_GROUP_PROMISCUOUS, true},
	{KVS_GROUP_PROMISCUOUS, KVS_GROUP_ISOLATED, true},
	{KVS_GROUP_PROMISCUOUS, RED, true},
	{KVS_GROUP_ISOLATED, KVS_GROUP_PROMISCUOUS, true},
	{KVS_GROUP_ISOLATED, KVS_GROUP_ISOLATED, false},
	{KVS_GROUP_ISOLATED, RED, false},
	{RED, KVS_GROUP_PROMISCUOUS, true},
	{RED, KVS_GROUP_ISOLATED, false},
	{RED, RED, true},
	{RED, BLUE, false},
	{BLUE, BLUE, true},
	{BLUE, RED, false},
};

static void build(struct frame *f)
{
	const struct frame_spec spec = {};
	struct frame_rng rng = {1};

	frame_build(f, &spec, &rng);
}

static void known_unicast_is_refused_where_it_comes_in(void **state)
{
	struct fixture *fx = *state;
	struct frame f;

	build(&f);
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		fixture_reset(fx);
		fixture_set_group(fx, PORT_A, pairs[i].from);
		fixture_set_group(fx, PORT_B, pairs[i].to);
		suite_expect_both(fx, &f, pairs[i].may ? FAST : DROP(KVS_DROP_GROUP));
	}
}

/* Once more: a refusal is not remembered, an answer that no longer holds neither. */
static void a_flow_follows_a_change_of_groups(void **state)
{
	struct fixture *fx = *state;
	struct frame f;

	build(&f);
	fixture_set_group(fx, PORT_A, RED);
	fixture_set_group(fx, PORT_B, RED);
	suite_expect_both(fx, &f, FAST);
	fixture_set_group(fx, PORT_B, BLUE);
	suite_expect_both(fx, &f, DROP(KVS_DROP_GROUP));
	fixture_set_group(fx, PORT_B, RED);
	suite_expect_both(fx, &f, FAST);
}

/* What the bridge would refuse, or has to hear, is the bridge's: the egress hook refuses it. */
static void what_is_slow_stays_slow(void **state)
{
	struct fixture *fx = *state;
	struct frame f;

	build(&f);
	fixture_set_group(fx, PORT_A, KVS_GROUP_ISOLATED);
	fixture_set_group(fx, PORT_B, KVS_GROUP_ISOLATED);
	fixture_toggle(fx, PORT_A, KVS_PORT_SLOW);
	suite_expect_both(fx, &f, SLOW(KVS_SLOW_PATH));
	fixture_toggle(fx, PORT_A, KVS_PORT_SLOW);
	fixture_del_fdb(fx, STATION_A);
	suite_expect_both(fx, &f, SLOW(KVS_SLOW_SRC_UNKNOWN));
}

static __u64 refused_out(const struct fixture *fx, enum fixture_port port)
{
	int cpus = libbpf_num_possible_cpus();
	struct kvs_egress_counters per_cpu[cpus];
	int fd = bpf_map__fd(fx->skel->maps.kvs_egress_counters);
	__u64 sum = 0;

	assert_int_equal(bpf_map_lookup_elem(fd, &fx->slot[port], per_cpu), 0);
	for (int cpu = 0; cpu < cpus; cpu++)
		sum += per_cpu[cpu].drop[KVS_DROP_GROUP];
	return sum;
}

static int leave(const struct fixture *fx, __u32 from, enum fixture_port to)
{
	struct __sk_buff skb = {.ifindex = fx->ifindex[to], .ingress_ifindex = from};
	struct frame f;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &skb, .ctx_size_in = sizeof(skb));

	build(&f);
	opts.data_in = f.data;
	opts.data_size_in = f.len;
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(fx->skel->progs.kvs_egress), &opts),
			 0);
	return opts.retval;
}

static void expect_out(const struct fixture *fx, __u32 from, enum fixture_port to, bool may)
{
	__u64 before = refused_out(fx, to);

	assert_int_equal(leave(fx, from, to), may ? (int)TC_ACT_UNSPEC : TC_ACT_SHOT);
	assert_int_equal(refused_out(fx, to) - before, !may);
}

static void the_rest_is_refused_where_it_leaves(void **state)
{
	struct fixture *fx = *state;

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct kvs_counters c;

		fixture_reset(fx);
		fixture_set_group(fx, PORT_A, pairs[i].from);
		fixture_set_group(fx, PORT_B, pairs[i].to);
		expect_out(fx, fx->ifindex[PORT_A], PORT_B, pairs[i].may);
		c = fixture_counters(fx, fx->slot[PORT_A]); /* its ingress hook has counted it */
		assert_int_equal(fixture_frames(&c), 0);
	}
}

static void the_host_may_talk_to_all(void **state)
{
	struct fixture *fx = *state;

	fixture_set_group(fx, PORT_B, KVS_GROUP_ISOLATED);
	expect_out(fx, 0, PORT_B, true);
	expect_out(fx, 4711, PORT_B, true); /* routed */
}

static void another_switch_is_routed_to(void **state)
{
	struct fixture *fx = *state;

	fixture_set_group(fx, PORT_A, KVS_GROUP_ISOLATED);
	fixture_set_group(fx, PORT_C, KVS_GROUP_ISOLATED);
	expect_out(fx, fx->ifindex[PORT_A], PORT_C, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_unicast_is_refused_where_it_comes_in),
		cmocka_unit_test(a_flow_follows_a_change_of_groups),
		cmocka_unit_test(what_is_slow_stays_slow),
		cmocka_unit_test(the_rest_is_refused_where_it_leaves),
		cmocka_unit_test(the_host_may_talk_to_all),
		cmocka_unit_test(another_switch_is_routed_to),
	};

	return suite_run_guarded(NULL, 0, tests, ARRAY_SIZE(tests));
}
