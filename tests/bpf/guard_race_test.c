// SPDX-License-Identifier: GPL-2.0-only
/* bpf/guard_mac.h: a limit of MACs holds on several CPUs at once. */
#include "suite.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "fixture_guard.h"
#include "util.h"

#define LIMIT   20
#define STRANGE 500 /* sources that a CPU sends from */
#define CPUS    2
#define ROUNDS  5

struct sender {
	struct fixture *fx;
	pthread_t thread;
	int cpu;
	bool shares; /* every other source with the other CPU */
	unsigned int allowed;
	int err;
};

static void set_source(struct frame *f, const struct sender *s, int n)
{
	f->data[ETH_ALEN + 3] = s->shares && n % 2 ? 0 : s->cpu + 1;
	f->data[ETH_ALEN + 4] = n >> 8;
	f->data[ETH_ALEN + 5] = n;
}

static void *send_all(void *arg)
{
	struct sender *s = arg;
	const struct frame_spec spec = {.src = MAC(2, 9, 0, 0, 0, 0)};
	struct frame_rng rng = {1};
	struct frame f, out;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(s->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set); /* where there is but one, they take turns */
	frame_build(&f, &spec, &rng);
	for (int n = 0; n < STRANGE && !s->err; n++) {
		int verdict;

		set_source(&f, s, n);
		s->err = fixture_try(s->fx, HOOK_TC, PORT_A, &f, &out, &verdict);
		s->allowed += verdict != 2; /* TC_ACT_SHOT */
	}
	return NULL;
}

static unsigned int entries_of(const struct fixture *fx, enum fixture_port port)
{
	int fd = bpf_map__fd(fx->skel->maps.kvs_guard_macs);
	struct kvs_guard_mac key, *prev = NULL;
	unsigned int n = 0;

	for (; !bpf_map_get_next_key(fd, prev, &key); prev = &key)
		n += key.slot == fx->slot[port];
	return n;
}

static void race(struct fixture *fx, bool shares)
{
	struct sender s[CPUS];

	fixture_reset(fx);
	fixture_guard(fx, PORT_A, &(struct kvs_guard){.max_macs = LIMIT});
	for (int i = 0; i < CPUS; i++) {
		s[i] = (struct sender){.fx = fx, .cpu = i, .shares = shares};
		assert_int_equal(pthread_create(&s[i].thread, NULL, send_all, &s[i]), 0);
	}
	for (int i = 0; i < CPUS; i++) {
		assert_int_equal(pthread_join(s[i].thread, NULL), 0);
		assert_int_equal(s[i].err, 0);
	}
	assert_int_equal(entries_of(fx, PORT_A), LIMIT);
	assert_int_equal(fixture_get_guard(fx, PORT_A).macs, LIMIT);
	/* station A is the first of them; a single CPU may mix up two frames of a test */
	if (!shares && get_nprocs() >= CPUS)
		assert_int_equal(s[0].allowed + s[1].allowed, LIMIT - 1);
}

static void two_cpus_enter_no_more_than_the_limit(void **state)
{
	for (int i = 0; i < ROUNDS; i++)
		race(*state, false);
}

static void two_cpus_enter_the_same_source_once(void **state)
{
	for (int i = 0; i < ROUNDS; i++)
		race(*state, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_cpus_enter_no_more_than_the_limit),
		cmocka_unit_test(two_cpus_enter_the_same_source_once),
	};

	return suite_run_guarded(NULL, 0, tests, ARRAY_SIZE(tests));
}
