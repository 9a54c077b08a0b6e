// SPDX-License-Identifier: GPL-2.0-only
/* Reads the command line by its tables. */
#include <errno.h>
#include <string.h>

#include "args.h"
#include "util.h"

const struct arg args_globals[] = {
	{"--run-dir", TYPE_FOLDER, ARG_OPTIONAL, NULL, "where kvsd's socket is (/run/kvs)"},
	{"--json", TYPE_FLAG, ARG_OPTIONAL, NULL, "print kvsd's answer as JSON"},
	{"--help", TYPE_FLAG, ARG_OPTIONAL, NULL, "how to use kvs, or the verb named"},
	{"--version", TYPE_FLAG, ARG_OPTIONAL, NULL, "print the version"},
	{"--commands", TYPE_FLAG, ARG_OPTIONAL, NULL, NULL}, /* for the completion */
	{},
};

static const struct arg no_args[] = {{}};

struct parser {
	struct args *args;
	const struct verb *verbs;
	char **next, **end;
	bool words_only; /* after "--" */
	struct err *err;
};

static const struct arg *command_args(const struct args *args)
{
	return args->command ? args->command->args : no_args;
}

static int unknown(struct parser *p, const char *what, const char *typed, const char *const *names,
		   size_t n)
{
	const char *like = suggest(typed, names, n);

	if (like)
		return err_set(p->err, -EINVAL, "unknown %s '%s': did you mean '%s'?", what, typed,
			       like);
	return err_set(p->err, -EINVAL, "unknown %s '%s'", what, typed);
}

static int unknown_verb(struct parser *p, const char *typed)
{
	const char *names[64];
	size_t n = 0;

	for (const struct verb *v = p->verbs; v->name && n < ARRAY_SIZE(names); v++)
		names[n++] = v->name;
	return unknown(p, "verb", typed, names, n);
}

static int unknown_command(struct parser *p, const char *typed)
{
	const char *names[ARGS_MAX];
	size_t n = 0;

	for (const struct command *c = p->args->verb->commands; c->run && n < ARRAY_SIZE(names);
	     c++)
		names[n++] = c->name;
	return unknown(p, "subverb", typed, names, n);
}

static int unknown_option(struct parser *p, const char *typed)
{
	const char *names[2 * ARGS_MAX];
	size_t n = 0;

	for (const struct arg *a = command_args(p->args); a->name; a++)
		if (a->name[0] == '-')
			names[n++] = a->name;
	for (const struct arg *a = args_globals; a->help; a++)
		names[n++] = a->name;
	return unknown(p, p->args->verb ? "option" : "option before the verb", typed, names, n);
}

/* What a verb does when nothing more is said: the only thing it can, or show. */
static const struct command *default_command(const struct verb *verb)
{
	for (const struct command *c = verb->commands; c->run; c++)
		if (!c->name || !strcmp(c->name, "show"))
			return c;
	return NULL;
}

static void settle(struct args *args)
{
	if (args->verb && !args->command)
		args->command = default_command(args->verb);
}

static int take_verb(struct parser *p, const char *word)
{
	for (const struct verb *v = p->verbs; v->name; v++) {
		if (strcmp(v->name, word))
			continue;
		p->args->verb = v;
		if (!v->commands->name)
			p->args->command = v->commands;
		return 0;
	}
	return unknown_verb(p, word);
}

static int take_command(struct parser *p, const char *word)
{
	for (const struct command *c = p->args->verb->commands; c->run; c++) {
		if (strcmp(c->name, word))
			continue;
		p->args->command = c;
		return 0;
	}
	return unknown_command(p, word);
}

static int store(struct parser *p, const struct arg *arg, const char **slot, const char *value)
{
	const struct type *type = type_get(arg->type);

	if (*slot)
		return err_set(p->err, -EINVAL, "%s is given twice", arg->name);
	if (type->valid && !type->valid(value))
		return err_set(p->err, -EINVAL, "%s '%s': expected %s", arg->name, value,
			       type->expected);
	*slot = value;
	return 0;
}

static int take_word(struct parser *p, const char *word)
{
	const struct arg *args = command_args(p->args);

	for (size_t i = 0; args[i].name; i++)
		if (args[i].name[0] != '-' && !p->args->values[i])
			return store(p, &args[i], &p->args->values[i], word);
	return err_set(p->err, -EINVAL, "'%s' is one word too many", word);
}

/* word is --name or --name=value. */
static bool names_option(const struct arg *arg, const char *word)
{
	size_t len = strcspn(word, "=");

	return len == strlen(arg->name) && !strncmp(word, arg->name, len);
}

static bool names_global(const struct arg *arg, const char *word)
{
	if (arg->type == TYPE_FLAG && arg->help && word[1] == arg->name[2] && !word[2])
		return true;
	return names_option(arg, word);
}

static int take_value(struct parser *p, const struct arg *arg, const char **slot, const char *word)
{
	const char *value = strchr(word, '=');

	if (arg->type == TYPE_FLAG) {
		if (value)
			return err_set(p->err, -EINVAL, "%s takes no value", arg->name);
		return store(p, arg, slot, "");
	}
	if (value)
		return store(p, arg, slot, value + 1);
	if (p->next == p->end)
		return err_set(p->err, -EINVAL, "%s needs a value: %s", arg->name,
			       type_get(arg->type)->expected);
	return store(p, arg, slot, *p->next++);
}

static int take_option(struct parser *p, const char *word)
{
	const struct arg *args;

	for (size_t i = 0; args_globals[i].name; i++)
		if (names_global(&args_globals[i], word))
			return take_value(p, &args_globals[i], &p->args->globals[i], word);
	settle(p->args);
	args = command_args(p->args);
	for (size_t i = 0; args[i].name; i++)
		if (args[i].name[0] == '-' && names_option(&args[i], word))
			return take_value(p, &args[i], &p->args->values[i], word);
	return unknown_option(p, word);
}

/* As in ip: the word help, where a verb or subverb stands. */
static int take_help(struct parser *p)
{
	for (size_t i = 0; args_globals[i].name; i++)
		if (!strcmp(args_globals[i].name, "--help"))
			p->args->globals[i] = "";
	return 0;
}

static int take(struct parser *p, const char *word)
{
	if (!p->words_only && word[0] == '-' && word[1]) {
		p->words_only = !strcmp(word, "--");
		return p->words_only ? 0 : take_option(p, word);
	}
	if (!p->args->command && !strcmp(word, "help"))
		return take_help(p);
	if (!p->args->verb)
		return take_verb(p, word);
	if (!p->args->command)
		return take_command(p, word);
	return take_word(p, word);
}

/* How many of the words and options of one need were given; names lists them all. */
static size_t count_given(const struct args *args, enum arg_need need, char *names, size_t size)
{
	const struct arg *list = command_args(args);
	size_t given = 0, len = 0;

	names[0] = '\0';
	for (size_t i = 0; list[i].name; i++) {
		if (list[i].need != need)
			continue;
		given += args->values[i] != NULL;
		if (len < size)
			len += snprintf(names + len, size - len, "%s%s", len ? ", " : "",
					list[i].name);
	}
	return given;
}

static int check_groups(const struct args *args, struct err *err)
{
	char names[128];

	if (count_given(args, ARG_AT_MOST_ONE, names, sizeof(names)) > 1)
		return err_set(err, -EINVAL, "give only one of %s", names);
	if (count_given(args, ARG_ONE_OF, names, sizeof(names)) != 1 && names[0])
		return err_set(err, -EINVAL, "give exactly one of %s", names);
	if (!count_given(args, ARG_SOME, names, sizeof(names)) && names[0])
		return err_set(err, -EINVAL, "give at least one of %s", names);
	return 0;
}

static int check(const struct args *args, struct err *err)
{
	const struct arg *list = command_args(args);

	if (!args->command)
		return err_set(err, -EINVAL, "%s needs a subverb", args->verb->name);
	for (size_t i = 0; list[i].name; i++)
		if (list[i].need == ARG_REQUIRED && !args->values[i])
			return err_set(err, -EINVAL, "%s is missing", list[i].name);
	return check_groups(args, err);
}

int args_parse(struct args *args, const struct verb *verbs, int argc, char **argv, struct err *err)
{
	struct parser p = {.args = args, .verbs = verbs, .next = argv, .end = argv + argc};
	int r = 0;

	p.err = err;
	*args = (struct args){};
	while (!r && p.next < p.end)
		r = take(&p, *p.next++);
	if (r || args_value(args, "--help") || args_value(args, "--version"))
		return r;
	if (!args->verb)
		args->verb = verbs;
	settle(args);
	return check(args, err);
}

const char *args_value(const struct args *args, const char *name)
{
	const struct arg *list = command_args(args);

	for (size_t i = 0; args_globals[i].name; i++)
		if (!strcmp(args_globals[i].name, name))
			return args->globals[i];
	for (size_t i = 0; list[i].name; i++)
		if (!strcmp(list[i].name, name))
			return args->values[i];
	return NULL;
}
