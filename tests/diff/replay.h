/* SPDX-License-Identifier: GPL-2.0-only */
/* Sequences of operations: run one in a world of its own, again, and shortened. */
#pragma once

#include "ops.h"

#define SEQ_MAX 2000

/* Some of the operations of a seed, in order; seed 0 is the mode's script of the self-test. */
struct seq {
	enum world_mode mode;
	uint64_t seed;
	uint32_t n;
	uint32_t index[SEQ_MAX];
};

struct tally {
	uint64_t cases, frames, fast_tc, fast_xdp, not_reproduced;
};

void seq_whole(struct seq *s, enum world_mode mode, uint64_t seed, uint32_t n);
void seq_script(struct seq *s, enum world_mode mode, bool has_fault);

/* 0: no difference; 1: one at operation number *at, and text says what; -1: a world that does not
 * work. Ends early, as 0, at a time (0: never). */
int seq_run(const struct seq *s, double end, struct tally *t, uint32_t *at, char text[TEXT_MAX]);

/* Runs the sequence up to a difference again: true when it comes again. s becomes as short as can
 * be found within seconds. */
bool seq_reproduce(struct seq *s, uint32_t at, double seconds, char text[TEXT_MAX]);

void seq_print(const struct seq *s, const char *file);
int seq_read(struct seq *s, const char *file);
