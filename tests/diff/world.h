/* SPDX-License-Identifier: GPL-2.0-only */
/* Two equal bridges with taps, each in its own network namespace; one of them is given to a kvsd.
 */
#pragma once

#include "daemon.h"
#include "frames.h"
#include "nlk.h"

#define PORTS 4

#define AGEING 100000000 /* 1/100 s: nothing ages while a world lasts */

enum { PLAIN, KVS, SIDES };
enum { IF_PORT = 11, IF_BRIDGE = 20 }; /* ifindexes, on both sides */
/* stp: mixed, and the bridges' own spanning tree is on */
enum world_mode { MODE_TC, MODE_XDP, MODE_MIXED, MODE_STP, MODES };

struct side {
	int netns;
	int tap[PORTS];
	int host; /* packet socket on the bridge device */
	struct mnl_socket *nl;
};

struct world {
	enum world_mode mode;
	struct side side[SIDES];
	struct daemon daemon;
	const char *path[PORTS]; /* wanted of kvsd */
	bool is_port[PORTS];     /* in the bridge */
	struct nlk_fdbs fdb;     /* as of the last comparison */
	double stp_rests;        /* until then no timer of the spanning tree ends */
	uint64_t fast_tc, fast_xdp, frames;
};

extern const char *const world_modes[];

/* 0, or -1 after a message; close it in any case. */
int world_open(struct world *w, enum world_mode mode);
void world_close(struct world *w);

enum {
	SETTLE_LINKS = 1 << 0, /* states of links are the same on both sides */
	SETTLE_PATHS = 1 << 1, /* ports have the paths wanted of kvsd */
};

/* Until that is so, and in any case until kvsd has heard everything. */
int world_settle(struct world *w, int what);

/* As after a start: kvsd knows the ports, and paths are to be set again. */
int world_restart(struct world *w, int signal);

/* what KVS forwarded fast */
void world_count(struct world *w);
