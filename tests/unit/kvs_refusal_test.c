// SPDX-License-Identifier: GPL-2.0-only
/* How kvs fails: what it says and its exit code. */
#include "kvs_fake.h"

static void expect_failure(struct server *server, const char *text, int code, const char *message)
{
	_free_ char *log = NULL;
	_run_ struct run run = {};

	assert_true(asprintf(&log, message, server->folder) > 0);
	run_kvs(&run, server->folder, text);
	assert_string_equal(run.log, log);
	assert_string_equal(run.out, "");
	assert_int_equal(run.code, code);
}

static void says_what_kvsd_said(void **state)
{
	answer_with(*state, 404, "{\"error\": \"no port 'tpa0': did you mean 'tap0'?\"}");
	expect_failure(*state, "port del tpa0", 1, "kvs: no port 'tpa0': did you mean 'tap0'?\n");
	answer_with(*state, 500, "{}");
	expect_failure(*state, "stats", 1,
		       "kvs: kvsd refused with HTTP status 500 and gave no reason\n");
	answer_with(*state, 200, "<html>");
	expect_failure(*state, "stats", 1,
		       "kvs: what answers on %s/kvs.sock is not kvsd: no JSON object\n");
	answer_with(*state, 409, "{\"error\": \"busy\"}");
	expect_failure(*state, "port add tap0 br0", 1, "kvs: busy\n");
}

static void asks_nothing_when_the_usage_is_wrong(void **state)
{
	struct server *s = *state;

	answer_with(s, 200, "{}");
	expect_failure(s, "vlan add tap0 4095", 2,
		       "kvs: VID '4095': expected a number from 1 to 4094\n"
		       "usage: kvs vlan add IF VID [--pvid] [--untagged]\n");
	assert_string_equal(s->log, "");
}

static void notices_a_full_disk(void **state)
{
	struct server *s = *state;
	char *words[] = {"stats", "--json"}, *log = NULL;
	struct cli cli = {.run_dir = s->folder};
	size_t len;
	int code;

	answer_with(s, 200, "{}");
	cli.out = fopen("/dev/full", "w");
	cli.log = open_memstream(&log, &len);
	code = cli_run(&cli, ARRAY_SIZE(words), words);
	fclose(cli.out);
	fclose(cli.log);
	assert_int_equal(code, 1);
	assert_string_equal(log, "kvs: cannot write the output: No space left on device\n");
	free(log);
}

#define NO_KVSD                                                                                \
	"kvs: kvsd is not running (no answer on %s/kvs.sock): start it with 'systemctl start " \
	"kvsd' or 'kvsd --adopt BRIDGE'; to take a dead daemon's hooks off, run "              \
	"'kvsd --release-all'\n"

static void says_that_no_daemon_runs(void **state)
{
	struct server *s = *state;
	int fd;

	expect_failure(s, "", 1, NO_KVSD);
	fd = bind_socket(s->folder); /* what a killed daemon leaves behind */
	close(fd);
	expect_failure(s, "release --all", 1, NO_KVSD);
}

static void says_who_may(void **state)
{
	struct server *s = *state;

	chmod(s->folder, 0);
	if (!geteuid())
		assert_int_equal(seteuid(65534), 0);
	expect_failure(s, "", 1,
		       "kvs: no permission to use %s/kvs.sock: run kvs as root or as a member of "
		       "group kvs\n");
	if (!getuid())
		assert_int_equal(seteuid(0), 0);
	chmod(s->folder, 0700);
}

static void needs_no_daemon_for_help(void **state)
{
	struct server *s = *state;
	_run_ struct run run = {};

	run_kvs(&run, s->folder, "--version");
	assert_string_equal(run.out, "kvs " KVS_VERSION "\n");
	assert_int_equal(run.code, 0);
	expect_failure(s, "check /nonexistent/kvs.yaml --run-dir /nonexistent", 1,
		       "kvs: /nonexistent/kvs.yaml: No such file or directory: name a file that "
		       "can be read, see kvs.yaml(5)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_server(says_what_kvsd_said), with_server(asks_nothing_when_the_usage_is_wrong),
		with_server(notices_a_full_disk), without_server(says_that_no_daemon_runs),
		without_server(says_who_may),     without_server(needs_no_daemon_for_help),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
