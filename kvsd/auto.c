// SPDX-License-Identifier: GPL-2.0-only
/* Path auto: the choice between tc and XDP, made from what a port counted. No input or output. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "auto.h"

#define LONG_AGO 1000000 /* samples */

bool auto_is_for(const char *kind)
{
	return !strcmp(kind, "veth") || !strcmp(kind, "tun");
}

void auto_start(struct auto_state *s, bool xdp)
{
	*s = (struct auto_state){.xdp = xdp, .stayed = LONG_AGO};
}

static bool is_most(uint64_t part, uint64_t all)
{
	return 2 * part >= all;
}

/* XDP is of no use for frames that take the bridge, whatever their size. */
static enum auto_why wish_on_tc(const struct config_auto *c, const struct auto_state *s,
				const struct auto_sample *now)
{
	if (s->held || now->frames < c->rate || now->bytes > now->frames * c->small)
		return AUTO_NONE;
	return is_most(now->fast, now->frames) ? AUTO_SMALL : AUTO_NONE;
}

/* The size of a handful of frames says nothing. */
static enum auto_why wish_on_xdp(const struct config_auto *c, const struct auto_sample *now)
{
	if (now->frames < c->rate / 100 + 1)
		return AUTO_QUIET;
	if (now->bytes >= now->frames * c->large)
		return AUTO_LARGE;
	if (now->frames < c->rate / 2)
		return AUTO_QUIET;
	if (!is_most(now->xdp, now->frames))
		return AUTO_HANDED;
	if (now->native != AUTO_UNKNOWN && now->native < 50)
		return AUTO_COPIED;
	return AUTO_NONE;
}

bool auto_is_candidate(const struct config_auto *c, const struct auto_state *s,
		       const struct auto_sample *now)
{
	return !s->xdp && wish_on_tc(c, s, now) == AUTO_SMALL;
}

static unsigned int votes_for(const struct config_auto *c, enum auto_why wish)
{
	switch (wish) {
	case AUTO_QUIET:
		return AUTO_QUIET_STAYS * c->stay;
	case AUTO_COPIED:
		return 1; /* of many seconds: the other end is not asked each time */
	default:
		return AUTO_VOTES;
	}
}

static void count(struct auto_state *s, enum auto_why wish)
{
	s->votes = wish == s->wish ? s->votes + 1 : 1;
	s->wish = wish;
	s->stayed++;
	s->held -= s->held > 0;
}

static void hold(const struct config_auto *c, struct auto_state *s)
{
	s->held = AUTO_HELD_STAYS * c->stay;
	s->wish = AUTO_NONE;
}

static enum auto_why change(const struct config_auto *c, struct auto_state *s, enum auto_why why)
{
	s->xdp = !s->xdp;
	s->stayed = 0;
	s->wish = AUTO_NONE;
	if (why == AUTO_HANDED || why == AUTO_COPIED)
		hold(c, s);
	return why;
}

enum auto_why auto_decide(const struct config_auto *c, struct auto_state *s,
			  const struct auto_sample *now)
{
	enum auto_why wish = s->xdp ? wish_on_xdp(c, now) : wish_on_tc(c, s, now);

	count(s, wish);
	if (wish == AUTO_NONE || s->votes < votes_for(c, wish) || s->stayed < c->stay)
		return AUTO_NONE;
	if (wish != AUTO_SMALL || now->native >= 50)
		return change(c, s, wish);
	if (now->native == AUTO_UNKNOWN)
		return AUTO_NONE;
	hold(c, s);
	return AUTO_COPIED;
}

void auto_refuse(const struct config_auto *c, struct auto_state *s)
{
	s->xdp = false;
	s->stayed = 0;
	hold(c, s);
}

/* 950, 31k, 12M */
static void put_number(char *text, size_t size, uint64_t n)
{
	if (n < 10000)
		snprintf(text, size, "%" PRIu64, n);
	else if (n < 10000000)
		snprintf(text, size, "%" PRIu64 "k", (n + 500) / 1000);
	else
		snprintf(text, size, "%" PRIu64 "M", (n + 500000) / 1000000);
}

void auto_explain(enum auto_why why, const struct auto_sample *now, char *text, size_t size)
{
	static const char *const formats[] = {
		[AUTO_NONE] = "",
		[AUTO_SMALL] = "small frames: %s/s, %" PRIu64 " B",
		[AUTO_LARGE] = "large frames: %s/s, %" PRIu64 " B",
		[AUTO_QUIET] = "few frames: %s/s, %" PRIu64 " B",
		[AUTO_HANDED] = "XDP hands most frames on: %s/s, %" PRIu64 " B",
		[AUTO_COPIED] =
			"small frames, but not sent by XDP at the other end: %s/s, %" PRIu64 " B",
	};
	uint64_t mean = now->frames ? (now->bytes + now->frames / 2) / now->frames : 0;
	char rate[24];

	put_number(rate, sizeof(rate), now->frames);
	snprintf(text, size, formats[why], rate, mean);
}
