// SPDX-License-Identifier: GPL-2.0-only
/* KVS against the plain bridge: the same frames and changes for both, and what leaves them
 * compared. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define LENGTH 600 /* operations in one world */
#define FAST_MIN                                                                         \
	5 /* percent of frames on the mode's path; with fewer, nothing would be compared \
	   */
#define SHRINK_MAX 90 /* seconds */

static const char usage[] =
	"usage: diff [--mode tc|xdp|mixed|stp] [--cases N] [--seconds S] [--seed N] [--length N]\n"
	"            [--save FILE] | --replay FILE | --script [stp-]plain|[stp-]fault\n"
	"Run it by diff.sh. Exit 0: no difference, 1: one that came again, 2: usage or no world.\n";

struct options {
	enum world_mode mode;
	uint64_t cases, seed;
	uint32_t length;
	double seconds;
	const char *save, *replay, *script;
};

static int parse_mode(const char *text)
{
	for (int i = 0; i < MODES; i++)
		if (!strcmp(text, world_modes[i]))
			return i;
	fputs(usage, stderr);
	exit(2);
}

static void parse(int argc, char **argv, struct options *o)
{
	static const struct option options[] = {{"mode", 1, NULL, 'm'},
						{"cases", 1, NULL, 'c'},
						{"seconds", 1, NULL, 's'},
						{"seed", 1, NULL, 'S'},
						{"length", 1, NULL, 'l'},
						{"save", 1, NULL, 'f'},
						{"replay", 1, NULL, 'r'},
						{"script", 1, NULL, 'x'},
						{"kvsd", 1, NULL, 'k'},
						{"dir", 1, NULL, 'd'},
						{}};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'm':
			o->mode = parse_mode(optarg);
			break;
		case 'c':
			o->cases = strtoull(optarg, NULL, 0);
			break;
		case 's':
			o->seconds = atof(optarg);
			break;
		case 'S':
			o->seed = strtoull(optarg, NULL, 0);
			break;
		case 'l':
			o->length = atoi(optarg);
			break;
		case 'f':
			o->save = optarg;
			break;
		case 'r':
			o->replay = optarg;
			break;
		case 'x':
			o->script = optarg;
			break;
		case 'k':
			daemon_kvsd = optarg;
			break;
		case 'd':
			daemon_dir = optarg;
			break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (!o->seed || !o->length || o->length > SEQ_MAX) {
		fputs(usage, stderr);
		exit(2);
	}
}

static void quote(const char *text)
{
	const char *end;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		printf("# %.*s\n", (int)(end - text), text);
	}
}

/* What came of a sequence: true when it is a failure. */
static bool judge(struct seq *s, uint32_t at, const struct options *o, struct tally *t,
		  char text[TEXT_MAX])
{
	printf("# %s, seed %" PRIu64 ", operation %u: a difference\n", world_modes[s->mode],
	       s->seed, s->index[at]);
	quote(text);
	fflush(stdout);
	if (!seq_reproduce(s, at, SHRINK_MAX, text)) {
		printf("# not reproduced\n");
		t->not_reproduced++;
		return false;
	}
	printf("# it came again; shortened to %u operations:\n", s->n);
	seq_print(s, o->save);
	quote(text);
	return true;
}

static bool run_one(struct seq *s, const struct options *o, double end, struct tally *t)
{
	char text[TEXT_MAX];
	uint32_t at;

	return seq_run(s, end, t, &at, text) && judge(s, at, o, t, text);
}

static int report(const struct options *o, const struct tally *t, double seconds)
{
	uint64_t fast = t->fast_xdp + (o->mode == MODE_XDP ? 0 : t->fast_tc);
	uint64_t share = t->frames ? 100 * fast / t->frames : 0;

	printf("# cases: %s: %" PRIu64 " cases in %.0f s, %" PRIu64 " not reproduced; of %" PRIu64
	       " frames %" PRIu64 " fast by tc, %" PRIu64 " by xdp\n",
	       world_modes[o->mode], t->cases, seconds, t->not_reproduced, t->frames, t->fast_tc,
	       t->fast_xdp);
	if (t->frames < 1000 || share >= FAST_MIN)
		return 0;
	printf("# only %" PRIu64 " %% of the frames took that path: this compares nothing\n",
	       share);
	return 1;
}

/* Seeds one after the other, until cases or time are used up. */
static int run_seeds(const struct options *o)
{
	double start = daemon_now(), end = o->seconds ? start + o->seconds : 0;
	struct tally t = {};
	struct seq s;

	for (uint64_t seed = o->seed; t.cases < o->cases; seed++) {
		if (end && daemon_now() > end)
			break;
		seq_whole(&s, o->mode, seed, o->length);
		if (s.n > o->cases - t.cases)
			s.n = o->cases - t.cases;
		if (run_one(&s, o, end, &t)) {
			report(o, &t, daemon_now() - start);
			return 1;
		}
	}
	return report(o, &t, daemon_now() - start);
}

int main(int argc, char **argv)
{
	struct options o = {.cases = 1000, .seed = 1, .length = LENGTH};
	struct tally t = {};
	struct seq s;

	parse(argc, argv, &o);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!o.replay && !o.script)
		return run_seeds(&o);
	if (o.script)
		seq_script(&s, strncmp(o.script, "stp", 3) ? MODE_TC : MODE_STP,
			   strstr(o.script, "fault"));
	else if (seq_read(&s, o.replay))
		return 2;
	return run_one(&s, &o, 0, &t);
}
