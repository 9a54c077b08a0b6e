/* SPDX-License-Identifier: GPL-2.0-only */
/* Help and usage, written from the tables of the verbs. */
#pragma once

#include <stdio.h>

#include "args.h"

/* One line, "usage: ...", of a verb's subverb; command or both may be NULL. */
void help_usage(FILE *out, const struct verb *verb, const struct command *command);

/* The whole help of kvs, of a verb or of its subverb. */
void help_print(FILE *out, const struct verb *verb, const struct command *command);
