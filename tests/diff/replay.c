// SPDX-License-Identifier: GPL-2.0-only
/* Sequences of operations: run one in a world of its own, again, and shortened. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "replay.h"
#include "util.h"

#define TRIES 2 /* in fresh worlds, for a difference to come again */

/* Four stations are heard, then one speaks to another. The fault sends what is for station 1 to the
 * port of station 2. */
static const struct op script[] = {
	{.kind = OP_PLAIN, .port = 0, .attr = -1}, {.kind = OP_PLAIN, .port = 1, .attr = -1},
	{.kind = OP_PLAIN, .port = 2, .attr = -1}, {.kind = OP_PLAIN, .port = 3, .attr = -1},
	{.kind = OP_PLAIN, .port = 0, .attr = 1},  {.kind = OP_PLANT, .value = 1, .size = 2},
	{.kind = OP_PLAIN, .port = 3, .attr = 0},  {.kind = OP_PLAIN, .port = 0, .attr = 1},
	{.kind = OP_PLAIN, .port = 2, .attr = 3},
};

/* Port 1 is the way to a root, port 2 a dearer one, so it is blocked. The fault forwards to it
 * nonetheless; the first frames after a while are the bridge's. */
static const struct op stp_script[] = {
	{.kind = OP_PLAIN, .port = 0, .attr = -1},
	{.kind = OP_PLAIN, .port = 1, .attr = -1},
	{.kind = OP_PLAIN, .port = 2, .attr = -1},
	{.kind = OP_BPDU, .port = 0, .value = 1},
	{.kind = OP_BPDU, .port = 1, .value = 2},
	{.kind = OP_PLAIN, .port = 2, .attr = 1},
	{.kind = OP_OPEN, .value = 1},
	{.kind = OP_PLAIN, .port = 2, .attr = 1},
	{.kind = OP_PLAIN, .port = 2, .attr = 1},
	{.kind = OP_PLAIN, .port = 2, .attr = 1},
};

static const struct {
	const struct op *op;
	uint32_t n;
} scripts[MODES] = {
	[MODE_TC] = {script, ARRAY_SIZE(script)},
	[MODE_STP] = {stp_script, ARRAY_SIZE(stp_script)},
};

void seq_whole(struct seq *s, enum world_mode mode, uint64_t seed, uint32_t n)
{
	s->mode = mode;
	s->seed = seed;
	s->n = n;
	for (uint32_t i = 0; i < n; i++)
		s->index[i] = i;
}

static bool is_fault(const struct op *op)
{
	return op->kind == OP_PLANT || op->kind == OP_OPEN;
}

void seq_script(struct seq *s, enum world_mode mode, bool has_fault)
{
	*s = (struct seq){.mode = mode};
	for (uint32_t i = 0; i < scripts[mode].n; i++)
		if (has_fault || !is_fault(&scripts[mode].op[i]))
			s->index[s->n++] = i;
}

static struct op op_of(const struct seq *s, uint32_t i)
{
	if (s->seed)
		return op_make(s->seed, s->index[i], s->mode);
	return scripts[s->mode].op[s->index[i] % scripts[s->mode].n];
}

static int run_in(struct world *w, const struct seq *s, double end, struct tally *t, uint32_t *at,
		  char text[TEXT_MAX])
{
	int rc = 0;

	for (uint32_t i = 0; !rc && i < s->n; i++) {
		struct op op = op_of(s, i);

		if (end && daemon_now() > end)
			break;
		*at = i;
		rc = op_run(w, &op, text);
		t->cases++;
	}
	return rc;
}

int seq_run(const struct seq *s, double end, struct tally *t, uint32_t *at, char text[TEXT_MAX])
{
	static struct world w;
	int rc;

	*at = 0;
	snprintf(text, TEXT_MAX, "a world could not be made, or kvsd was lost\n");
	rc = world_open(&w, s->mode) ?: run_in(&w, s, end, t, at, text);
	if (w.daemon.pin[0])
		world_count(&w);
	t->frames += w.frames;
	t->fast_tc += w.fast_tc;
	t->fast_xdp += w.fast_xdp;
	world_close(&w);
	return rc;
}

/* Any difference will do: it need not be the same one. */
static bool fails(const struct seq *s, uint32_t *at, char text[TEXT_MAX])
{
	struct tally ignored = {};
	char now[TEXT_MAX];

	if (!seq_run(s, 0, &ignored, at, now))
		return false;
	memcpy(text, now, TEXT_MAX);
	return true;
}

static void without(struct seq *to, const struct seq *s, uint32_t from, uint32_t n)
{
	*to = *s;
	to->n = s->n - n;
	memmove(to->index + from, to->index + from + n, (s->n - from - n) * sizeof(s->index[0]));
}

/* Leaves out parts, halves first, as long as what remains still fails. */
static void shrink(struct seq *s, double end, char text[TEXT_MAX])
{
	static struct seq shorter;
	uint32_t part = s->n / 2, from, at;

	for (; part; part /= 2) {
		for (from = 0; from + part <= s->n && s->n > part;) {
			if (daemon_now() > end)
				return;
			without(&shorter, s, from, part);
			if (fails(&shorter, &at, text)) {
				*s = shorter;
				s->n = at + 1;
			} else {
				from += part;
			}
		}
	}
}

bool seq_reproduce(struct seq *s, uint32_t at, double seconds, char text[TEXT_MAX])
{
	s->n = at + 1;
	for (int i = 0; i < TRIES; i++)
		if (fails(s, &at, text)) {
			s->n = at + 1;
			shrink(s, daemon_now() + seconds, text);
			return true;
		}
	return false;
}

void seq_print(const struct seq *s, const char *file)
{
	_fclose_ FILE *f = file ? fopen(file, "we") : NULL;
	char text[512];

	for (uint32_t i = 0; i < s->n; i++) {
		struct op op = op_of(s, i);

		op_describe(&op, s->mode, text, sizeof(text));
		printf("#   %u %s\n", s->index[i], text);
	}
	if (!f)
		return;
	fprintf(f, "%s %" PRIu64, world_modes[s->mode], s->seed);
	for (uint32_t i = 0; i < s->n; i++)
		fprintf(f, " %u", s->index[i]);
	fprintf(f, "\n");
	printf("# again: tests/diff/diff.sh --replay %s\n", file);
}

int seq_read(struct seq *s, const char *file)
{
	_fclose_ FILE *f = fopen(file, "re");
	char mode[16] = "";

	memset(s, 0, sizeof(*s));
	if (!f || fscanf(f, "%15s %" SCNu64, mode, &s->seed) != 2) {
		fprintf(stderr, "'%s' is no file that a failure has left\n", file);
		return -1;
	}
	for (int i = 0; i < MODES; i++)
		if (!strcmp(mode, world_modes[i]))
			s->mode = i;
	while (s->n < SEQ_MAX && fscanf(f, "%u", &s->index[s->n]) == 1)
		s->n++;
	return 0;
}
