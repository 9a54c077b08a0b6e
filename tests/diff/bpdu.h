/* SPDX-License-Identifier: GPL-2.0-only */
/* BPDUs of the spanning tree protocol, as a neighbour sends them. */
#pragma once

#include "frames.h"

enum { BPDU_CONFIG = 0, BPDU_TCN = 0x80 };
enum { BPDU_CHANGE = 0x01, BPDU_CHANGE_ACK = 0x80 };

/* in 1/256 s */
enum { BPDU_SHORT = 4, BPDU_LONG = 200 * 256, BPDU_MAX_AGE = 255 * 256 };

struct bpdu {
	uint8_t protocol, type, flags;
	uint8_t root[8], bridge[8];
	uint32_t cost;
	uint16_t port, age, delay;
};

/* priority and number of a neighbour, as an identifier of a bridge */
void bpdu_id(uint8_t *id, uint16_t priority, uint8_t neighbour);

/* Mostly one that the bridge works on, in mostly one that is better than the bridge itself. */
void bpdu_random(struct bpdu *b, struct rng *r);

/* From a station, or, with station -1, from the neighbour behind the port */
void bpdu_frame(struct frame *f, const struct bpdu *b, unsigned int port, int station);
