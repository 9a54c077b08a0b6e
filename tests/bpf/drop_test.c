// SPDX-License-Identifier: GPL-2.0-only
/* bpf/drop.h: every reason to drop a frame. */
#include "suite.h"

#include "util.h"

#define BAD_SOURCE DROP(KVS_DROP_BAD_SOURCE)

static void learn_source(struct fixture *fx, struct frame *f)
{
	struct kvs_fdb a = fixture_get_fdb(fx, STATION_A);

	fixture_set_fdb(fx, f->data + ETH_ALEN, fixture_get_port(fx, a.port).bridge, &a);
}

static void no_heartbeat(struct fixture *fx, struct frame *f)
{
	struct kvs_state never = {};

	fixture_set_state(fx, &never);
}

static const struct suite_case cases[] = {
	{"source 0", {.src = MAC(0, 0, 0, 0, 0, 0)}, .want = BAD_SOURCE},
	{"lowest group as source", {.src = MAC(1, 0, 0, 0, 0, 0)}, .want = BAD_SOURCE},
	{"local group as source", {.src = MAC(3, 0, 0, 0, 0, 0xa)}, .want = BAD_SOURCE},
	{"link-local group as source", {.src = MAC(1, 0x80, 0xc2, 0, 0, 0)}, .want = BAD_SOURCE},
	{"broadcast as source",
	 {.src = MAC(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)},
	 .want = BAD_SOURCE},
	{"bad source, in the table all the same",
	 {.src = MAC(1, 0, 0, 0, 0, 0)},
	 .arrange = learn_source,
	 .want = BAD_SOURCE},
	{"bad source, to everybody",
	 {.src = MAC(1, 0, 0, 0, 0, 0), .dst = MAC(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)},
	 .want = BAD_SOURCE},

	/* as the bridge does, whatever else is so */
	{"bad source, not forwarding",
	 {.src = MAC(1, 0, 0, 0, 0, 0)},
	 .a = KVS_PORT_FORWARDING,
	 .want = BAD_SOURCE},
	{"bad source, path slow",
	 {.src = MAC(1, 0, 0, 0, 0, 0)},
	 .a = KVS_PORT_SLOW,
	 .want = BAD_SOURCE},
	{"bad source, no heartbeat",
	 {.src = MAC(1, 0, 0, 0, 0, 0)},
	 .arrange = no_heartbeat,
	 .want = BAD_SOURCE},
	{"bad source, VLAN-aware bridge, tagged",
	 {.src = MAC(1, 0, 0, 0, 0, 0), .tags = {ETH_P_8021Q}},
	 .a = KVS_PORT_VLAN_AWARE,
	 .want = BAD_SOURCE},
};

/* The table's own test: who adds a reason adds a case. For want of memory there is none; groups and
 * admission have tests of their own. */
static void every_reason_has_a_case(void **state)
{
	bool has[KVS_DROP_PLAIN] = {};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (cases[i].want.kind == KIND_DROP)
			has[cases[i].want.why] = true;
	for (int i = 0; i < KVS_DROP_PLAIN; i++)
		if (!has[i] && i != KVS_DROP_NO_MEMORY && i != KVS_DROP_GROUP &&
		    i != KVS_DROP_NOT_ADMITTED)
			fail_msg("enum kvs_drop %d has no case", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_case),
	};

	return suite_run(cases, ARRAY_SIZE(cases), tests, ARRAY_SIZE(tests));
}
