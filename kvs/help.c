// SPDX-License-Identifier: GPL-2.0-only
/* Help and usage, written from the tables of the verbs. */
#include "help.h"
#include "verbs.h"

#define NAME_WIDTH 28

/* "--path auto|xdp|tc|slow", "--pvid" or "IF" */
static int put_arg(FILE *out, const struct arg *arg)
{
	const char *value = type_get(arg->type)->value;

	if (arg->name[0] != '-' || !value)
		return fprintf(out, "%s", arg->name);
	return fprintf(out, "%s %s", arg->name, value);
}

static bool alternatives(const struct arg *a, const struct arg *b)
{
	return a->need == b->need && (a->need == ARG_ONE_OF || a->need == ARG_AT_MOST_ONE);
}

static void put_args(FILE *out, const struct arg *args)
{
	for (const struct arg *a = args; a->name; a++) {
		bool first = a == args || !alternatives(a - 1, a);
		bool last = !alternatives(a, a + 1);
		bool needed = a->need == ARG_REQUIRED || a->need == ARG_ONE_OF;

		fputs(first ? " " : "|", out);
		fputs(first && !needed ? "[" : "", out);
		put_arg(out, a);
		fputs(last && !needed ? "]" : "", out);
	}
}

static void put_command(FILE *out, const struct verb *verb, const struct command *command)
{
	fprintf(out, "kvs %s", verb->name);
	if (command->name)
		fprintf(out, " %s", command->name);
	put_args(out, command->args);
	fputc('\n', out);
}

void help_usage(FILE *out, const struct verb *verb, const struct command *command)
{
	fputs("usage: ", out);
	if (command) {
		put_command(out, verb, command);
		return;
	}
	if (!verb) {
		fputs("kvs [--run-dir DIR] [--json] VERB ...; 'kvs --help' lists the verbs\n", out);
		return;
	}
	fprintf(out, "kvs %s ", verb->name);
	for (const struct command *c = verb->commands; c->run; c++)
		fprintf(out, "%s%s", c == verb->commands ? "" : "|", c->name);
	fputs(" ...\n", out);
}

static void list_args(FILE *out, const struct arg *args)
{
	for (const struct arg *a = args; a->name; a++) {
		int len;

		if (!a->help)
			continue;
		len = fprintf(out, "  ") + put_arg(out, a);
		fprintf(out, "%*s  %s\n", len < NAME_WIDTH ? NAME_WIDTH - len : 0, "", a->help);
	}
}

static void print_all(FILE *out)
{
	fputs("usage: kvs [--run-dir DIR] [--json] [VERB ...]\n\n", out);
	for (const struct verb *v = verbs_table; v->name; v++)
		fprintf(out, "  %-*s  %s\n", NAME_WIDTH - 2, v->name, v->help);
	fputc('\n', out);
	list_args(out, args_globals);
	fprintf(out,
		"\nWithout a verb: %s. 'kvs VERB --help' says more.\n"
		"example: kvs switch adopt br0\n",
		verbs_table[0].name);
}

static void print_verb(FILE *out, const struct verb *verb)
{
	fprintf(out, "kvs %s: %s\n", verb->name, verb->help);
	for (const struct command *c = verb->commands; c->run; c++) {
		fputs("\n  ", out);
		put_command(out, verb, c);
		fprintf(out, "      %s\n      example: %s\n", c->help, c->example);
	}
}

static void print_command(FILE *out, const struct verb *verb, const struct command *command)
{
	help_usage(out, verb, command);
	fprintf(out, "\n%s\n\n", command->help);
	list_args(out, command->args);
	list_args(out, args_globals);
	fprintf(out, "\nexample: %s\n", command->example);
}

void help_print(FILE *out, const struct verb *verb, const struct command *command)
{
	if (!verb)
		print_all(out);
	else if (!command)
		print_verb(out, verb);
	else
		print_command(out, verb, command);
}
