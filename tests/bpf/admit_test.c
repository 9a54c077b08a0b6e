// SPDX-License-Identifier: GPL-2.0-only
/* bpf/admit.h: what no hook has seen is refused where it leaves. A test run cannot give a frame the
 * mark: that it travels through the bridge is for tests/net/admission_test.sh.
 */
#include "suite.h"

#include <linux/pkt_cls.h>
#include <string.h>

#include "util.h"

#define BRIDGE_DEVICE 1 /* any: the loopback device */

static const __u8 query[ETH_ALEN] = {1, 0, 0x5e, 0, 0, 1};

static void arrange(struct fixture *fx)
{
	struct kvs_state state = fixture_get_state(fx);

	state.mark = 4711;
	fixture_set_state(fx, &state);
}

static int run(struct bpf_program *program, __u32 ifindex, __u32 from, const __u8 *dst)
{
	const struct frame_spec spec = {.dst = dst};
	struct __sk_buff skb = {.ifindex = ifindex, .ingress_ifindex = from};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &skb, .ctx_size_in = sizeof(skb));
	struct frame_rng rng = {1};
	struct frame f;

	frame_build(&f, &spec, &rng);
	opts.data_in = f.data;
	opts.data_size_in = f.len;
	assert_int_equal(bpf_prog_test_run_opts(bpf_program__fd(program), &opts), 0);
	return opts.retval;
}

static __u64 refused(const struct fixture *fx, enum fixture_port port)
{
	int cpus = libbpf_num_possible_cpus();
	struct kvs_egress_counters per_cpu[cpus];
	int fd = bpf_map__fd(fx->skel->maps.kvs_egress_counters);
	__u64 sum = 0;

	assert_int_equal(bpf_map_lookup_elem(fd, &fx->slot[port], per_cpu), 0);
	for (int cpu = 0; cpu < cpus; cpu++)
		sum += per_cpu[cpu].drop[KVS_DROP_NOT_ADMITTED];
	return sum;
}

static int leave(struct fixture *fx, __u32 from)
{
	return run(fx->skel->progs.kvs_egress, fx->ifindex[PORT_B], from, NULL);
}

static void a_port_refuses_what_no_hook_has_seen(void **state)
{
	struct fixture *fx = *state;
	__u64 before = refused(fx, PORT_B);

	arrange(fx);
	fixture_toggle(fx, PORT_B, KVS_PORT_ADMIT);
	assert_int_equal(leave(fx, fx->ifindex[PORT_A]), TC_ACT_SHOT);
	assert_int_equal(leave(fx, 4711), TC_ACT_SHOT); /* KVS does not know it */
	assert_int_equal(refused(fx, PORT_B) - before, 2);
}

static void what_the_host_makes_passes(void **state)
{
	struct fixture *fx = *state;

	arrange(fx);
	fixture_toggle(fx, PORT_B, KVS_PORT_ADMIT);
	assert_int_equal(leave(fx, 0), (int)TC_ACT_UNSPEC);
}

static void without_the_flag_all_passes(void **state)
{
	struct fixture *fx = *state;

	arrange(fx);
	assert_int_equal(leave(fx, fx->ifindex[PORT_A]), (int)TC_ACT_UNSPEC);
}

/* A test run's frames have the packet type of their destination, as those of a port have. */
static void the_host_gets_nothing_that_no_hook_has_seen(void **state)
{
	struct fixture *fx = *state;
	struct bpf_program *program = fx->skel->progs.kvs_bridge_in;

	arrange(fx);
	assert_int_equal(run(program, BRIDGE_DEVICE, 0, NULL), TC_ACT_SHOT);
	assert_int_equal(run(program, BRIDGE_DEVICE, 0, query), TC_ACT_SHOT);
	assert_int_equal(run(fx->skel->progs.kvs_bridge_out, BRIDGE_DEVICE, 0, NULL),
			 (int)TC_ACT_UNSPEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_refuses_what_no_hook_has_seen),
		cmocka_unit_test(what_the_host_makes_passes),
		cmocka_unit_test(without_the_flag_all_passes),
		cmocka_unit_test(the_host_gets_nothing_that_no_hook_has_seen),
	};

	return suite_run_guarded(NULL, 0, tests, ARRAY_SIZE(tests));
}
