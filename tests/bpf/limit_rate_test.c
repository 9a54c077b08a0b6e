// SPDX-License-Identifier: GPL-2.0-only
/* bpf/limit.h: a rate holds, whatever comes in on several CPUs, through XDP and tc.
 *
 * The bucket begins empty and is so deep that it never fills up, however long somebody else keeps
 * the CPUs: so what has gone through is the rate, times the time between its being filled in and a
 * moment when it was empty again. That time is measured, and no speed asserted.
 */
#include "suite.h"

#include <linux/pkt_cls.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "fixture_limit.h"
#include "limit.h"
#include "util.h"

#define SECOND   (1000000000ull * KVS_LIMIT_NS)
#define DEPTH    100   /* seconds */
#define FEW      500   /* frames in one system call */
#define MANY     50000 /* XDP in earnest: the kernel waits for RCU before and after */
#define EMPTYING 5     /* seconds, for a busy machine */
#define PER_CENT 2

struct sender {
	pthread_t thread;
	struct fixture *fx;
	enum fixture_hook hook;
	int cpu;
	const struct frame *frame;
	__u64 until;
};

static int send_many(const struct sender *s, unsigned int n, __u32 *verdict)
{
	struct xdp_md xdp = {.data_end = s->frame->len, .ingress_ifindex = s->fx->ifindex[PORT_A]};
	struct __sk_buff skb = {.ifindex = s->fx->ifindex[PORT_A]};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = s->frame->data,
		    .data_size_in = s->frame->len, .repeat = n,
		    .ctx_in = s->hook == HOOK_XDP ? (void *)&xdp : &skb,
		    .ctx_size_in = s->hook == HOOK_XDP ? sizeof(xdp) : sizeof(skb));
	int rc = bpf_prog_test_run_opts(fixture_hook_fd(s->fx, s->hook), &opts);

	*verdict = opts.retval;
	return rc;
}

static void *send_until(void *data)
{
	struct sender *s = data;
	cpu_set_t set;
	__u32 verdict;

	CPU_ZERO(&set);
	CPU_SET(s->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	while (fixture_limit_now() < s->until &&
	       !send_many(s, s->hook == HOOK_XDP ? MANY : FEW, &verdict))
		;
	return NULL;
}

/* Of what is left in the bucket. The time when one was refused lies between the two that are set.
 */
static bool send_the_rest(const struct sender *s, __u64 *before, __u64 *after)
{
	__u64 end = fixture_limit_now() + EMPTYING * SECOND;
	__u32 verdict = 0;

	do {
		assert_int_equal(send_many(s, FEW, &verdict), 0);
		*before = fixture_limit_now();
		assert_int_equal(send_many(s, 1, &verdict), 0);
		*after = fixture_limit_now();
	} while (verdict != TC_ACT_SHOT && *after < end);
	return *after < end;
}

static __u64 forwarded(const struct fixture *fx)
{
	struct kvs_counters c = fixture_counters(fx, fx->slot[PORT_A]);

	return c.fast_xdp + c.fast_tc;
}

/* Ticks of the clock that a CPU, kept from ticking, has seen late: the last that it saw counts. */
static void set_clock(struct fixture *fx)
{
	for (int i = 0; i < 20; i++) {
		fixture_now(fx);
		usleep(1000);
	}
}

/* As long as a second lasts, one CPU through XDP and one through tc. */
static void send_on_two_cpus(struct fixture *fx, const struct frame *f, __u64 start)
{
	struct sender s[HOOK_MAX];

	for (int i = 0; i < HOOK_MAX; i++) {
		s[i] = (struct sender){
			.fx = fx, .hook = i, .frame = f, .cpu = i, .until = start + SECOND};
		assert_int_equal(pthread_create(&s[i].thread, NULL, send_until, &s[i]), 0);
	}
	for (int i = 0; i < HOOK_MAX; i++)
		assert_int_equal(pthread_join(s[i].thread, NULL), 0);
}

/* When the bucket is empty. */
static __u64 set_limit(struct fixture *fx, const struct limit *limit)
{
	struct kvs_bucket b = limit_bucket(limit);
	__u64 now;

	fixture_reset(fx);
	fixture_toggle(fx, PORT_A, KVS_PORT_CSUM_DONE);
	set_clock(fx);
	now = fixture_limit_now();
	b.full_at = now + b.depth;
	fixture_limit(fx, PORT_A, KVS_LIMIT_RATE, &b, 0);
	return now;
}

/* n frames, of which the time from start to some moment between the two others is worth as many.
 * Each of two CPUs may have one in hand.
 */
static void expect_worth(double cost, __u64 n, __u64 start, __u64 before, __u64 after)
{
	print_message("# %llu frames of %.1f, %+.3f %%\n", (unsigned long long)n,
		      (after - start) / cost, 100 * (n * cost / (after - start) - 1));
	assert_true((n - 2.0) * cost <= (after - start) * (100.0 + PER_CENT) / 100);
	assert_true((n + 2.0) * cost >= (before - start) * (100.0 - PER_CENT) / 100);
}

static void expect_rate(struct fixture *fx, const struct limit *limit, __u32 len)
{
	const struct frame_spec spec = {.len = len - 34};
	const double units = limit->unit == KVS_LIMIT_FRAMES ? 1 : 8.0 * len;
	struct sender last = {.fx = fx, .hook = HOOK_TC};
	struct frame_rng rng = {1};
	__u64 start, before, after;
	struct frame f;

	frame_build(&f, &spec, &rng);
	last.frame = &f;
	start = set_limit(fx, limit);
	send_on_two_cpus(fx, &f, start);
	if (send_the_rest(&last, &before, &after))
		expect_worth(units * SECOND / limit->rate, forwarded(fx), start, before, after);
	else
		print_message("# this machine does not send as much\n");
}

static void a_rate_in_bits_is_exact(void **state)
{
	const __u64 rates[] = {1000000, 30000000, 1000000000};

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct limit l = {rates[i], DEPTH * rates[i], KVS_LIMIT_BITS};

		expect_rate(*state, &l, 1514);
	}
}

static void a_rate_in_frames_is_exact(void **state)
{
	const __u64 rates[] = {1000, 50000, 400000};

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct limit l = {rates[i], DEPTH * rates[i], KVS_LIMIT_FRAMES};

		expect_rate(*state, &l, 60);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rate_in_bits_is_exact),
		cmocka_unit_test(a_rate_in_frames_is_exact),
	};

	return suite_run_guarded(NULL, 0, tests, ARRAY_SIZE(tests));
}
