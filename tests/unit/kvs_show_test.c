// SPDX-License-Identifier: GPL-2.0-only
/* What kvs prints. */
#include "kvs_fake.h"

static void expect_output(struct server *server, const char *text, const char *answer,
			  const char *output)
{
	_run_ struct run run = {};

	answer_with(server, 200, answer);
	run_kvs(&run, server->folder, text);
	assert_string_equal(run.log, "");
	assert_string_equal(run.out, output);
	assert_int_equal(run.code, 0);
}

static void prints_counters(void **state)
{
	expect_output(
		*state, "stats",
		"{\"ports\": [{\"name\": \"tap0\", \"switch\": \"br0\", "
		"\"rx_packets\": 10000, \"rx_bytes\": 640000, \"fast_xdp\": 1, "
		"\"fast_tc\": 9998, \"slow\": 0, \"drops\": {\"a\": 1, \"b\": 0}, "
		"\"path\": \"xdp\", \"path_now\": \"tc\", \"path_reason\": \"no driver\"}, "
		"{\"name\": \"t1\", \"switch\": \"br0\", \"rx_packets\": 0, \"rx_bytes\": 0, "
		"\"fast_xdp\": 0, \"fast_tc\": 0, \"slow\": 0, \"drops\": {}, "
		"\"path_now\": \"tc\"}, "
		"{\"name\": \"t2\", \"switch\": \"br0\", \"rx_packets\": 7, \"rx_bytes\": 448, "
		"\"fast_xdp\": 3, \"fast_tc\": 4, \"slow\": 0, \"drops\": {}, "
		"\"path_now\": \"xdp\"}]}",
		"PORT SWITCH RX-PACKETS RX-BYTES FAST-XDP FAST-TC SLOW DROPS FAST% PATH\n"
		"tap0 br0         10000   640000        1    9998    0     1  99.9 tc\n"
		"t1   br0             0        0        0       0    0     0     - tc\n"
		"t2   br0             7      448        3       4    0     0 100.0 xdp\n"
		"\ntap0: no driver\n");
}

static void prints_reasons(void **state)
{
	expect_output(*state, "drops",
		      "{\"ports\": [{\"name\": \"tap0\", \"drops\": {\"bad\": 3, \"never\": 0}, "
		      "\"audited\": {\"bad\": 2}, \"slow\": {\"multicast\": 7}}], "
		      "\"drop_reasons\": {\"bad\": \"is bad\"}, \"slow_reasons\": {}}",
		      "PORT WHAT  REASON    COUNT EXPLANATION\n"
		      "tap0 drop  bad           3 is bad\n"
		      "tap0 audit bad           2 is bad\n"
		      "tap0 slow  multicast     7 -\n");
}

static void prints_guards(void **state)
{
	const char *guard = "{\"name\": \"tap0\", \"switch\": \"br0\", \"guard\": \"vm\", "
			    "\"mode\": \"enforce\", \"state\": \"on\", \"reason\": \"\", "
			    "\"macs\": [], \"learned\": [\"02:00:00:00:00:01\"], "
			    "\"addresses\": [\"10.0.0.1\", \"10.0.0.2\", \"10.0.0.3\"], "
			    "\"limits\": {\"rate\": {\"rate\": \"100M\", \"burst\": \"1M\"}}, "
			    "\"refused\": 12, \"audited\": 0}, "
			    "{\"name\": \"tap1\", \"switch\": \"br0\", \"guard\": \"vm\", "
			    "\"mode\": \"enforce\", \"state\": \"shut\", \"reason\": \"no room\", "
			    "\"macs\": [], \"learned\": [], \"addresses\": [], "
			    "\"refused\": 0, \"audited\": 0}";
	_free_ char *list = NULL;

	assert_true(asprintf(&list, "{\"guards\": [%s]}", guard) > 0);
	expect_output(
		*state, "guard show", list,
		"PORT SWITCH GUARD MODE    MACS               ADDRESSES            RATE REFUSED AUDITED\n"
		"tap0 br0    vm    enforce 02:00:00:00:00:01* 10.0.0.1 10.0.0.2 +1 100M      12       0\n"
		"tap1 br0    vm    SHUT    any                any                  any        0       0\n"
		"\ntap1: no room\n");
}

static void prints_one_port_like_many(void **state)
{
	const char *port = "{\"name\": \"veth1\", \"switch\": \"br0\", \"kind\": \"veth\", "
			   "\"state\": \"forwarding\", \"mtu\": 1500, \"path\": \"auto\", "
			   "\"path_now\": \"tc\", \"path_reason\": \"\", \"path_changes\": 2, "
			   "\"hook_tc\": \"tcx\", "
			   "\"hook_xdp\": \"none\", \"peer_gro\": \"off\", \"isolated\": true, "
			   "\"hairpin\": false, \"learning\": false}";
	const char *table =
		"PORT  SWITCH KIND STATE       MTU WANTED PATH CHANGES TC  XDP  PEER-GRO FLAGS\n"
		"veth1 br0    veth forwarding 1500 auto   tc         2 tcx none off      isolated "
		"nolearning\n";
	_free_ char *list = NULL;

	assert_true(asprintf(&list, "{\"ports\": [%s]}", port) > 0);
	expect_output(*state, "port show veth1", port, table);
	expect_output(*state, "port show", list, table);
}

static void prints_entries(void **state)
{
	expect_output(*state, "fdb show",
		      "{\"fdb\": [{\"mac\": \"02:00:00:00:00:02\", \"switch\": \"br0\", "
		      "\"port\": \"veth1\", \"vlan\": 0, \"state\": \"learned\", \"age_s\": 3, "
		      "\"fast\": true}, {\"mac\": \"02:00:00:00:00:03\", \"switch\": \"br0\", "
		      "\"port\": \"veth1\", \"vlan\": 7, \"state\": \"local\", \"age_s\": 9, "
		      "\"fast\": false}]}",
		      "MAC               VLAN PORT  SWITCH STATE   AGE FAST\n"
		      "02:00:00:00:00:02    - veth1 br0    learned 3 s yes\n"
		      "02:00:00:00:00:03    7 veth1 br0    local     - no\n");
	expect_output(*state, "fdb show", "{\"fdb\": []}", "");
}

static void prints_switches(void **state)
{
	const char *bridge =
		"\"ports\": 3, \"up\": true, \"stp\": false, \"ageing_s\": 300, "
		"\"vlan_filtering\": false, \"netfilter\": \"follow\", \"mac\": \"02:00:00:00:00:01\"";
	_free_ char *answer = NULL;

	assert_true(asprintf(&answer,
			     "{\"switches\": [{\"name\": \"br0\", \"adopted\": true, "
			     "\"fast_path\": false, \"reason\": \"stale\", %s}, "
			     "{\"name\": \"br1\", \"adopted\": false, \"fast_path\": false, "
			     "\"reason\": \"not adopted\", %s}]}",
			     bridge, bridge) > 0);
	expect_output(
		*state, "switch show", answer,
		"SWITCH ADOPTED FAST-PATH PORTS UP  STP AGEING VLANS NETFILTER MAC\n"
		"br0    yes     no            3 yes no   300 s no    follow    02:00:00:00:00:01\n"
		"br1    no      no            3 yes no   300 s no    follow    02:00:00:00:00:01\n"
		"\nbr0: stale\n");
}

static void prints_the_status(void **state)
{
	expect_output(*state, "",
		      "{\"version\": \"0.1.0\", \"pid\": 7, \"kernel\": \"6.1\", "
		      "\"uptime_s\": 3723, \"memory\": {\"rss_bytes\": 4194304, "
		      "\"maps_bytes\": 1536, \"programs_bytes\": 100}, \"limits\": {\"ports\": 2, "
		      "\"ports_used\": 2, \"ports_refused\": 10, \"fdb\": 64, "
		      "\"fdb_refused\": 3}, \"switches\": "
		      "[{\"name\": \"br0\", \"ports\": 12, \"fast_path\": false, "
		      "\"reason\": \"has VLANs\"}]}",
		      "kvsd    0.1.0, pid 7, up 1 h 2 min\n"
		      "kernel  6.1\n"
		      "memory  kvsd 4.0 MiB, maps 1.5 KiB, programs 100 B\n"
		      "limits  ports 2 of 2, stations 64; refused, and on the slow path: "
		      "ports 10, stations 3 (kvs.yaml: limits)\n"
		      "\n"
		      "SWITCH PORTS FAST-PATH\n"
		      "br0       12 no\n"
		      "\n"
		      "br0: has VLANs\n");
}

static void prints_json_as_it_came(void **state)
{
	expect_output(*state, "vlan show --json", "{\"z\": 1, \"vlans\": [], \"new\": null}",
		      "{\n  \"z\": 1,\n  \"vlans\": [],\n  \"new\": null\n}\n");
	expect_output(*state, "drops -j", "{\"ports\": []}", "{\n  \"ports\": []\n}\n");
	expect_output(*state, "status -j", "{}", "{}\n");
}

static void survives_odd_answers(void **state)
{
	expect_output(*state, "stats", "{\"ports\": 5}", "");
	expect_output(*state, "drops", "{\"ports\": [1, {\"slow\": 2, \"drops\": [3]}]}", "");
	expect_output(*state, "switch show", "{\"switches\": [{\"reason\": \"x\"}]}",
		      "SWITCH ADOPTED FAST-PATH PORTS UP STP AGEING VLANS NETFILTER MAC\n"
		      "-      -       -             - -  -      0 s -     -         -\n"
		      "\n-: x\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_server(prints_counters),      with_server(prints_reasons),
		with_server(prints_guards),        with_server(prints_one_port_like_many),
		with_server(prints_entries),       with_server(prints_switches),
		with_server(prints_the_status),    with_server(prints_json_as_it_came),
		with_server(survives_odd_answers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
