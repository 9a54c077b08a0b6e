/* SPDX-License-Identifier: GPL-2.0-only */
/* Path auto: ports are watched, and changed to what auto.c decides. */
#pragma once

#include "auto.h"
#include "stats.h"

/* What is kept of a port for that. */
struct watch {
	struct auto_state state;
	struct stats_total last; /* as of the last sample */
	uint64_t at;             /* when that was, in ms; 0: there is none */
	uint64_t sent, received; /* when the other end was asked last: what it had sent by XDP, and
				    what had come in; received 0: it was not */
	unsigned int changes;
	char reason[160]; /* of the last change, or why there was none */
};

struct kvsd;
struct link;

/* Path auto begins: on tc, or with what a daemon before this one had chosen. */
void watch_start(struct watch *w, bool xdp);

/* Once a second. */
void watch_tick(struct kvsd *k);
