// SPDX-License-Identifier: GPL-2.0-only
/* The fixture's hooks: what they answer, and what they count. */
#include "fixture.h"

#include <linux/bpf.h>
#include <string.h>

#include "fixture_guard.h"
#include "test.h"

const char *fixture_hook_name(enum fixture_hook hook)
{
	return hook == HOOK_XDP ? "xdp" : "tc";
}

int fixture_hook_fd(const struct fixture *fx, enum fixture_hook hook)
{
	return bpf_program__fd(hook == HOOK_XDP ? fx->skel->progs.kvs_xdp
						: fx->skel->progs.kvs_ingress);
}

int fixture_try(struct fixture *fx, enum fixture_hook hook, enum fixture_port port,
		const struct frame *in, struct frame *out, int *verdict)
{
	struct xdp_md xdp = {.data_end = in->linear ?: in->len,
			     .ingress_ifindex = fx->ifindex[port]};
	struct __sk_buff skb = {.ifindex = fx->ifindex[port], .gso_size = in->gso_size};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = in->data, .data_size_in = in->len,
		    .data_out = out->data, .data_size_out = sizeof(out->data),
		    .ctx_in = hook == HOOK_XDP ? (void *)&xdp : &skb,
		    .ctx_size_in = hook == HOOK_XDP ? sizeof(xdp) : sizeof(skb));
	int err = bpf_prog_test_run_opts(fixture_hook_fd(fx, hook), &opts);

	*verdict = opts.retval;
	memcpy(out, in, sizeof(*in) - sizeof(in->data));
	out->len = opts.data_size_out;
	return err;
}

int fixture_run(struct fixture *fx, enum fixture_hook hook, enum fixture_port port,
		const struct frame *in, struct frame *out)
{
	int verdict, err = fixture_try(fx, hook, port, in, out, &verdict);

	if (err)
		fail_msg("%s does not run a frame of %u bytes: %s", fixture_hook_name(hook),
			 in->len, strerror(-err));
	return verdict;
}

struct kvs_counters fixture_counters(const struct fixture *fx, __u32 slot)
{
	int cpus = libbpf_num_possible_cpus();
	struct kvs_counters per_cpu[cpus], sum = {};

	assert_int_equal(
		bpf_map_lookup_elem(bpf_map__fd(fx->skel->maps.kvs_counters), &slot, per_cpu), 0);
	for (int cpu = 0; cpu < cpus; cpu++)
		for (size_t i = 0; i < sizeof(sum) / sizeof(__u64); i++)
			((__u64 *)&sum)[i] += ((__u64 *)&per_cpu[cpu])[i];
	return sum;
}

void fixture_zero_counters(struct fixture *fx)
{
	int cpus = libbpf_num_possible_cpus();
	struct kvs_counters per_cpu[cpus];
	int fd = bpf_map__fd(fx->skel->maps.kvs_counters);

	memset(per_cpu, 0, sizeof(per_cpu));
	for (__u32 slot = 0; slot < FIXTURE_SLOTS; slot++)
		assert_int_equal(bpf_map_update_elem(fd, &slot, per_cpu, 0), 0);
	if (fx->has_guard)
		fixture_guard_zero_counters(fx);
}

__u64 fixture_frames(const struct kvs_counters *c)
{
	__u64 sum = 0;

	for (size_t i = 0; i < sizeof(*c) / sizeof(__u64); i++)
		sum += ((const __u64 *)c)[i];
	return sum - c->rx_bytes;
}
