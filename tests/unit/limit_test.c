// SPDX-License-Identifier: GPL-2.0-only
/* lib/limit.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "limit.h"
#include "util.h"

#define SECOND (1000000000.0 * KVS_LIMIT_NS)

static const uint64_t rates[] = {1,        7,         100,         1000,         14881,
				 64000,    1000000,   10000000,    123456789,    1000000000,
				 25000000, 999999999, 10000000000, 100000000000, 1000000000000};

static double cost_of(const struct kvs_bucket *b, uint64_t units)
{
	return units * b->mult >> b->shift;
}

static void a_second_costs_a_second(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct limit l = {rates[i], rates[i], KVS_LIMIT_BITS};
		struct kvs_bucket b = limit_bucket(&l);
		uint64_t frame = 60 * 8;
		double want = SECOND * frame / rates[i], cost = cost_of(&b, frame);

		/* to a whole number, which is cut off: 1 % of the shortest frame at 100 Gb/s */
		assert_true(cost <= want * (1 + 1e-9) && cost > want * (1 - 1e-9) - 1);
		assert_true(b.depth >= SECOND - 1 && b.depth <= SECOND + 1);
	}
}

static void a_limit_comes_back_as_it_was(void **state)
{
	const uint64_t bursts[] = {1, 12112, 1000000, 800000000};

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++)
		for (size_t j = 0; j < ARRAY_SIZE(bursts); j++) {
			struct limit l = {rates[i], bursts[j], KVS_LIMIT_FRAMES}, same;
			struct kvs_bucket b = limit_bucket(&l);

			same = limit_of(&b);
			assert_int_equal(same.rate, l.rate);
			assert_int_equal(same.unit, l.unit);
			/* of the highest rates, to what a tick of the buckets is worth */
			assert_true(same.burst <= l.burst + rates[i] / (uint64_t)SECOND &&
				    same.burst + rates[i] / (uint64_t)SECOND >= l.burst);
		}
}

static void the_longest_frame_fits(void **state)
{
	const uint64_t bits = 8ull << 20;

	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct limit l = {rates[i], 1, KVS_LIMIT_BITS};
		struct kvs_bucket b = limit_bucket(&l);

		assert_true(b.mult <= UINT64_MAX / bits);
	}
}

static void nothing_is_a_limit_too(void **state)
{
	struct limit l = {.unit = KVS_LIMIT_FRAMES};
	struct kvs_bucket b = limit_bucket(&l);

	assert_int_not_equal(b.mult, 0);
	assert_int_equal(b.depth, 0);
	assert_int_equal(limit_of(&b).rate, 0);
}

static void expect_text(enum kvs_limit_kind kind, const char *text, const char *same,
			const char *burst)
{
	struct kvs_bucket b;
	char buf[LIMIT_TEXT_LEN];

	assert_int_equal(limit_parse(kind, text, &b, NULL), 0);
	assert_string_equal(limit_format(&b, buf), same);
	assert_string_equal(limit_burst_format(&b, buf), burst);
}

static void is_said_in_words(void **state)
{
	expect_text(KVS_LIMIT_RATE, "1k", "1k", "1M");
	expect_text(KVS_LIMIT_RATE, "100mbit", "100M", "2500000");
	expect_text(KVS_LIMIT_RATE, "1.5G", "1500M", "37500000");
	expect_text(KVS_LIMIT_RATE, "1T", "1T", "25000000000");
	expect_text(KVS_LIMIT_RATE, "50Kpps", "50kpps", "10k");
	expect_text(KVS_LIMIT_RATE, "1pps", "1pps", "64");
	expect_text(KVS_LIMIT_BROADCAST, "1000", "1kpps", "200");
	expect_text(KVS_LIMIT_UNKNOWN, "0", "0pps", "0");
	expect_text(KVS_LIMIT_MULTICAST, "none", "none", "0");
}

static void is_refused(void **state)
{
	static const char *const bad[] = {"",      "M",  "-1M", "100bps", "100Mb/s", "999", "0pps",
					  "1.5.5", "2T", "1e6", "0x10M",  "10 M",    "None"};
	struct kvs_bucket b;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (!limit_parse(KVS_LIMIT_RATE, bad[i], &b, NULL))
			fail_msg("'%s' is taken", bad[i]);
	assert_true(limit_parse(KVS_LIMIT_UNKNOWN, "1Mbit", &b, NULL));
	assert_true(limit_parse(KVS_LIMIT_UNKNOWN, "2G", &b, NULL));
}

static void has_a_burst(void **state)
{
	struct kvs_bucket b;
	char buf[LIMIT_TEXT_LEN];

	assert_int_equal(limit_parse(KVS_LIMIT_RATE, "123M", &b, NULL), 0);
	assert_int_equal(limit_burst_parse("1.5k", &b, NULL), 0);
	assert_string_equal(limit_burst_format(&b, buf), "1536");
	assert_string_equal(limit_format(&b, buf), "123M");
	assert_true(limit_burst_parse("0", &b, NULL));
	assert_true(limit_burst_parse("2G", &b, NULL));
	assert_true(limit_burst_parse("10ms", &b, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_costs_a_second),
		cmocka_unit_test(a_limit_comes_back_as_it_was),
		cmocka_unit_test(the_longest_frame_fits),
		cmocka_unit_test(nothing_is_a_limit_too),
		cmocka_unit_test(is_said_in_words),
		cmocka_unit_test(is_refused),
		cmocka_unit_test(has_a_burst),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
