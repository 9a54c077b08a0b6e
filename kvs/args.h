/* SPDX-License-Identifier: GPL-2.0-only */
/* The command line as data: parsing, help, completion and requests all come from these tables. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "type.h"

#define ARGS_MAX 12

struct cli;

enum arg_need {
	ARG_OPTIONAL,
	ARG_REQUIRED,
	ARG_ONE_OF,      /* exactly one of those marked so */
	ARG_AT_MOST_ONE, /* of those marked so */
	ARG_SOME,        /* at least one of those marked so */
};

struct arg {
	const char *name; /* "--stp", or "NAME" for a word in its place */
	enum type_id type;
	enum arg_need need;
	const char *key;  /* its name in the API; NULL where it is not sent as it is */
	const char *help; /* NULL hides it */
};

struct command {
	const char *name; /* NULL where the verb has no subverbs */
	int (*run)(const struct cli *cli, struct err *err);
	const struct arg *args; /* up to one without a name */
	const char *help;
	const char *example;
};

struct verb {
	const char *name;
	const struct command *commands; /* up to one without run */
	const char *help;
};

struct args {
	const struct verb *verb;
	const struct command *command;
	const char *values[ARGS_MAX];  /* in the order of command->args; a flag's is "" */
	const char *globals[ARGS_MAX]; /* in the order of args_globals */
};

/* What every verb takes. A flag may be written as its first letter: -j is --json. */
extern const struct arg args_globals[];

/* Read words, argv without the program's name, by the table of verbs (up to one without a name).
 * The first verb is the default one. 0, or -EINVAL; args then says how far it came.
 */
int args_parse(struct args *args, const struct verb *verbs, int argc, char **argv, struct err *err);

/* The value of a word or option by its name in the table, NULL where it was not given. */
const char *args_value(const struct args *args, const char *name);
