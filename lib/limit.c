// SPDX-License-Identifier: GPL-2.0-only
/* Limits: in words, in numbers, and as the hooks reckon, struct kvs_bucket. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "limit.h"
#include "util.h"

#define SECOND     (KVS_LIMIT_NS * 1000000000ull)
#define MULT_BITS  41 /* a frame has less than 2^23 bits, and the product fits 64 */
#define RATE_MIN   1000ull
#define RATE_MAX   1000000000000ull
#define FRAMES_MAX 1000000000ull
#define BURST_MAX  (1ull << 30) /* bytes */
#define BURST_PART \
	5 /* of a second, where it is not given: with less, TCP gets less than the rate */
#define BURST_LEAST  (1ull << 20) /* bytes */
#define FRAMES_LEAST 64
#define PPS          "pps"

typedef unsigned __int128 wide;

static wide divide(wide a, wide b)
{
	return (a + b / 2) / b;
}

struct kvs_bucket limit_bucket(const struct limit *l)
{
	struct kvs_bucket b = {.unit = l->unit, .mult = 1};

	if (!l->rate)
		return b;
	b.mult = divide(SECOND, l->rate);
	while (b.shift < 63 && divide((wide)SECOND << (b.shift + 1), l->rate) >> MULT_BITS == 0)
		b.mult = divide((wide)SECOND << ++b.shift, l->rate);
	b.depth = divide((wide)l->burst * SECOND, l->rate) ?: 1;
	return b;
}

struct limit limit_of(const struct kvs_bucket *b)
{
	struct limit l = {.unit = b->unit};

	if (!b->depth)
		return l;
	l.rate = divide((wide)SECOND << b->shift, b->mult);
	l.burst = divide((wide)b->depth * l.rate, SECOND);
	return l;
}

const char *limit_name(enum kvs_limit_kind kind)
{
	static const char *const names[KVS_LIMIT_MAX] = {"rate", "storm_broadcast",
							 "storm_multicast", "storm_unknown"};

	return names[kind];
}

static uint64_t at_least(uint64_t n, uint64_t least)
{
	return n < least ? least : n;
}

static void set_burst(struct limit *l)
{
	l->burst = l->unit == KVS_LIMIT_FRAMES ? at_least(l->rate / BURST_PART, FRAMES_LEAST)
					       : at_least(l->rate / BURST_PART, 8 * BURST_LEAST);
}

/* "1.5M" with k, M, G or T for powers of base; moves *text to what follows. */
static bool parse_number(const char **text, unsigned int base, uint64_t *out)
{
	static const char prefixes[] = "kmgt";
	const char *prefix;
	double n = 0, part = 1;
	const char *p = *text;

	if (!isdigit(*p))
		return false;
	for (; isdigit(*p); p++)
		n = 10 * n + (*p - '0');
	if (*p == '.')
		for (p++; isdigit(*p); p++)
			n += (*p - '0') * (part /= 10);
	prefix = *p ? strchr(prefixes, tolower(*p)) : NULL;
	for (int i = 0; prefix && i <= prefix - prefixes; i++)
		n *= base;
	*text = p + !!prefix;
	*out = n + 0.5;
	return n < 1e15;
}

static int refuse(enum kvs_limit_kind kind, const char *text, struct err *err)
{
	if (kind == KVS_LIMIT_RATE)
		return err_set(
			err, -EINVAL,
			"'%.40s' is no rate: 1k to 1T bits/s like 100M, frames/s like 50kpps, or none",
			text);
	return err_set(err, -EINVAL,
		       "'%.40s' is no number of frames in a second, up to 1G, like 1000; nor none",
		       text);
}

static bool unit_of(enum kvs_limit_kind kind, const char *suffix, enum kvs_limit_unit *out)
{
	bool is_rate = kind == KVS_LIMIT_RATE;

	if (!strcasecmp(suffix, PPS) || (!is_rate && !*suffix))
		*out = KVS_LIMIT_FRAMES;
	else if (is_rate && (!*suffix || !strcasecmp(suffix, "bit")))
		*out = KVS_LIMIT_BITS;
	else
		return false;
	return true;
}

/* Of all storms, 0 is a limit, too. */
static bool is_within(enum kvs_limit_kind kind, const struct limit *l)
{
	if (l->unit == KVS_LIMIT_FRAMES)
		return l->rate <= FRAMES_MAX && (l->rate || kind != KVS_LIMIT_RATE);
	return l->rate >= RATE_MIN && l->rate <= RATE_MAX;
}

int limit_parse(enum kvs_limit_kind kind, const char *text, struct kvs_bucket *out, struct err *err)
{
	struct limit l = {};
	const char *rest = text;

	memset(out, 0, sizeof(*out));
	if (!strcmp(text, LIMIT_NONE))
		return 0;
	if (!parse_number(&rest, 1000, &l.rate) || !unit_of(kind, rest, &l.unit) ||
	    !is_within(kind, &l))
		return refuse(kind, text, err);
	set_burst(&l);
	*out = limit_bucket(&l);
	return 0;
}

int limit_egress_parse(const char *text, uint64_t *out, struct err *err)
{
	struct kvs_bucket b;

	if (limit_parse(KVS_LIMIT_RATE, text, &b, NULL) || b.unit == KVS_LIMIT_FRAMES)
		return err_set(err, -EINVAL,
			       "'%.40s' is no rate: 1k to 1T bits/s like 100M, or none", text);
	*out = b.mult ? limit_of(&b).rate : 0;
	return 0;
}

int limit_burst_parse(const char *text, struct kvs_bucket *b, struct err *err)
{
	struct limit l = limit_of(b);
	bool is_frames = b->unit == KVS_LIMIT_FRAMES;
	const char *rest = text;
	uint64_t n;

	if (!parse_number(&rest, is_frames ? 1000 : 1024, &n) || *rest || !n || n > BURST_MAX)
		return err_set(err, -EINVAL, "'%.40s' is no burst: %s", text,
			       is_frames ? "frames like 500" : "bytes like 256k, up to 1G");
	l.burst = is_frames ? n : 8 * n;
	if (b->depth)
		*b = limit_bucket(&l);
	return 0;
}

static void format(uint64_t n, unsigned int base, const char *unit, char buf[LIMIT_TEXT_LEN])
{
	static const char *const prefixes[] = {"", "k", "M", "G", "T"};
	size_t i = 0;

	for (; i + 1 < ARRAY_SIZE(prefixes) && n && n % base == 0; i++)
		n /= base;
	snprintf(buf, LIMIT_TEXT_LEN, "%llu%s%s", (unsigned long long)n, prefixes[i], unit);
}

char *limit_format(const struct kvs_bucket *b, char buf[LIMIT_TEXT_LEN])
{
	struct limit l = limit_of(b);

	strcpy(buf, LIMIT_NONE);
	if (b->mult)
		format(l.rate, 1000, l.unit == KVS_LIMIT_FRAMES ? PPS : "", buf);
	return buf;
}

char *limit_egress_format(uint64_t rate, char buf[LIMIT_TEXT_LEN])
{
	strcpy(buf, LIMIT_NONE);
	if (rate)
		format(rate, 1000, "", buf);
	return buf;
}

char *limit_burst_format(const struct kvs_bucket *b, char buf[LIMIT_TEXT_LEN])
{
	struct limit l = limit_of(b);
	bool is_frames = l.unit == KVS_LIMIT_FRAMES;

	format(is_frames ? l.burst : l.burst / 8, is_frames ? 1000 : 1024, "", buf);
	return buf;
}
