// SPDX-License-Identifier: GPL-2.0-only
/* The configuration file: what is taken, what is refused and with which words. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "config.h"
#include "config_bad.h"

#define FILE_NAME "kvs.yaml"

static void write_file(const char *text, size_t len)
{
	_fclose_ FILE *out = fopen(FILE_NAME, "we");

	assert_non_null(out);
	assert_int_equal(fwrite(text, 1, len, out), len);
}

static struct config *load(const char *text)
{
	struct config *config = NULL;
	struct err err = {};

	write_file(text, strlen(text));
	if (config_load(FILE_NAME, &config, &err))
		fail_msg("refused: %s", err.text);
	return config;
}

static void refused(const char *text, size_t len, const char *message)
{
	struct config *config = NULL;
	struct err err = {};

	write_file(text, len);
	assert_int_equal(config_load(FILE_NAME, &config, &err), -EINVAL);
	assert_string_equal(err.text, message);
	assert_null(config);
}

static void takes_a_whole_file(void **state)
{
	_config_ struct config *c = load("switches:\n"
					 "  - name: br0\n"
					 "    stp: true\n"
					 "    ageing: 0\n"
					 "  - adopt: \"vmbr*\"\n"
					 "ports:\n"
					 "  - match: \"tap*\"\n"
					 "    switch: br0\n"
					 "    path: xdp\n"
					 "    isolated: on\n"
					 "    hairpin: no\n"
					 "    learning: false\n"
					 "auto: {rate: 1, small: 60, large: 61, stay: 3600}\n"
					 "limits:\n"
					 "  ports: 16384\n"
					 "  fdb: 64\n");

	assert_int_equal(c->n_switches, 2);
	assert_string_equal(c->switches[0].name, "br0");
	assert_null(c->switches[0].adopt);
	assert_int_equal(c->switches[0].stp, ON);
	assert_int_equal(c->switches[0].ageing, 0);
	assert_string_equal(c->switches[1].adopt, "vmbr*");
	assert_null(c->switches[1].name);
	assert_int_equal(c->n_ports, 1);
	assert_string_equal(c->ports[0].match, "tap*");
	assert_string_equal(c->ports[0].switch_, "br0");
	assert_int_equal(c->ports[0].set.path, KVS_PATH_XDP);
	assert_int_equal(c->ports[0].set.isolated, ON);
	assert_int_equal(c->ports[0].set.hairpin, OFF);
	assert_int_equal(c->ports[0].set.learning, OFF);
	assert_int_equal(c->auto_.rate, 1);
	assert_int_equal(c->auto_.small, 60);
	assert_int_equal(c->auto_.large, 61);
	assert_int_equal(c->auto_.stay, 3600);
	assert_int_equal(c->limits.ports, 16384);
	assert_int_equal(c->limits.fdb, 64);
}

static void leaves_unset_what_is_not_given(void **state)
{
	_config_ struct config *c = load("switches: [{name: br0}, {adopt: br1}]\n"
					 "ports: [{match: a}, {match: b, path: auto}]\n"
					 "limits: {fdb: 1048576}\n");

	assert_int_equal(c->switches[0].stp, UNSET);
	assert_int_equal(c->switches[0].ageing, UNSET);
	assert_null(c->ports[0].switch_);
	assert_int_equal(c->ports[0].set.path, UNSET);
	assert_int_equal(c->ports[0].set.isolated, UNSET);
	assert_int_equal(c->ports[0].set.hairpin, UNSET);
	assert_int_equal(c->ports[0].set.learning, UNSET);
	assert_int_equal(c->ports[1].set.path, KVS_PATH_AUTO);
	assert_int_equal(c->ports[1].set.isolated, UNSET);
	assert_int_equal(c->limits.ports, 512);
	assert_int_equal(c->limits.fdb, 1048576);
}

static void takes_a_file_that_says_nothing(void **state)
{
	static const char *const texts[] = {
		"",      "\n\n",         "# ports:\n",
		"---\n", "--- ~\n...\n", "{}\n",
		"null",  "\xef\xbb\xbf", "switches: []\nports: []\nlimits: {}\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_config_ struct config *c = load(texts[i]);

		assert_int_equal(c->n_switches, 0);
		assert_int_equal(c->n_ports, 0);
		assert_int_equal(c->limits.ports, 512);
		assert_int_equal(c->limits.fdb, 65536);
		assert_int_equal(c->auto_.rate, 50000);
	}
}

static void has_defaults(void **state)
{
	_config_ struct config *c = config_defaults();

	assert_int_equal(c->n_switches + c->n_ports, 0);
	assert_int_equal(c->auto_.rate, 50000);
	assert_int_equal(c->auto_.small, 256);
	assert_int_equal(c->auto_.large, 512);
	assert_int_equal(c->auto_.stay, 5);
	assert_int_equal(c->limits.ports, 512);
	assert_int_equal(c->limits.fdb, 65536);
}

static void takes_words_as_yaml_means_them(void **state)
{
	_config_ struct config *c = load("%YAML 1.1\n---\n"
					 "switches:\n"
					 "- {name: 'true'}\n"
					 "- {name: \"br\\x31\", stp: yes, ageing: '1000000'}\n"
					 "- {name: 123}\n"
					 "- {adopt: brücke}\n"
					 "- {adopt: \"~\"}\n"
					 "- adopt: >-\n"
					 "    a[0-9]*\n"
					 "...\n");

	assert_string_equal(c->switches[0].name, "true");
	assert_string_equal(c->switches[1].name, "br1");
	assert_int_equal(c->switches[1].stp, ON);
	assert_int_equal(c->switches[1].ageing, 1000000);
	assert_string_equal(c->switches[2].name, "123");
	assert_string_equal(c->switches[3].adopt, "brücke");
	assert_string_equal(c->switches[4].adopt, "~");
	assert_string_equal(c->switches[5].adopt, "a[0-9]*");
}

static void takes_the_example(void **state)
{
	_config_ struct config *c = NULL;
	struct err err = {};

	if (config_load(*state, &c, &err))
		fail_msg("refused: %s", err.text);
	assert_int_equal(c->n_switches, 2);
	assert_int_equal(c->n_ports, 3);
}

static void matches_names_and_globs(void **state)
{
	assert_true(name_matches("tap0", "tap0"));
	assert_false(name_matches("tap0", "tap01"));
	assert_false(name_matches("tap0", "Tap0"));
	assert_true(name_matches("tap*", "tap"));
	assert_true(name_matches("tap?", "tap7"));
	assert_false(name_matches("tap?", "tap77"));
	assert_true(name_matches("veth[0-3]", "veth2"));
	assert_true(name_matches("veth[!0-3]", "veth4"));
	assert_true(name_matches("*", "eth0.100"));
}

static void takes_the_last_entry_that_sets_it(void **state)
{
	_config_ struct config *c =
		load("switches: [{name: br0}, {adopt: 'vm*'}]\n"
		     "ports:\n"
		     "- {match: '*', path: tc, learning: true}\n"
		     "- {match: 'tap*', switch: br0, path: xdp, isolated: true}\n"
		     "- {match: tap1, switch: vmbr7, isolated: false}\n");
	struct port_settings set;
	const char *sw;

	config_port_settings(c, "tap1", &set, &sw);
	assert_string_equal(sw, "vmbr7");
	assert_int_equal(set.path, KVS_PATH_XDP);
	assert_int_equal(set.isolated, OFF);
	assert_int_equal(set.learning, ON);
	assert_int_equal(set.hairpin, UNSET);

	config_port_settings(c, "tap2", &set, &sw);
	assert_string_equal(sw, "br0");
	assert_int_equal(set.isolated, ON);

	config_port_settings(c, "eth0", &set, &sw);
	assert_null(sw);
	assert_int_equal(set.path, KVS_PATH_TC);
	assert_int_equal(set.isolated, UNSET);
}

static void says_nothing_of_a_port_without_entry(void **state)
{
	_config_ struct config *c = load("ports: [{match: eth0, path: slow, hairpin: true}]\n");
	const char *sw = "untouched";
	struct port_settings set;

	config_port_settings(c, "eth1", &set, &sw);
	assert_null(sw);
	assert_int_equal(set.path, UNSET);
	assert_int_equal(set.isolated, UNSET);
	assert_int_equal(set.hairpin, UNSET);
	assert_int_equal(set.learning, UNSET);
}

static void names_paths(void **state)
{
	static const char *const names[] = {"auto", "xdp", "tc", "slow"};
	enum kvs_path path = KVS_PATH_SLOW;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(path_parse(names[i], &path), 0);
		assert_int_equal(path, i);
		assert_string_equal(path_name(i), names[i]);
	}
	assert_int_equal(path_parse("XDP", &path), -EINVAL);
	assert_int_equal(path, KVS_PATH_SLOW);
	assert_null(path_name(4));
}

static void refuse_table(const struct bad *bad, size_t n)
{
	for (size_t i = 0; i < n; i++)
		refused(bad[i].text, strlen(bad[i].text), bad[i].message);
}

static void refuses_what_is_not_yaml(void **state)
{
	refuse_table(bad_syntax, ARRAY_SIZE(bad_syntax));
}

static void refuses_wrong_keys(void **state)
{
	refuse_table(bad_keys, ARRAY_SIZE(bad_keys));
}

static void refuses_wrong_types(void **state)
{
	refuse_table(bad_types, ARRAY_SIZE(bad_types));
}

static void refuses_contradictions(void **state)
{
	refuse_table(bad_rules, ARRAY_SIZE(bad_rules));
}

static void refuses_wrong_guards(void **state)
{
	refuse_table(bad_guards, ARRAY_SIZE(bad_guards));
}

static void refuses_a_nul_byte(void **state)
{
	static const char text[] = "ports:\n- match: a\0b\n";

	refused(text, sizeof(text) - 1,
		"kvs.yaml:2: not YAML, control characters are not allowed" HINT);
}

static void refuses_too_many_entries(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	fprintf(out, "ports:\n");
	for (int i = 0; i <= 4096; i++)
		fprintf(out, "- match: tap%d\n", i);
	fclose(out);
	refused(text, len, "kvs.yaml:4098: ports[4096]: more than 4096 entries: use patterns");
	free(text);
}

static void unreadable(const char *path, int code, const char *message)
{
	struct config *config = NULL;
	struct err err = {};

	assert_int_equal(config_load(path, &config, &err), code);
	assert_string_equal(err.text, message);
	assert_null(config);
	assert_int_equal(config_load(path, &config, NULL), code);
}

static void says_why_it_cannot_read(void **state)
{
	unreadable(
		"gone.yaml", -ENOENT,
		"gone.yaml: No such file or directory: name a file that can be read, see kvs.yaml(5)");
	unreadable(".", -EISDIR,
		   ".: Is a directory: name a file that can be read, see kvs.yaml(5)");
	unreadable(
		"/proc/self/mem", -EIO,
		"/proc/self/mem: Input/output error: name a file that can be read, see kvs.yaml(5)");
	unreadable("/dev/zero", -EFBIG, "/dev/zero: larger than 1 MiB: is this the right file?");
}

static void takes_up_to_a_mebibyte(void **state)
{
	static char text[(1 << 20) + 1];

	memset(text, '\n', sizeof(text));
	write_file(text, sizeof(text));
	unreadable(FILE_NAME, -EFBIG, "kvs.yaml: larger than 1 MiB: is this the right file?");
	text[sizeof(text) - 1] = 0;
	config_free(load(text));
}

static int enter_folder(void **state)
{
	static char folder[] = "/tmp/kvs-config-XXXXXX";

	*state = realpath("docs/kvs.yaml.example", NULL);
	return *state && mkdtemp(folder) ? chdir(folder) : -1;
}

static int leave_folder(void **state)
{
	_free_ char *folder = getcwd(NULL, 0);

	free(*state);
	unlink(FILE_NAME);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_whole_file),
		cmocka_unit_test(leaves_unset_what_is_not_given),
		cmocka_unit_test(takes_a_file_that_says_nothing),
		cmocka_unit_test(has_defaults),
		cmocka_unit_test(takes_words_as_yaml_means_them),
		cmocka_unit_test(takes_the_example),
		cmocka_unit_test(matches_names_and_globs),
		cmocka_unit_test(takes_the_last_entry_that_sets_it),
		cmocka_unit_test(says_nothing_of_a_port_without_entry),
		cmocka_unit_test(names_paths),
		cmocka_unit_test(refuses_what_is_not_yaml),
		cmocka_unit_test(refuses_wrong_keys),
		cmocka_unit_test(refuses_wrong_types),
		cmocka_unit_test(refuses_contradictions),
		cmocka_unit_test(refuses_wrong_guards),
		cmocka_unit_test(refuses_a_nul_byte),
		cmocka_unit_test(refuses_too_many_entries),
		cmocka_unit_test(says_why_it_cannot_read),
		cmocka_unit_test(takes_up_to_a_mebibyte),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
