/* SPDX-License-Identifier: GPL-2.0-only */
/* Path auto: the choice between tc and XDP, made from what a port counted. No input or output. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"

#define AUTO_VOTES       2  /* samples in a row that have to wish the same */
#define AUTO_QUIET_STAYS 6  /* a port with few frames leaves XDP after so many times `stay` */
#define AUTO_HELD_STAYS  12 /* where XDP was of no use, it is not tried again before */
#define AUTO_UNKNOWN     (-1)

/* A second of a port. */
struct auto_sample {
	uint64_t frames, bytes;
	uint64_t fast, xdp; /* of the frames: forwarded by tc or XDP, by XDP */
	int native;         /* percent of them that XDP need not copy first, or AUTO_UNKNOWN */
};

enum auto_why {
	AUTO_NONE,
	AUTO_SMALL,  /* to XDP: small frames, and many */
	AUTO_LARGE,  /* to tc: large frames */
	AUTO_QUIET,  /* to tc: few frames */
	AUTO_HANDED, /* to tc: XDP hands most of them on */
	AUTO_COPIED, /* to tc: XDP copies most of them */
};

struct auto_state {
	bool xdp;            /* the choice */
	enum auto_why wish;  /* of the last sample */
	unsigned int votes;  /* samples in a row that had this wish */
	unsigned int stayed; /* samples since the last change */
	unsigned int held;   /* samples until XDP may be chosen */
};

/* Whether the choice is made at all: others than veths and taps may be cards, some of which take
 * their link down when XDP comes or goes.
 */
bool auto_is_for(const char *kind);

void auto_start(struct auto_state *s, bool xdp);

/* Whether this sample speaks for XDP, so that `native` matters. */
bool auto_is_candidate(const struct config_auto *c, const struct auto_state *s,
		       const struct auto_sample *now);

/* Take in a sample. Not AUTO_NONE: the choice has changed for this reason, or has been XDP but for
 * this reason, and then is held off.
 */
enum auto_why auto_decide(const struct config_auto *c, struct auto_state *s,
			  const struct auto_sample *now);

/* XDP was chosen and is not to be had. */
void auto_refuse(const struct config_auto *c, struct auto_state *s);

/* "small frames: 310k/s, 74 B" */
void auto_explain(enum auto_why why, const struct auto_sample *now, char *text, size_t size);
