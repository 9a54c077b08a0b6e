/* SPDX-License-Identifier: GPL-2.0-only */
/* One run of kvs: what its verbs are handed. */
#pragma once

#include <stdio.h>

#include "args.h"

struct cli {
	struct args args;
	const char *run_dir; /* kvsd's, /run/kvs */
	FILE *out, *log;
};

/* Do what the words after the program's name ask for. 0, 1 (refused) or 2 (usage): the exit code.
 */
int cli_run(struct cli *cli, int argc, char **argv);

/* The value of a word or option of the verb, or NULL. */
const char *cli_value(const struct cli *cli, const char *name);
