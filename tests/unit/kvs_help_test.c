// SPDX-License-Identifier: GPL-2.0-only
/* The help of kvs, its completion's tables and its man page name every verb, word and option. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "complete.h"
#include "help.h"
#include "util.h"
#include "verbs.h"

static char *help_of(const struct verb *verb, const struct command *command)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	help_print(out, verb, command);
	fclose(out);
	return text;
}

static void check_help(const struct verb *verb, const struct command *command)
{
	_free_ char *one = help_of(verb, command), *all = help_of(verb, NULL);

	assert_non_null(strstr(one, command->example));
	assert_non_null(strstr(all, command->example));
	for (const struct arg *a = command->args; a->name; a++) {
		assert_non_null(strstr(one, a->name));
		assert_non_null(strstr(all, a->name));
	}
}

static void helps_with_every_verb(void **state)
{
	_free_ char *all = help_of(NULL, NULL);

	for (const struct verb *v = verbs_table; v->name; v++) {
		assert_non_null(strstr(all, v->name));
		assert_non_null(strstr(all, v->help));
		for (const struct command *c = v->commands; c->run; c++)
			check_help(v, c);
	}
}

static void feeds_the_completion(void **state)
{
	_free_ char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	complete_print(out, verbs_table);
	fclose(out);
	assert_non_null(strstr(text, "- - --run-dir=@folder --json --help --version\n"));
	assert_non_null(strstr(text, "\nstatus -\n"));
	assert_non_null(strstr(text, "\nswitch add NAME=@device --stp=on|off --ageing= "
				     "--netfilter=follow|bypass\n"));
	assert_non_null(strstr(text, "\nvlan add IF=@port VID= --pvid --untagged\n"));
}

/* The whole page, with roff's "\-" as "-" and its font changes left out. */
static char *man_page(void)
{
	_fclose_ FILE *in = fopen("man/kvs.8", "r");
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(in);
	for (int c; (c = fgetc(in)) != EOF;) {
		if (c != '\\')
			fputc(c, out);
		else if ((c = fgetc(in)) == 'f')
			fgetc(in);
		else
			fputc(c, out);
	}
	fclose(out);
	return text;
}

/* Words stand in the line of their command, options anywhere. */
static void check_man(const char *page, const struct verb *verb, const struct command *command)
{
	_free_ char *title = NULL, *line = NULL;
	const char *start;

	assert_true(asprintf(&title, "kvs %s%s%s", verb->name, command->name ? " " : "",
			     command->name ? command->name : "") > 0);
	start = strstr(page, title);
	if (!start)
		fail_msg("'%s' is not in man/kvs.8", title);
	line = strndup(start, strcspn(start, "\n"));
	for (const struct arg *a = command->args; a->name; a++)
		if (!strstr(a->name[0] == '-' ? page : line, a->name))
			fail_msg("'%s' of '%s' is not in man/kvs.8", a->name, title);
}

static void has_all_in_the_man_page(void **state)
{
	_free_ char *page = man_page();

	for (const struct verb *v = verbs_table; v->name; v++)
		for (const struct command *c = v->commands; c->run; c++)
			check_man(page, v, c);
	for (const struct arg *a = args_globals; a->help; a++)
		assert_non_null(strstr(page, a->name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(helps_with_every_verb),
		cmocka_unit_test(feeds_the_completion),
		cmocka_unit_test(has_all_in_the_man_page),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
