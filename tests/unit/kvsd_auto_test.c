// SPDX-License-Identifier: GPL-2.0-only
/* Path auto: which samples lead to which choice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auto.h"
#include "util.h"

static const struct config_auto config = {.rate = 1000, .small = 256, .large = 512, .stay = 5};

/* All of them fast, by XDP if that is the choice, and none to be copied. */
static struct auto_sample sample(const struct auto_state *s, uint64_t frames, uint64_t mean)
{
	return (struct auto_sample){
		.frames = frames,
		.bytes = frames * mean,
		.fast = frames,
		.xdp = s->xdp ? frames : 0,
		.native = 100,
	};
}

static enum auto_why feed(struct auto_state *s, uint64_t frames, uint64_t mean)
{
	struct auto_sample now = sample(s, frames, mean);

	return auto_decide(&config, s, &now);
}

/* Samples until the choice changes, at most so many; *why is the last verdict. */
static unsigned int feed_until(struct auto_state *s, uint64_t frames, uint64_t mean,
			       unsigned int limit, enum auto_why *why)
{
	bool was = s->xdp;

	for (unsigned int i = 1; i <= limit; i++) {
		*why = feed(s, frames, mean);
		if (s->xdp != was)
			return i;
		assert_int_equal(*why, AUTO_NONE);
	}
	return 0;
}

static struct auto_state start(bool xdp)
{
	struct auto_state s;

	auto_start(&s, xdp);
	return s;
}

static void small_frames_lead_to_xdp_and_large_ones_back(void **state)
{
	struct auto_state s = start(false);
	enum auto_why why;

	assert_int_equal(feed_until(&s, 100000, 64, 10, &why), 2);
	assert_int_equal(why, AUTO_SMALL);
	assert_true(s.xdp);
	assert_int_equal(feed_until(&s, 100000, 64, 100, &why), 0);
	assert_int_equal(feed_until(&s, 100000, 1514, 10, &why), 2);
	assert_int_equal(why, AUTO_LARGE);
	assert_false(s.xdp);
	assert_int_equal(feed_until(&s, 30000, 20000, 100, &why), 0);
}

static void one_sample_is_not_enough(void **state)
{
	struct auto_state s = start(false);

	for (int i = 0; i < 50; i++) {
		assert_int_equal(feed(&s, 100000, 64), AUTO_NONE);
		assert_int_equal(feed(&s, 10, 64), AUTO_NONE);
	}
	s = start(true);
	for (int i = 0; i < 50; i++) {
		assert_int_equal(feed(&s, 100000, 1514), AUTO_NONE);
		assert_int_equal(feed(&s, 100000, 64), AUTO_NONE);
	}
}

static void few_or_middling_frames_change_nothing(void **state)
{
	static const struct {
		uint64_t frames, mean;
	} cases[] = {{0, 0}, {999, 64}, {100000, 257}, {100000, 512}, {100000, 9000}};
	enum auto_why why;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct auto_state s = start(false);

		assert_int_equal(feed_until(&s, cases[i].frames, cases[i].mean, 100, &why), 0);
	}
}

/* What lies between the two limits keeps either choice, so that no load on a limit changes it
 * twice. */
static void between_the_limits_it_stays(void **state)
{
	static const uint64_t frames[] = {500, 501, 999, 1000, 100000};
	static const uint64_t means[] = {64, 256, 257, 511};
	enum auto_why why;

	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		for (size_t j = 0; j < ARRAY_SIZE(means); j++) {
			struct auto_state s = start(true);

			assert_int_equal(feed_until(&s, frames[i], means[j], 100, &why), 0);
		}
}

/* Around each limit, now above, now below, for 10 minutes. */
static void a_load_on_a_limit_does_not_flap(void **state)
{
	struct auto_state s = start(false);
	unsigned int changes = 0;

	for (int i = 0; i < 600; i++)
		changes += feed(&s, i % 4 < 2 ? 1010 : 990, i % 6 < 3 ? 250 : 260) != AUTO_NONE;
	assert_int_equal(changes, 1);
	assert_true(s.xdp);
}

static void stays_for_a_while(void **state)
{
	struct auto_state s = start(false);
	enum auto_why why;

	assert_int_equal(feed_until(&s, 100000, 64, 10, &why), 2);
	assert_int_equal(feed_until(&s, 100000, 1514, 10, &why), config.stay);
	assert_int_equal(feed_until(&s, 100000, 64, 10, &why), config.stay);
}

static void leaves_xdp_when_it_has_long_been_quiet(void **state)
{
	static const struct {
		uint64_t frames, mean;
	} cases[] = {{0, 0}, {5, 1514}, {499, 64}};
	enum auto_why why;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct auto_state s = start(true);

		assert_int_equal(feed_until(&s, cases[i].frames, cases[i].mean, 1000, &why),
				 AUTO_QUIET_STAYS * config.stay);
		assert_int_equal(why, AUTO_QUIET);
	}
}

static void leaves_alone_what_the_bridge_does(void **state)
{
	struct auto_state s = start(false);

	for (int i = 0; i < 100; i++) {
		struct auto_sample now = sample(&s, 100000, 64);

		now.fast = 49999;
		assert_int_equal(auto_decide(&config, &s, &now), AUTO_NONE);
	}
}

/* XDP hands on what its target cannot take: then it is left, and not tried again soon. */
static void leaves_xdp_that_hands_on(void **state)
{
	struct auto_state s = start(false);
	enum auto_why why = AUTO_NONE;

	assert_int_equal(feed_until(&s, 100000, 64, 10, &why), 2);
	for (int i = 0; i < 10 && s.xdp; i++) {
		struct auto_sample now = sample(&s, 100000, 64);

		now.xdp = 40000;
		why = auto_decide(&config, &s, &now);
	}
	assert_int_equal(why, AUTO_HANDED);
	assert_false(s.xdp);
	assert_in_range(feed_until(&s, 100000, 64, 1000, &why), AUTO_HELD_STAYS * config.stay,
			AUTO_HELD_STAYS * config.stay + AUTO_VOTES);
}

static void does_not_take_what_has_to_be_copied(void **state)
{
	struct auto_state s = start(false);
	int verdicts = 0;

	for (int i = 0; i < 60; i++) {
		struct auto_sample now = sample(&s, 100000, 64);
		enum auto_why why;

		now.native = 49;
		why = auto_decide(&config, &s, &now);
		assert_true(why == AUTO_NONE || why == AUTO_COPIED);
		verdicts += why == AUTO_COPIED;
		assert_false(s.xdp);
	}
	assert_int_equal(verdicts, 1);
}

static void waits_for_what_is_not_known(void **state)
{
	struct auto_state s = start(false);

	for (int i = 0; i < 20; i++) {
		struct auto_sample now = sample(&s, 100000, 64);

		assert_true(auto_is_candidate(&config, &s, &now));
		now.native = AUTO_UNKNOWN;
		assert_int_equal(auto_decide(&config, &s, &now), AUTO_NONE);
	}
	assert_int_equal(feed(&s, 100000, 64), AUTO_SMALL);
}

static void leaves_xdp_that_copies(void **state)
{
	struct auto_state s = start(true);
	struct auto_sample now = sample(&s, 100000, 64);

	now.native = AUTO_UNKNOWN;
	for (int i = 0; i < 20; i++)
		assert_int_equal(auto_decide(&config, &s, &now), AUTO_NONE);
	now.native = 10;
	assert_int_equal(auto_decide(&config, &s, &now), AUTO_COPIED);
	assert_false(s.xdp);
}

static void a_refusal_is_remembered(void **state)
{
	struct auto_state s = start(false);
	enum auto_why why;

	assert_int_equal(feed_until(&s, 100000, 64, 10, &why), 2);
	auto_refuse(&config, &s);
	assert_false(s.xdp);
	assert_true(feed_until(&s, 100000, 64, 1000, &why) >= AUTO_HELD_STAYS * config.stay);
}

static void a_takeover_keeps_the_choice(void **state)
{
	struct auto_state s = start(true);
	enum auto_why why;

	assert_int_equal(feed_until(&s, 100000, 64, 100, &why), 0);
	assert_true(s.xdp);
}

static void cards_are_left_alone(void **state)
{
	static const char *const others[] = {"", "bond", "team", "vxlan", "macvlan", "vlan"};

	assert_true(auto_is_for("veth"));
	assert_true(auto_is_for("tun"));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(auto_is_for(others[i]));
}

static void says_why(void **state)
{
	static const struct {
		enum auto_why why;
		uint64_t frames, bytes;
		const char *text;
	} cases[] = {
		{AUTO_SMALL, 310200, 22954800, "small frames: 310k/s, 74 B"},
		{AUTO_LARGE, 9999, 655294463, "large frames: 9999/s, 65536 B"},
		{AUTO_QUIET, 0, 0, "few frames: 0/s, 0 B"},
		{AUTO_SMALL, 12345678, 12345678 * 60ull, "small frames: 12M/s, 60 B"},
		{AUTO_NONE, 1, 1, ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct auto_sample now = {.frames = cases[i].frames, .bytes = cases[i].bytes};
		char text[160];

		auto_explain(cases[i].why, &now, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_frames_lead_to_xdp_and_large_ones_back),
		cmocka_unit_test(one_sample_is_not_enough),
		cmocka_unit_test(few_or_middling_frames_change_nothing),
		cmocka_unit_test(between_the_limits_it_stays),
		cmocka_unit_test(a_load_on_a_limit_does_not_flap),
		cmocka_unit_test(stays_for_a_while),
		cmocka_unit_test(leaves_xdp_when_it_has_long_been_quiet),
		cmocka_unit_test(leaves_alone_what_the_bridge_does),
		cmocka_unit_test(leaves_xdp_that_hands_on),
		cmocka_unit_test(does_not_take_what_has_to_be_copied),
		cmocka_unit_test(waits_for_what_is_not_known),
		cmocka_unit_test(leaves_xdp_that_copies),
		cmocka_unit_test(a_refusal_is_remembered),
		cmocka_unit_test(a_takeover_keeps_the_choice),
		cmocka_unit_test(cards_are_left_alone),
		cmocka_unit_test(says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
