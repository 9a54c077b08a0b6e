/* SPDX-License-Identifier: GPL-2.0-only */
/* What is done to both sides: frames and changes. Number i of a seed is always the same, whatever
 * was done before: a sequence stays one when some of it is left out. */
#pragma once

#include "capture.h"

enum op_kind {
	OP_FRAME,  /* into a port */
	OP_HOST,   /* out of the bridge device */
	OP_PORT,   /* a setting of a bridge port */
	OP_BRIDGE, /* a setting of the bridge */
	OP_LINK,   /* down or up */
	OP_MTU,
	OP_MASTER, /* leaves the bridge, or joins */
	OP_FDB,
	OP_VLAN,
	OP_VLAN_STATE, /* with MST: of the tree the VLAN is in */
	OP_MST,        /* of the bridge, on or off; all VLANs are made anew for it */
	OP_GROUP,      /* IGMP, MLD and what is sent to groups */
	OP_PATH,       /* KVS only */
	OP_RESTART,    /* KVS only: kvsd ends, frames come, kvsd starts */
	OP_PLAIN,      /* scripts: a simple frame of one station to another */
	OP_PLANT,      /* scripts: a fault, a station's entry in kvs_fdb leads to another port */
	OP_BPDU,       /* spanning tree: a neighbour's */
	OP_LOST,       /* spanning tree: the best neighbour comes, and is lost */
	OP_CHANGE,     /* spanning tree: a topology change; stations are forgotten */
	OP_LEARN,      /* spanning tree: a port stays in the state learning */
	OP_OPEN,       /* scripts: a fault, a station's port counts as forwarding in kvs_ports */
	OP_KINDS
};

struct op {
	enum op_kind kind;
	uint8_t port;
	int attr, size;
	uint32_t value;
	uint64_t seed; /* of a frame */
	struct nlk_fdb fdb;
};

struct op op_make(uint64_t seed, uint32_t index, enum world_mode mode);
void op_describe(const struct op *op, enum world_mode mode, char *to, size_t size);

/* 0: both sides did the same; 1: they did not, and text says what; -1: cannot be told */
int op_run(struct world *w, const struct op *op, char text[TEXT_MAX]);

/* Parts of that: a frame into a port; what came of an operation */
int op_send(struct world *w, int port, struct frame *f, char text[TEXT_MAX]);
int op_compare(struct world *w, char text[TEXT_MAX]);
