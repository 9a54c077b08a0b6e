// SPDX-License-Identifier: GPL-2.0-only
/* What kvs asks kvsd for. */
#include "kvs_fake.h"

#define BRIDGES "{\"switches\": [{\"name\": \"br0\"}, {\"name\": \"br1\"}]}"

static void expect_request(struct server *server, const char *text, const char *request)
{
	_run_ struct run run = {};

	answer_with(server, 200, BRIDGES);
	run_kvs(&run, server->folder, text);
	assert_string_equal(run.log, "");
	assert_int_equal(run.code, 0);
	assert_string_equal(server->log, request);
}

static void expect_change(struct server *server, const char *text, const char *request)
{
	_run_ struct run run = {};

	answer_with(server, 201, BRIDGES);
	run_kvs(&run, server->folder, text);
	assert_string_equal(run.log, "");
	assert_string_equal(run.out, "");
	assert_int_equal(run.code, 0);
	assert_string_equal(server->log, request);
}

static void asks_for_what_is_shown(void **state)
{
	struct server *s = *state;

	expect_request(s, "", "GET /v1/status\n");
	expect_request(s, "switch", "GET /v1/switches\n");
	expect_request(s, "switch show br0", "GET /v1/switches/br0\n");
	expect_request(s, "port show", "GET /v1/ports\n");
	expect_request(s, "port show tap0", "GET /v1/ports/tap0\n");
	expect_request(s, "port show --switch br0", "GET /v1/ports?switch=br0\n");
	expect_request(s, "fdb show --port tap0 --switch br0",
		       "GET /v1/fdb?switch=br0&port=tap0\n");
	expect_request(s, "vlan show --port tap0", "GET /v1/vlans?port=tap0\n");
	expect_request(s, "stats tap0 --switch br0", "GET /v1/stats?port=tap0&switch=br0\n");
	expect_request(s, "drops tap0", "GET /v1/drops?port=tap0\n");
}

static void asks_for_changes_of_switches(void **state)
{
	struct server *s = *state;

	expect_change(s, "switch add br0", "POST /v1/switches {\"name\":\"br0\"}\n");
	expect_change(s, "switch add br0 --stp on --ageing 20",
		      "POST /v1/switches {\"name\":\"br0\",\"stp\":true,\"ageing_s\":20}\n");
	expect_change(s, "switch del br0", "DELETE /v1/switches/br0\n");
	expect_change(s, "switch adopt br0", "POST /v1/switches/br0/adopt\n");
	expect_change(s, "switch adopt br0 --netfilter bypass",
		      "POST /v1/switches/br0/adopt {\"netfilter\":\"bypass\"}\n");
	expect_change(s, "switch set br0 --netfilter follow",
		      "PATCH /v1/switches/br0 {\"netfilter\":\"follow\"}\n");
	expect_change(s, "switch release br0", "POST /v1/switches/br0/release\n");
	expect_change(s, "release br0", "POST /v1/switches/br0/release\n");
	expect_change(s, "release --all", "POST /v1/release\n");
	expect_change(s, "reload", "POST /v1/reload\n");
}

static void asks_for_changes_of_ports(void **state)
{
	struct server *s = *state;

	expect_change(s, "port set tap0 --path tc", "PATCH /v1/ports/tap0 {\"path\":\"tc\"}\n");
	expect_change(s, "port set tap0 --learning on --hairpin off",
		      "PATCH /v1/ports/tap0 {\"hairpin\":false,\"learning\":true}\n");
	expect_change(s, "port del tap0", "DELETE /v1/ports/tap0\n");
	expect_change(s, "vlan add tap0 10", "POST /v1/vlans {\"port\":\"tap0\",\"vid\":10}\n");
	expect_change(s, "vlan add tap0 10 --untagged --pvid",
		      "POST /v1/vlans "
		      "{\"port\":\"tap0\",\"vid\":10,\"pvid\":true,\"untagged\":true}\n");
	expect_change(s, "vlan del tap0 10", "DELETE /v1/vlans?port=tap0&vid=10\n");
}

static void asks_for_changes_of_guards(void **state)
{
	struct server *s = *state;

	expect_request(s, "guard show --switch br0", "GET /v1/guards?switch=br0\n");
	expect_request(s, "guard show tap0", "GET /v1/guards/tap0\n");
	expect_change(s, "guard set tap0 --guard vm", "PUT /v1/guards/tap0 {\"guard\":\"vm\"}\n");
	expect_change(s, "guard set tap0 --macs 02:00:00:00:00:01,02:00:00:00:00:02 --mode audit",
		      "PUT /v1/guards/tap0 {\"macs\":[\"02:00:00:00:00:01\",\"02:00:00:00:00:02\"],"
		      "\"mode\":\"audit\"}\n");
	expect_change(s, "guard set tap0 --macs any --addresses 192.0.2.5,2001:db8::/64",
		      "PUT /v1/guards/tap0 {\"macs\":[],"
		      "\"addresses\":[\"192.0.2.5\",\"2001:db8::/64\"]}\n");
	expect_change(s, "guard del tap0", "DELETE /v1/guards/tap0\n");
}

static void takes_port_and_switch_in_either_order(void **state)
{
	struct server *s = *state;

	expect_change(s, "port add tap0 br0 --isolated on",
		      "GET /v1/switches\nPOST /v1/ports "
		      "{\"name\":\"tap0\",\"switch\":\"br0\",\"isolated\":true}\n");
	expect_change(s, "port add br0 tap0",
		      "GET /v1/switches\nPOST /v1/ports {\"name\":\"tap0\",\"switch\":\"br0\"}\n");
	expect_change(s, "port add br0 br1",
		      "GET /v1/switches\nPOST /v1/ports {\"name\":\"br0\",\"switch\":\"br1\"}\n");
	expect_change(s, "port add tap0 brx",
		      "GET /v1/switches\nPOST /v1/ports {\"name\":\"tap0\",\"switch\":\"brx\"}\n");
}

static void asks_for_changes_of_the_fdb(void **state)
{
	struct server *s = *state;

	expect_change(
		s, "fdb add 02:00:00:00:00:AA tap0 --vlan 3",
		"POST /v1/fdb {\"mac\":\"02:00:00:00:00:aa\",\"port\":\"tap0\",\"vlan\":3}\n");
	expect_change(s, "fdb del 02:00:00:00:00:AA tap0",
		      "DELETE /v1/fdb?mac=02%3A00%3A00%3A00%3A00%3Aaa&port=tap0\n");
	expect_change(s, "fdb flush --switch tap0", "POST /v1/fdb/flush {\"switch\":\"tap0\"}\n");
	expect_change(s, "fdb flush --port br0", "POST /v1/fdb/flush {\"port\":\"br0\"}\n");
	expect_change(s, "fdb flush br0",
		      "GET /v1/switches\nPOST /v1/fdb/flush {\"switch\":\"br0\"}\n");
	expect_change(s, "fdb flush tap0",
		      "GET /v1/switches\nPOST /v1/fdb/flush {\"port\":\"tap0\"}\n");
}

static void encodes_odd_names(void **state)
{
	struct server *s = *state;

	expect_change(s, "port del a?b#c%", "DELETE /v1/ports/a%3Fb%23c%25\n");
	expect_request(s, "stats a&b=c", "GET /v1/stats?port=a%26b%3Dc\n");
	expect_change(s, "switch adopt t\xc3\xa4p", "POST /v1/switches/t%C3%A4p/adopt\n");
	expect_change(s, "switch add a\"b", "POST /v1/switches {\"name\":\"a\\\"b\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_server(asks_for_what_is_shown),
		with_server(asks_for_changes_of_switches),
		with_server(asks_for_changes_of_ports),
		with_server(asks_for_changes_of_guards),
		with_server(takes_port_and_switch_in_either_order),
		with_server(asks_for_changes_of_the_fdb),
		with_server(encodes_odd_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
