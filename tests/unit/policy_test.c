// SPDX-License-Identifier: GPL-2.0-only
/* What guards of the configuration come to. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "config.h"
#include "limit.h"

#define FILE_NAME "kvs.yaml"
#define HOST      (KVS_GUARD_TAGS | KVS_GUARD_LINK_LOCAL | KVS_GUARD_STICKY)
#define NO_SERVER (KVS_GUARD_ROUTER | KVS_GUARD_DHCP)

static struct config *load(const char *text)
{
	_fclose_ FILE *out = fopen(FILE_NAME, "we");
	struct config *config = NULL;
	struct err err = {};

	assert_non_null(out);
	fputs(text, out);
	fflush(out);
	if (config_load(FILE_NAME, &config, &err))
		fail_msg("refused: %s", err.text);
	return config;
}

static struct policy policy_of(const struct config *config, const char *port)
{
	struct policy p;

	assert_int_equal(config_port_guard(config, port, &p), ON);
	return p;
}

static void has_presets(void **state)
{
	_config_ struct config *c = load("ports:\n"
					 "- {match: a, guard: vm}\n"
					 "- {match: b, guard: router}\n"
					 "- {match: c, guard: trunk}\n");
	const __be16 types[KVS_GUARD_TYPES] = {htons(0x0800), htons(0x0806), htons(0x86dd),
					       htons(0x8035)};
	struct policy p = policy_of(c, "a");

	assert_int_equal(p.abi.flags, HOST | NO_SERVER | KVS_GUARD_STORM);
	assert_int_equal(p.abi.max_macs, 1);
	assert_memory_equal(p.abi.types, types, sizeof(types));
	assert_string_equal(p.abi.name, "vm");
	p = policy_of(c, "b");
	assert_int_equal(p.abi.flags, HOST | KVS_GUARD_STORM);
	assert_int_equal(p.abi.max_macs, 16);
	assert_int_equal(p.abi.types[0], 0);
	p = policy_of(c, "c");
	assert_int_equal(p.abi.flags,
			 KVS_GUARD_LINK_LOCAL | KVS_GUARD_STICKY | NO_SERVER | KVS_GUARD_STORM);
	assert_int_equal(p.abi.max_macs, 0);
	assert_int_equal(p.abi.types[0], 0);
}

static void starts_from_a_preset_or_nothing(void **state)
{
	_config_ struct config *c =
		load("guards:\n"
		     "- {name: bare}\n"
		     "- {name: some, tags: false, max-macs: 3, ethertypes: [llc, 0x88cc]}\n"
		     "- name: most\n"
		     "  preset: vm\n"
		     "  mode: audit\n"
		     "  tags: true\n"
		     "  link-local: true\n"
		     "  sticky: false\n"
		     "  router: true\n"
		     "  dhcp-server: true\n"
		     "  max-macs: 0\n"
		     "  ethertypes: [any]\n"
		     "ports:\n"
		     "- {match: a, guard: bare}\n"
		     "- {match: b, guard: some}\n"
		     "- {match: c, guard: most}\n");
	struct policy p = policy_of(c, "a");

	assert_int_equal(p.abi.flags, 0);
	assert_int_equal(p.abi.max_macs, 0);
	assert_int_equal(p.abi.types[0], 0);
	p = policy_of(c, "b");
	assert_int_equal(p.abi.flags, KVS_GUARD_TAGS);
	assert_int_equal(p.abi.max_macs, 3);
	assert_int_equal(p.abi.types[0], htons(KVS_GUARD_LLC));
	assert_int_equal(p.abi.types[1], htons(0x88cc));
	assert_int_equal(p.abi.types[2], 0);
	p = policy_of(c, "c");
	assert_int_equal(p.abi.flags, KVS_GUARD_AUDIT | KVS_GUARD_STORM);
	assert_int_equal(p.abi.max_macs, 0);
	assert_int_equal(p.abi.types[0], 0);
}

static void expect_limit(const struct policy *p, enum kvs_limit_kind kind, const char *rate,
			 const char *burst)
{
	char text[LIMIT_TEXT_LEN];

	assert_string_equal(limit_format(&p->limit.of[kind], text), rate);
	if (p->limit.of[kind].mult)
		assert_string_equal(limit_burst_format(&p->limit.of[kind], text), burst);
}

static void has_limits(void **state)
{
	_config_ struct config *c =
		load("guards:\n"
		     "- name: slow\n"
		     "  preset: vm\n"
		     "  rate: 10M\n  egress-rate: 20M\n"
		     "  storm-multicast: none\n"
		     "  storm-unknown: 0\n"
		     "- {name: some, rate: 1G, burst: 64k, storm-broadcast: 50, "
		     "storm-burst: 9}\n"
		     "ports:\n"
		     "- {match: a, guard: slow}\n"
		     "- {match: b, guard: some}\n");
	struct policy p = policy_of(c, "a");

	assert_int_equal(p.abi.flags & (KVS_GUARD_RATE | KVS_GUARD_STORM),
			 KVS_GUARD_RATE | KVS_GUARD_STORM);
	expect_limit(&p, KVS_LIMIT_RATE, "10M", "1M");
	assert_int_equal(p.egress, 20000000);
	expect_limit(&p, KVS_LIMIT_BROADCAST, "1kpps", "200");
	expect_limit(&p, KVS_LIMIT_MULTICAST, "none", NULL);
	expect_limit(&p, KVS_LIMIT_UNKNOWN, "0pps", "0");
	p = policy_of(c, "b");
	expect_limit(&p, KVS_LIMIT_RATE, "1G", "64k");
	expect_limit(&p, KVS_LIMIT_BROADCAST, "50pps", "9");
	expect_limit(&p, KVS_LIMIT_UNKNOWN, "none", NULL);
}

static void keeps_limits_of_the_port(void **state)
{
	_config_ struct config *c = load("ports: [{match: a, guard: vm}]\n");
	struct policy p = policy_of(c, "a");

	p.own_limits = 1 << KVS_LIMIT_RATE | 1 << KVS_LIMIT_BROADCAST;
	assert_int_equal(limit_parse(KVS_LIMIT_RATE, "5M", &p.limit.of[KVS_LIMIT_RATE], NULL), 0);
	memset(&p.limit.of[KVS_LIMIT_BROADCAST], 0, sizeof(p.limit.of[0]));
	assert_int_equal(config_guard_build(c, &p, NULL), 0);
	assert_true(p.abi.flags & KVS_GUARD_RATE);
	expect_limit(&p, KVS_LIMIT_RATE, "5M", "1M");
	expect_limit(&p, KVS_LIMIT_BROADCAST, "none", NULL);
	expect_limit(&p, KVS_LIMIT_UNKNOWN, "1kpps", "200");
}

static void takes_lists_as_limits(void **state)
{
	static const __u8 v4[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 5};
	_config_ struct config *c =
		load("ports:\n"
		     "- {match: 'vm*', guard: vm, addresses: [10.9.9.9]}\n"
		     "- match: vm1\n"
		     "  macs: [52:54:00:12:34:56, '02:00:00:00:00:01']\n"
		     "  addresses: [10.0.0.5, 10.1.0.0/16, 2001:db8::/64, '2001:db8::']\n"
		     "- {match: vm2, guard: none}\n");
	struct policy p = policy_of(c, "vm1"), other;

	assert_int_equal(p.abi.flags,
			 HOST | NO_SERVER | KVS_GUARD_MACS | KVS_GUARD_ADDRESSES | KVS_GUARD_STORM);
	assert_int_equal(p.abi.max_macs, 0);
	assert_int_equal(p.n_macs, 2);
	assert_int_equal(p.macs[0][5], 0x56);
	assert_int_equal(p.n_addrs, 4);
	assert_int_equal(p.addrs[0].prefixlen, 32 + 128);
	assert_memory_equal(p.addrs[0].addr, v4, sizeof(v4));
	assert_int_equal(p.addrs[1].prefixlen, 32 + 96 + 16);
	assert_int_equal(p.addrs[2].prefixlen, 32 + 64);
	assert_int_equal(p.addrs[3].prefixlen, 32 + 128);
	assert_int_equal(policy_of(c, "vm3").n_addrs, 1);
	assert_int_equal(config_port_guard(c, "vm2", &other), OFF);
	assert_int_equal(config_port_guard(c, "tap0", &other), UNSET);
}

static void has_a_mode_of_the_port(void **state)
{
	_config_ struct config *c = load("guards: [{name: g, mode: audit}]\n");
	struct policy p = {.mode = POLICY_ENFORCE, .abi.name = "g"};
	struct err err;

	assert_int_equal(config_guard_build(c, &p, &err), 0);
	assert_int_equal(p.abi.flags, 0);
	p.mode = UNSET;
	assert_int_equal(config_guard_build(c, &p, &err), 0);
	assert_int_equal(p.abi.flags, KVS_GUARD_AUDIT);
	strcpy(p.abi.name, "h");
	assert_int_equal(config_guard_build(c, &p, &err), -ENOENT);
	assert_int_equal(p.abi.flags, KVS_GUARD_AUDIT);
}

static void prints_what_it_reads(void **state)
{
	static const char *const addrs[] = {"10.0.0.5", "10.0.0.0/8",  "0.0.0.0/0",
					    "2000::/3", "2001:db8::5", "2001:db8::/64"};
	static const char *const types[] = {"ipv4", "llc", "lldp", "0x9000"};
	char text[POLICY_TEXT_LEN];
	struct policy p = {};
	__be16 type;

	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++) {
		assert_int_equal(policy_add_addr(&p, addrs[i], NULL), 0);
		assert_string_equal(policy_addr_format(&p.addrs[i], text), addrs[i]);
		assert_int_equal(policy_add_addr(&p, addrs[i], NULL), -EINVAL);
	}
	assert_int_equal(policy_add_addr(&p, "::ffff:0:0/96", NULL), -EINVAL);
	assert_int_equal(policy_add_addr(&p, "::/64", NULL), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		assert_int_equal(policy_type_parse(types[i], &type, NULL), 0);
		assert_string_equal(policy_type_format(type, text), types[i]);
	}
}

static void holds_64_of_each(void **state)
{
	struct policy p = {};
	char text[64];

	for (int i = 0; i <= POLICY_LIST_MAX; i++) {
		int want = i < POLICY_LIST_MAX ? 0 : -E2BIG;

		snprintf(text, sizeof(text), "02:00:00:00:00:%02x", i);
		assert_int_equal(policy_add_mac(&p, text, NULL), want);
		snprintf(text, sizeof(text), "10.0.0.%d", i);
		assert_int_equal(policy_add_addr(&p, text, NULL), want);
	}
}

static int enter_folder(void **state)
{
	static char folder[] = "/tmp/kvs-policy-XXXXXX";

	return mkdtemp(folder) ? chdir(folder) : -1;
}

static int leave_folder(void **state)
{
	_free_ char *folder = getcwd(NULL, 0);

	unlink(FILE_NAME);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_presets),
		cmocka_unit_test(starts_from_a_preset_or_nothing),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(keeps_limits_of_the_port),
		cmocka_unit_test(takes_lists_as_limits),
		cmocka_unit_test(has_a_mode_of_the_port),
		cmocka_unit_test(prints_what_it_reads),
		cmocka_unit_test(holds_64_of_each),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
