// SPDX-License-Identifier: GPL-2.0-only
/* The spanning tree of both bridges: choosing what it is to do, and waiting for it. */
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stp.h"
#include "util.h"

#define OWN_DELAY 3000  /* 1/100 s: a world ends sooner */
#define HELLO     200   /* 1/100 s, the usual */
#define CALM      1000  /* 1/100 s without the end of a timer */
#define NEVER     50000 /* us in which a timer would have ended */

struct setting {
	enum op_kind kind;
	int attr, size;
	const char *name;
	uint32_t values[4];
};

static const struct setting settings[] = {
	{OP_PORT, IFLA_BRPORT_COST, 4, "cost", {2, 4, 50, 2000}},
	{OP_PORT, IFLA_BRPORT_PRIORITY, 2, "priority", {0, 16, 32, 63}},
	{OP_PORT, IFLA_BRPORT_PROTECT, 1, "root_block", {0, 0, 0, 1}},
	{OP_PORT, IFLA_BRPORT_GUARD, 1, "guard", {0, 0, 0, 1}},
	{OP_BRIDGE, IFLA_BR_PRIORITY, 2, "priority", {0x2000, 0x8000, 0x8000, 0xa000}},
	{OP_BRIDGE, IFLA_BR_STP_STATE, 4, "stp_state", {1, 1, 1, 0}},
	{OP_BRIDGE, IFLA_BR_MAX_AGE, 4, "max_age", {600, 1000, 2000, 4000}},
};

/* It sees to what has aged at once, instead of a while after it came up. */
int stp_age(struct side *s)
{
	return nlk_bridge_set(s->nl, IF_BRIDGE, IFLA_BR_AGEING_TIME, 4, AGEING);
}

int stp_open(struct side *s)
{
	int rc = nlk_bridge_set(s->nl, IF_BRIDGE, IFLA_BR_FORWARD_DELAY, 4, OWN_DELAY);

	rc = rc ?: nlk_bridge_set(s->nl, IF_BRIDGE, IFLA_BR_STP_STATE, 4, 1);
	return rc ?: stp_age(s);
}

/* A state that ends in less than 1/100 s, or, after root_block with a delay of 0, never */
static bool has_untimed(const struct nlk_stp *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if ((s->port[i].state == BR_STATE_LISTENING ||
		     s->port[i].state == BR_STATE_LEARNING) &&
		    !s->port[i].is_timed)
			return true;
	return false;
}

static bool is_same(const struct nlk_stp *a, const struct nlk_stp *b)
{
	if (a->n != b->n || a->is_on != b->is_on || a->root_port != b->root_port)
		return false;
	return !memcmp(a->port, b->port, a->n * sizeof(a->port[0]));
}

static bool dump(struct world *w, struct nlk_stp *a, struct nlk_stp *b)
{
	return !nlk_stp_dump(w->side[PLAIN].nl, a) && !nlk_stp_dump(w->side[KVS].nl, b);
}

bool stp_rests(struct world *w)
{
	struct nlk_stp a, b, before;
	uint32_t soonest;

	if (!dump(w, &a, &b) || !is_same(&a, &b))
		return false;
	if (has_untimed(&a)) {
		before = a;
		usleep(NEVER);
		if (!dump(w, &a, &b) || !is_same(&a, &b) || !is_same(&a, &before))
			return false;
	}
	if (a.soonest < CALM || b.soonest < CALM)
		return false;
	soonest = a.soonest < b.soonest ? a.soonest : b.soonest;
	w->stp_rests = daemon_now() + (soonest - CALM / 2) / 100.0;
	return true;
}

/* A timer's end changes the state under a lock that this takes, too. */
int stp_tells(struct world *w)
{
	int rc = nlk_bridge_set(w->side[PLAIN].nl, IF_BRIDGE, IFLA_BR_HELLO_TIME, 4, HELLO);

	return rc ?: nlk_bridge_set(w->side[KVS].nl, IF_BRIDGE, IFLA_BR_HELLO_TIME, 4, HELLO);
}

static void make_setting(struct op *op, struct rng *r)
{
	const struct setting *s = &settings[rng_below(r, ARRAY_SIZE(settings))];

	op->kind = s->kind;
	op->attr = s->attr;
	op->size = s->size;
	op->value = s->values[rng_below(r, 4)];
}

void stp_make(struct op *op, uint64_t seed, uint32_t index)
{
	struct rng r = {.state = ~seed * 1000033 + index};
	uint32_t dice = rng_below(&r, 1000);

	if (op->kind == OP_PORT && op->attr == IFLA_BRPORT_STATE)
		op->kind = OP_FRAME; /* the tree's */
	if (dice >= 40)
		return;
	*op = (struct op){.port = rng_below(&r, PORTS), .seed = rng_next(&r)};
	if (dice < 20)
		op->kind = OP_BPDU;
	else if (dice < 22)
		op->kind = OP_LOST;
	else if (dice < 26)
		op->kind = OP_CHANGE;
	else if (dice < 27)
		op->kind = OP_LEARN;
	else if (dice < 34)
		make_setting(op, &r);
	else {
		op->kind = OP_LINK;
		op->value = rng_below(&r, 10);
	}
}

const char *stp_setting_name(const struct op *op)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (settings[i].kind == op->kind && settings[i].attr == op->attr)
			return settings[i].name;
	return "";
}
