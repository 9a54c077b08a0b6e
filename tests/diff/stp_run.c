// SPDX-License-Identifier: GPL-2.0-only
/* What is done to the spanning trees of both sides. */
#include <linux/neighbour.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpdu.h"
#include "stp.h"

#define PATIENCE 2.0
#define AGE_REST 6     /* 1/256 s until a neighbour is lost */
#define FORGET   40000 /* us: more than the short delay */
#define HOLD     38    /* 1/256 s: a delay in which the next BPDU comes */
#define HOLD_MAX 0.12  /* s */
#define TRIES    20

static int say(struct world *w, const struct bpdu *b, int port, char text[TEXT_MAX])
{
	struct frame f;

	bpdu_frame(&f, b, port, -1);
	return op_send(w, port, &f, text);
}

static int finish(struct world *w, char text[TEXT_MAX])
{
	return world_settle(w, SETTLE_LINKS) ?: op_compare(w, text);
}

static void make(struct bpdu *b, const struct op *op, int *station)
{
	struct rng r = {.state = op->seed};

	bpdu_random(b, &r);
	*station = rng_percent(&r, 60) ? -1 : op->port + 4 * (int)rng_below(&r, STATIONS / 4);
	if (!op->value)
		return;
	*b = (struct bpdu){.port = 0x8001}; /* of a script: a root, or a second way to it */
	bpdu_id(b->root, 0x1000, 0);
	bpdu_id(b->bridge, op->value == 1 ? 0x2000 : 0x3000, 1);
}

static int run_bpdu(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	struct bpdu b;
	struct frame f;
	int station;

	make(&b, op, &station);
	bpdu_frame(&f, &b, op->port, station);
	return op_send(w, op->port, &f, text) ?: finish(w, text);
}

static bool has(struct side *s, const struct bpdu *b)
{
	struct nlk_stp stp;

	if (nlk_stp_dump(s->nl, &stp))
		return false;
	for (uint32_t i = 0; i < stp.n; i++)
		if (!memcmp(stp.port[i].root, b->root, 8) &&
		    !memcmp(stp.port[i].bridge, b->bridge, 8))
			return true;
	return false;
}

/* Sends it again, as old as can be, and waits until it is too old. */
static int lose(struct world *w, struct bpdu *b, int port, char text[TEXT_MAX])
{
	double end = daemon_now() + PATIENCE;
	int rc;

	b->age = BPDU_MAX_AGE - AGE_REST;
	rc = say(w, b, port, text);
	while (!rc && (has(&w->side[PLAIN], b) || has(&w->side[KVS], b)) && daemon_now() < end)
		usleep(1000);
	return rc;
}

static int run_lost(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	struct bpdu b = {.delay = op->seed % 3 ? 0 : BPDU_LONG};

	bpdu_id(b.root, 0, 0);
	bpdu_id(b.bridge, 0, 0);
	return say(w, &b, op->port, text)
		       ?: world_settle(w, SETTLE_LINKS) ?: lose(w, &b, op->port, text)
		       ?: finish(w, text);
}

static bool is_learned(const struct nlk_fdb *e)
{
	return e->state & (NUD_REACHABLE | NUD_STALE) && !(e->flags & NTF_EXT_LEARNED);
}

static bool has_forgotten(struct side *s)
{
	static struct nlk_fdbs fdb;

	if (nlk_fdb_dump(s->nl, &fdb))
		return false;
	for (uint32_t i = 0; i < fdb.n; i++)
		if (is_learned(&fdb.entry[i]))
			return false;
	return true;
}

/* From now on the bridges look for what is too old every few ms. */
static int forget(struct world *w)
{
	double end = daemon_now() + PATIENCE;

	usleep(FORGET);
	if (stp_age(&w->side[PLAIN]) || stp_age(&w->side[KVS]))
		return -1;
	while (!has_forgotten(&w->side[PLAIN]) || !has_forgotten(&w->side[KVS])) {
		if (daemon_now() > end) {
			fprintf(stderr, "a topology change does not make both sides forget\n");
			return -1;
		}
		usleep(1000);
	}
	return 0;
}

/* What the root port has heard last; its port, or -1 */
static int root_port(struct world *w, struct bpdu *b, bool *is_changing)
{
	struct nlk_stp s;

	*is_changing = true;
	if (nlk_stp_dump(w->side[PLAIN].nl, &s))
		return -1;
	*is_changing = s.is_changing;
	for (uint32_t i = 0; s.is_on && s.root_port && i < s.n; i++) {
		const struct nlk_stp_port *p = &s.port[i];

		if (p->number != s.root_port)
			continue;
		*b = (struct bpdu){.cost = p->cost, .port = p->port};
		memcpy(b->root, p->root, 8);
		memcpy(b->bridge, p->bridge, 8);
		return p->ifindex - IF_PORT;
	}
	return -1;
}

static bool forgets_soon(struct side *s)
{
	struct nlk_stp stp;

	return !nlk_stp_dump(s->nl, &stp) && stp.is_changing && stp.forward_delay < FORGET / 10000;
}

/* The root tells of a change, and then that it is over. */
static int run_change(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	struct bpdu b;
	bool is_changing;
	int rc, port = root_port(w, &b, &is_changing);

	if (port < 0) /* while the bridge itself is root, nothing is too old in a world's time */
		return is_changing ? 0 : stp_age(&w->side[PLAIN]) ?: stp_age(&w->side[KVS]);
	b.flags = BPDU_CHANGE;
	b.delay = BPDU_SHORT;
	rc = say(w, &b, port, text) ?: world_settle(w, SETTLE_LINKS);
	if (rc || !forgets_soon(&w->side[PLAIN]) || !forgets_soon(&w->side[KVS]))
		return rc ?: op_compare(w, text);
	b.flags = 0;
	b.delay = op->seed % 2 ? 0 : op->seed % 8 ? BPDU_SHORT : BPDU_LONG;
	return forget(w) ?: say(w, &b, port, text) ?: finish(w, text);
}

/* A second way to the root blocks port `to`, and is lost; then `to` listens, and before it learns
 * the delay becomes long. 1: too late for that */
static int learn(struct world *w, struct bpdu *b, int from, int to, char text[TEXT_MAX])
{
	struct bpdu second = *b;
	double start;
	int rc;

	bpdu_id(second.bridge, 0x0001, 2);
	b->delay = second.delay = HOLD;
	rc = say(w, b, from, text) ?: world_settle(w, SETTLE_LINKS);
	start = daemon_now();
	b->delay = BPDU_LONG;
	rc = rc ?: say(w, &second, to, text) ?: lose(w, &second, to, text) ?: say(w, b, from, text);
	return rc ? -1 : daemon_now() > start + HOLD_MAX;
}

static int run_learn(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	int rc = 1, to = (op->port + 1 + op->seed % (PORTS - 1)) % PORTS;
	struct bpdu b = {};

	bpdu_id(b.root, 0x0001, 0);
	bpdu_id(b.bridge, 0x0001, 1);
	for (int i = 0; rc > 0 && i < TRIES; i++)
		rc = learn(w, &b, op->port, to, text);
	return rc < 0 ? rc : finish(w, text);
}

int stp_run(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	switch (op->kind) {
	case OP_LOST:
		return run_lost(w, op, text);
	case OP_CHANGE:
		return run_change(w, op, text);
	case OP_LEARN:
		return run_learn(w, op, text);
	default:
		return run_bpdu(w, op, text);
	}
}

void stp_describe(const struct op *op, char *to, size_t size)
{
	struct bpdu b;
	int n, station;

	make(&b, op, &station);
	n = snprintf(to, size, "bpdu p%d from %d type %u flags %x cost %u age %u delay %u root",
		     op->port + 1, station, b.type, b.flags, b.cost, b.age, b.delay);
	for (int i = 0; i < 16; i++)
		n += snprintf(to + n, size - n, "%s%02x", i == 8 ? " bridge " : "",
			      i < 8 ? b.root[i] : b.bridge[i - 8]);
}
