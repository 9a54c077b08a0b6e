// SPDX-License-Identifier: GPL-2.0-only
/* Tables of cases, each run on both hooks. */
#include "suite.h"

#include <linux/pkt_cls.h>
#include <stdio.h>
#include <string.h>

#include "fixture_guard.h"
#include "util.h"

struct run {
	struct fixture *fx;
	const struct suite_case *what;
	enum fixture_hook hook;
	char name[128];
};

static bool is_forwarded(enum fixture_hook hook, struct suite_fate want)
{
	return want.kind == KIND_FAST || want.kind == KIND_COMPLETED ||
	       ((want.kind == KIND_TC || want.kind == KIND_AUDIT) && hook == HOOK_TC);
}

static int verdict_of(enum fixture_hook hook, struct suite_fate want)
{
	if (want.kind == KIND_DROP)
		return hook == HOOK_XDP ? XDP_DROP : TC_ACT_SHOT;
	if (is_forwarded(hook, want))
		return hook == HOOK_XDP ? XDP_REDIRECT : TC_ACT_REDIRECT;
	return hook == HOOK_XDP ? XDP_PASS : TC_ACT_UNSPEC;
}

static struct kvs_counters counters_of(enum fixture_hook hook, struct suite_fate want, __u32 len)
{
	struct kvs_counters c = {.rx_bytes = len};

	if (want.kind == KIND_DROP) {
		if (want.why < KVS_DROP_PLAIN)
			c.drop[want.why] = 1;
	} else if (hook == HOOK_XDP && is_forwarded(hook, want))
		c.fast_xdp = 1;
	else if (hook == HOOK_TC && is_forwarded(hook, want))
		c.fast_tc = 1;
	else if (hook == HOOK_TC && want.kind == KIND_SLOW)
		c.slow[want.why] = 1;
	else
		c.rx_bytes = 0;
	return c;
}

static struct kvs_guard_counters guard_counters_of(enum fixture_hook hook, struct suite_fate want)
{
	struct kvs_guard_counters c = {};

	if (want.kind == KIND_DROP && want.why >= KVS_DROP_PLAIN)
		c.drop[want.why - KVS_DROP_PLAIN] = 1;
	if (want.kind == KIND_AUDIT && hook == HOOK_TC)
		c.audit[want.why - KVS_DROP_PLAIN] = 1;
	return c;
}

static void expect_guard_counters(const struct fixture *fx, const struct kvs_guard_counters *want)
{
	struct kvs_guard_counters none = {};

	for (__u32 slot = 0; slot < FIXTURE_SLOTS && fx->has_guard; slot++) {
		struct kvs_guard_counters c = fixture_guard_counters(fx, slot);

		assert_memory_equal(&c, slot == fx->slot[PORT_A] ? want : &none, sizeof(c));
	}
}

/* Whose they are says port A: nothing may be counted elsewhere. */
static void expect_counters(const struct fixture *fx, const struct kvs_counters *want)
{
	struct kvs_counters none = {};

	for (__u32 slot = 0; slot < FIXTURE_SLOTS; slot++) {
		struct kvs_counters c = fixture_counters(fx, slot);

		assert_memory_equal(&c, slot == fx->slot[PORT_A] ? want : &none, sizeof(c));
	}
}

static void expect_bytes(const struct frame *out, const struct frame *want)
{
	assert_int_equal(out->len, want->len);
	assert_memory_equal(out->data, want->data, want->len);
}

static void expect(struct fixture *fx, enum fixture_hook hook, const struct frame *f,
		   struct suite_fate want)
{
	struct kvs_counters count = counters_of(hook, want, f->len);
	struct kvs_guard_counters guard = guard_counters_of(hook, want);
	struct frame same = *f, out;

	if (hook == HOOK_XDP && want.kind == KIND_COMPLETED)
		frame_complete(&same, &same.layer[0]);
	fixture_zero_counters(fx);
	assert_int_equal(fixture_run(fx, hook, PORT_A, f, &out), verdict_of(hook, want));
	expect_bytes(&out, &same);
	expect_counters(fx, &count);
	expect_guard_counters(fx, &guard);
	if (hook == HOOK_XDP && is_forwarded(hook, want)) {
		assert_int_equal(fixture_run(fx, hook, PORT_A, &out, &out), XDP_REDIRECT);
		expect_bytes(&out, &same);
	}
}

void suite_expect(struct fixture *fx, enum fixture_hook hook, const struct frame *f,
		  struct suite_fate want)
{
	expect(fx, hook, f, want);
	/* now that its flow is known */
	if (is_forwarded(hook, want))
		expect(fx, hook, f, want);
}

void suite_large_frames(struct fixture *fx, struct frame *f)
{
	fixture_set_max_frame(fx, PORT_B, FRAME_MAX);
}

void suite_expect_both(struct fixture *fx, const struct frame *f, struct suite_fate want)
{
	for (int hook = 0; hook < HOOK_MAX; hook++)
		suite_expect(fx, hook, f, want);
}

void suite_expect_reasons(const struct suite_case *cases, size_t n, enum kvs_drop first,
			  enum kvs_drop last)
{
	bool has[KVS_DROP_MAX] = {};

	for (size_t i = 0; i < n; i++)
		if (cases[i].want.kind == KIND_DROP)
			has[cases[i].want.why] = true;
	for (unsigned int i = first; i <= last; i++)
		if (!has[i])
			fail_msg("enum kvs_drop %d has no case", i);
}

static void run_case(void **state)
{
	const struct run *run = *state;
	const struct suite_case *c = run->what;
	struct frame_rng rng = {1};
	struct frame f;

	fixture_toggle(run->fx, PORT_A, c->a);
	fixture_toggle(run->fx, PORT_B, c->b);
	if (run->fx->has_guard)
		fixture_guard(run->fx, PORT_A, &c->guard);
	frame_build(&f, &c->frame, &rng);
	if (c->arrange)
		c->arrange(run->fx, &f);
	suite_expect(run->fx, run->hook, &f, c->want);
}

static int reset_for_case(void **state)
{
	const struct run *run = *state;

	fixture_reset(run->fx);
	return 0;
}

static int reset_for_test(void **state)
{
	fixture_reset(*state);
	return 0;
}

static void set_case(struct CMUnitTest *test, struct run *run)
{
	snprintf(run->name, sizeof(run->name), "%s: %s", fixture_hook_name(run->hook),
		 run->what->name);
	*test = (struct CMUnitTest){run->name, run_case, reset_for_case, NULL, run};
}

/* Without memory, none is run, and the plan that is missing says so. */
static int run_all(struct fixture *fx, const struct suite_case *cases, size_t n_cases,
		   const struct CMUnitTest *tests, size_t n_tests)
{
	_free_ struct run *runs = calloc(n_cases * HOOK_MAX + 1, sizeof(*runs));
	_free_ struct CMUnitTest *all = calloc(n_cases * HOOK_MAX + n_tests + 1, sizeof(*all));
	size_t n = 0;

	if (!runs || !all)
		return 1;
	for (size_t i = 0; i < n_cases * HOOK_MAX; i++) {
		runs[n] = (struct run){fx, &cases[i / HOOK_MAX], i % HOOK_MAX, ""};
		if (runs[n].hook == HOOK_XDP || !runs[n].what->xdp_only) {
			set_case(&all[n], &runs[n]);
			n++;
		}
	}
	for (size_t i = 0; i < n_tests; i++) {
		all[n] = tests[i];
		all[n].setup_func = reset_for_test;
		all[n++].initial_state = fx;
	}
	return _cmocka_run_group_tests("bpf", all, n, NULL, NULL);
}

static int open_and_run(bool has_guard, const struct suite_case *cases, size_t n_cases,
			const struct CMUnitTest *tests, size_t n_tests)
{
	struct fixture fx;
	int err = fixture_open(&fx, has_guard);

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (!err)
		err = run_all(&fx, cases, n_cases, tests, n_tests);
	else
		printf("Bail out! no fixture: %s\n", strerror(-err));
	fixture_close(&fx);
	return err ? 1 : 0;
}

int suite_run(const struct suite_case *cases, size_t n_cases, const struct CMUnitTest *tests,
	      size_t n_tests)
{
	return open_and_run(false, cases, n_cases, tests, n_tests);
}

int suite_run_guarded(const struct suite_case *cases, size_t n_cases,
		      const struct CMUnitTest *tests, size_t n_tests)
{
	return open_and_run(true, cases, n_cases, tests, n_tests);
}
