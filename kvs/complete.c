// SPDX-License-Identifier: GPL-2.0-only
/* The tables of the verbs for completion/kvs. */
#include "complete.h"

static void put_line(FILE *out, const char *verb, const char *command, const struct arg *args)
{
	fprintf(out, "%s %s", verb, command ? command : "-");
	for (const struct arg *a = args; a->name; a++) {
		const char *offer = type_get(a->type)->offer;

		if (a->help)
			fprintf(out, " %s%s%s", a->name, offer ? "=" : "", offer ? offer : "");
	}
	fputc('\n', out);
}

void complete_print(FILE *out, const struct verb *verbs)
{
	put_line(out, "-", NULL, args_globals);
	for (const struct verb *v = verbs; v->name; v++)
		for (const struct command *c = v->commands; c->run; c++)
			put_line(out, v->name, c->name, c->args);
}
