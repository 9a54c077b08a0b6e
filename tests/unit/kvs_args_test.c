// SPDX-License-Identifier: GPL-2.0-only
/* The command line of kvs: what is taken, what is refused and in which words. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "args.h"
#include "help.h"
#include "util.h"
#include "verbs.h"

#define WORDS_MAX 16

struct line {
	char *text;
	char *words[WORDS_MAX];
	int n;
};

static void line_free(struct line *line)
{
	free(line->text);
}

static void split(struct line *line, const char *text)
{
	char *rest;

	*line = (struct line){.text = strdup(text)};
	rest = line->text;
	for (char *w; (w = strsep(&rest, " "));)
		if (*w)
			line->words[line->n++] = w;
}

/* line keeps the words that args points to. */
static int parse(struct line *line, const char *text, struct args *args, struct err *err)
{
	split(line, text);
	return args_parse(args, verbs_table, line->n, line->words, err);
}

static void expect_refusal(const char *text, const char *message)
{
	_cleanup_(line_free) struct line line;
	struct args args;
	struct err err = {};

	assert_int_equal(parse(&line, text, &args, &err), -EINVAL);
	assert_string_equal(err.text, message);
}

static void expect_given(const char *text, const char *name, const char *value)
{
	_cleanup_(line_free) struct line line;
	struct args args;
	struct err err = {};

	assert_int_equal(parse(&line, text, &args, &err), 0);
	assert_string_equal(err.text, "");
	if (value)
		assert_string_equal(args_value(&args, name), value);
	else
		assert_null(args_value(&args, name));
}

static void expect_command(const char *text, const char *verb, const char *command)
{
	_cleanup_(line_free) struct line line;
	struct args args;
	struct err err = {};

	assert_int_equal(parse(&line, text, &args, &err), 0);
	assert_string_equal(args.verb->name, verb);
	if (command)
		assert_string_equal(args.command->name, command);
	else
		assert_null(args.command->name);
}

static void takes_verbs(void **state)
{
	expect_command("", "status", NULL);
	expect_command("--json", "status", NULL);
	expect_command("stats", "stats", NULL);
	expect_command("port", "port", "show");
	expect_command("port --switch br0", "port", "show");
	expect_command("--json port set tap0 --path xdp", "port", "set");
	expect_command("release br0", "release", NULL);
}

static void takes_words_and_options_in_any_order(void **state)
{
	expect_given("port add tap0 br0 --path tc", "SWITCH", "br0");
	expect_given("port add --path tc tap0 br0", "IF", "tap0");
	expect_given("port add tap0 --path=tc br0", "--path", "tc");
	expect_given("port add tap0 br0", "--path", NULL);
	expect_given("vlan add tap0 10 --pvid", "--pvid", "");
	expect_given("vlan add tap0 10 --pvid", "--untagged", NULL);
	expect_given("port del -- -odd", "IF", "-odd");
	expect_given("stats", "no such name", NULL);
}

static void takes_global_options_anywhere(void **state)
{
	expect_given("--run-dir /x stats", "--run-dir", "/x");
	expect_given("stats --run-dir=/x", "--run-dir", "/x");
	expect_given("port --run-dir /x show", "--run-dir", "/x");
	expect_given("port show --json", "--json", "");
	expect_given("port show -j", "--json", "");
	expect_given("-v", "--version", "");
}

static void asks_for_help_with_words_missing(void **state)
{
	expect_given("port add --help", "--help", "");
	expect_given("port add -h", "--help", "");
	expect_given("port help", "--help", "");
	expect_given("help", "--help", "");
}

static void takes_the_limits(void **state)
{
	expect_given("vlan add tap0 1", "VID", "1");
	expect_given("vlan add tap0 4094", "VID", "4094");
	expect_given("switch add br0 --ageing 0", "--ageing", "0");
	expect_given("switch add br0 --ageing 1000000", "--ageing", "1000000");
	expect_given("switch add a23456789012345", "NAME", "a23456789012345");
	expect_given("fdb add 02:00:00:00:00:AA tap0", "MAC", "02:00:00:00:00:AA");
}

static void guesses_what_was_meant(void **state)
{
	expect_refusal("swich add br0", "unknown verb 'swich': did you mean 'switch'?");
	expect_refusal("frobnicate", "unknown verb 'frobnicate'");
	expect_refusal("switch adopd br0", "unknown subverb 'adopd': did you mean 'adopt'?");
	expect_refusal("port tap0", "unknown subverb 'tap0'");
	expect_refusal("port show --swich br0",
		       "unknown option '--swich': did you mean '--switch'?");
	expect_refusal("stats --jsn", "unknown option '--jsn': did you mean '--json'?");
	expect_refusal("stats --adopt", "unknown option '--adopt'");
	expect_refusal("--path tc port", "unknown option before the verb '--path'");
	expect_refusal("stats -c", "unknown option '-c'");
}

static void refuses_missing_and_surplus_words(void **state)
{
	expect_refusal("port add tap0", "SWITCH is missing");
	expect_refusal("port del", "IF is missing");
	expect_refusal("port add tap0 br0 x", "'x' is one word too many");
	expect_refusal("status x", "'x' is one word too many");
	expect_refusal("release", "give exactly one of NAME, --all");
	expect_refusal("release br0 --all", "give exactly one of NAME, --all");
	expect_refusal("fdb flush br0 --port x", "give exactly one of NAME, --switch, --port");
	expect_refusal("port show x --switch y", "give only one of IF, --switch");
	expect_refusal("port set tap0",
		       "give at least one of --path, --isolated, --hairpin, --learning, --group");
}

static void refuses_misused_options(void **state)
{
	expect_refusal("port set x --path", "--path needs a value: auto|xdp|tc|slow");
	expect_refusal("port set x --path tc --path tc", "--path is given twice");
	expect_refusal("stats --json=yes", "--json takes no value");
	expect_refusal("--run-dir", "--run-dir needs a value: a folder");
	expect_refusal("--run-dir= stats", "--run-dir '': expected a folder");
}

static void names_the_value_that_is_wrong(void **state)
{
	const char *name = "expected a device name (up to 15 letters, no space, '/' or ':')";
	char text[128];

	expect_refusal("vlan add x 0", "VID '0': expected a number from 1 to 4094");
	expect_refusal("vlan add x 4095", "VID '4095': expected a number from 1 to 4094");
	expect_refusal("vlan add x 1x", "VID '1x': expected a number from 1 to 4094");
	expect_refusal("vlan add x 99999999999999999999",
		       "VID '99999999999999999999': expected a number from 1 to 4094");
	expect_refusal("switch add x --ageing -1",
		       "--ageing '-1': expected seconds, from 0 to 1000000");
	expect_refusal("switch add x --ageing 1000001",
		       "--ageing '1000001': expected seconds, from 0 to 1000000");
	expect_refusal("switch add x --stp yes", "--stp 'yes': expected on|off");
	expect_refusal("port set x --path td", "--path 'td': expected auto|xdp|tc|slow");
	expect_refusal("port set x --path tc|slow", "--path 'tc|slow': expected auto|xdp|tc|slow");
	expect_refusal("fdb add 02:00 x", "MAC '02:00': expected six bytes like 02:00:00:00:00:01");
	snprintf(text, sizeof(text), "NAME 'a234567890123456': %s", name);
	expect_refusal("switch add a234567890123456", text);
	snprintf(text, sizeof(text), "IF 'a/b': %s", name);
	expect_refusal("port del a/b", text);
	snprintf(text, sizeof(text), "IF '..': %s", name);
	expect_refusal("port del ..", text);
	snprintf(text, sizeof(text), "IF '\xff': %s", name);
	expect_refusal("port del \xff", text);
}

static void check_example(const struct verb *verb, const struct command *command)
{
	_cleanup_(line_free) struct line line;
	struct args args;
	struct err err = {};

	assert_memory_equal(command->example, "kvs ", 4);
	assert_int_equal(parse(&line, command->example + 4, &args, &err), 0);
	assert_ptr_equal(args.verb, verb);
	assert_ptr_equal(args.command, command);
}

static void check_size(const struct command *command)
{
	size_t n = 0;

	while (command->args[n].name)
		n++;
	assert_true(n <= ARGS_MAX);
	assert_true(command->help && command->help[0]);
}

static void has_sound_tables(void **state)
{
	for (const struct verb *v = verbs_table; v->name; v++) {
		for (const struct command *c = v->commands; c->run; c++) {
			check_example(v, c);
			check_size(c);
		}
	}
}

static void expect_usage(const char *text, const char *usage)
{
	_cleanup_(line_free) struct line line;
	_free_ char *printed = NULL;
	struct args args;
	size_t len;
	FILE *out = open_memstream(&printed, &len);

	parse(&line, text, &args, NULL);
	help_usage(out, args.verb, args.command);
	fclose(out);
	assert_string_equal(printed, usage);
}

static void prints_usage(void **state)
{
	expect_usage("switch add", "usage: kvs switch add NAME [--stp on|off] [--ageing SECONDS] "
				   "[--netfilter follow|bypass]\n");
	expect_usage("release", "usage: kvs release NAME|--all\n");
	expect_usage("port show x y", "usage: kvs port show [IF|--switch BR]\n");
	expect_usage("port x", "usage: kvs port add|del|set|show ...\n");
	expect_usage("x", "usage: kvs [--run-dir DIR] [--json] VERB ...; "
			  "'kvs --help' lists the verbs\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_verbs),
		cmocka_unit_test(takes_words_and_options_in_any_order),
		cmocka_unit_test(takes_global_options_anywhere),
		cmocka_unit_test(asks_for_help_with_words_missing),
		cmocka_unit_test(takes_the_limits),
		cmocka_unit_test(guesses_what_was_meant),
		cmocka_unit_test(refuses_missing_and_surplus_words),
		cmocka_unit_test(refuses_misused_options),
		cmocka_unit_test(names_the_value_that_is_wrong),
		cmocka_unit_test(has_sound_tables),
		cmocka_unit_test(prints_usage),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
