// SPDX-License-Identifier: GPL-2.0-only
/* BPDUs of the spanning tree protocol, as a neighbour sends them. */
#include <string.h>

#include "bpdu.h"

#define HELLO 512

void bpdu_id(uint8_t *id, uint16_t priority, uint8_t neighbour)
{
	memcpy(id, (uint8_t[]){priority >> 8, priority, 2, 0xdd, 0, 0, 0, neighbour}, 8);
}

/* of the bridge itself, as a neighbour repeats it */
static void own_id(uint8_t *id, uint16_t priority)
{
	id[0] = priority >> 8;
	id[1] = priority;
	frame_bridge(id + 2);
}

static void random_id(uint8_t *id, struct rng *r, const uint16_t priorities[4])
{
	uint16_t priority = priorities[rng_below(r, 4)];

	bpdu_id(id, priority, rng_percent(r, 70) ? 0 : rng_below(r, 3));
	if (rng_percent(r, 5))
		own_id(id, priority);
}

static void random_damage(struct bpdu *b, struct rng *r)
{
	switch (rng_below(r, 3)) {
	case 0:
		b->protocol = 2; /* the rapid one */
		break;
	case 1:
		b->type = rng_next(r);
		break;
	default:
		b->age = BPDU_MAX_AGE + 1;
	}
}

void bpdu_random(struct bpdu *b, struct rng *r)
{
	static const uint16_t roots[] = {0x1000, 0x1000, 0x1000, 0x9000},
			      bridges[] = {0x1000, 0x8000, 0x8000, 0xf000},
			      ports[] = {0x8001, 0x8002, 0xf003, 0x0001};
	static const uint32_t costs[] = {0, 4, 100, 1000};
	static const uint16_t delays[] = {0, 0, BPDU_SHORT, BPDU_SHORT, BPDU_SHORT, BPDU_LONG};

	*b = (struct bpdu){.cost = costs[rng_below(r, 4)],
			   .port = ports[rng_below(r, 4)],
			   .delay = delays[rng_below(r, 6)]};
	random_id(b->root, r, roots);
	random_id(b->bridge, r, bridges);
	if (rng_percent(r, 15))
		b->age = 256 * rng_below(r, 100);
	if (rng_percent(r, 15))
		b->flags |= BPDU_CHANGE;
	if (rng_percent(r, 10))
		b->flags |= BPDU_CHANGE_ACK;
	if (rng_percent(r, 6))
		b->type = BPDU_TCN;
	if (rng_percent(r, 4))
		random_damage(b, r);
}

static void put(struct frame *f, uint32_t value, int size)
{
	while (size--)
		f->data[f->len++] = value >> 8 * size;
}

static void put_id(struct frame *f, const uint8_t *id)
{
	memcpy(f->data + f->len, id, 8);
	f->len += 8;
}

static void put_config(struct frame *f, const struct bpdu *b)
{
	put(f, b->flags, 1);
	put_id(f, b->root);
	put(f, b->cost, 4);
	put_id(f, b->bridge);
	put(f, b->port, 2);
	put(f, b->age, 2);
	put(f, BPDU_MAX_AGE, 2);
	put(f, HELLO, 2);
	put(f, b->delay, 2);
}

void bpdu_frame(struct frame *f, const struct bpdu *b, unsigned int port, int station)
{
	static const uint8_t group[] = {1, 0x80, 0xc2, 0, 0, 0};

	memset(f, 0, sizeof(f->hdr) + sizeof(f->len) + 64);
	memcpy(f->data, group, 6);
	memcpy(f->data + 6, (uint8_t[]){2, 0xdd, 0, 0, 1, port}, 6);
	if (station >= 0)
		frame_station(f->data + 6, station);
	f->len = 12;
	put(f, b->type == BPDU_TCN ? 7 : 38, 2);
	put(f, 0x424203, 3); /* LLC */
	put(f, 0, 2);
	put(f, b->protocol, 1);
	put(f, b->type, 1);
	if (b->type != BPDU_TCN)
		put_config(f, b);
	f->len = 60;
}
