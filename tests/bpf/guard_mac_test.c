// SPDX-License-Identifier: GPL-2.0-only
/* bpf/guard_mac.h: what a port may send, by the Ethernet header. */
#include "suite.h"

#include <asm/byteorder.h>

#include "fixture_guard.h"
#include "util.h"

#define Q  ETH_P_8021Q
#define AD ETH_P_8021AD

#define ANY \
	{   \
	}
#define FLAGS(f)           \
	{                  \
		.flags = f \
	}
#define ENFORCE   KVS_GUARD_TAGS | KVS_GUARD_LINK_LOCAL | KVS_GUARD_MACS | KVS_GUARD_STICKY
#define GROUP(n)  MAC(1, 0x80, 0xc2, 0, 0, n)
#define BROADCAST MAC(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)

#define TYPES(...)                       \
	{                                \
		.types = { __VA_ARGS__ } \
	}
#define IP4_ARP TYPES(__constant_htons(ETH_P_IP), __constant_htons(ETH_P_ARP))
#define LLC     TYPES(__constant_htons(KVS_GUARD_LLC))
#define EIGHT   TYPES(1, 2, 3, 4, 5, 6, 7, __constant_htons(ETH_P_IP))

static void change_fdb(struct fixture *fx, const __u8 *mac, enum fixture_port port, __u32 flags)
{
	struct kvs_fdb fdb = {.port = fx->slot[port], .flags = flags, .heard = fixture_now(fx)};

	fixture_set_fdb(fx, mac, fixture_get_port(fx, fx->slot[PORT_A]).bridge, &fdb);
}

static void claimed(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_A, PORT_B, KVS_FDB_STICKY | KVS_FDB_STATIC);
}

static void another_claimed(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_A2, PORT_B, KVS_FDB_STICKY);
}

static void own_sticky(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_A, PORT_A, KVS_FDB_STICKY | KVS_FDB_STATIC);
}

static void elsewhere(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_A, PORT_B, 0);
}

static const struct suite_case cases[] = {
	{"nothing is looked at", {}, .guard = ANY, .want = FAST},
	{"nothing is looked at, tagged", {.tags = {Q}}, .guard = ANY, .want = FAST},
	{"shut", {}, .guard = FLAGS(KVS_GUARD_SHUT), .want = DROP(KVS_DROP_SHUT)},
	{"shut is not for audit",
	 {},
	 .guard = FLAGS(KVS_GUARD_SHUT | KVS_GUARD_AUDIT),
	 .want = DROP(KVS_DROP_SHUT)},
	{"shut comes first",
	 {.tags = {Q}},
	 .guard = FLAGS(KVS_GUARD_SHUT | KVS_GUARD_TAGS),
	 .want = DROP(KVS_DROP_SHUT)},
	{"all that is allowed", {}, .guard = FLAGS(ENFORCE), .want = FAST},

	{"802.1Q", {.tags = {Q}}, .guard = FLAGS(KVS_GUARD_TAGS), .want = DROP(KVS_DROP_TAG)},
	{"802.1ad", {.tags = {AD}}, .guard = FLAGS(KVS_GUARD_TAGS), .want = DROP(KVS_DROP_TAG)},
	{"two tags", {.tags = {Q, Q}}, .guard = FLAGS(KVS_GUARD_TAGS), .want = DROP(KVS_DROP_TAG)},
	{"half a tag",
	 {.tags = {Q}, .cut = 16},
	 .guard = FLAGS(KVS_GUARD_TAGS),
	 .xdp_only = true,
	 .want = DROP(KVS_DROP_TAG)},
	{"a tag, audit",
	 {.tags = {Q}},
	 .guard = FLAGS(KVS_GUARD_TAGS | KVS_GUARD_AUDIT),
	 .want = AUDIT(KVS_DROP_TAG)},

	{"a type that is listed", {}, .guard = IP4_ARP, .want = FAST},
	{"the eighth of the list", {}, .guard = EIGHT, .want = FAST},
	{"the second of the list", {.type = ETH_P_ARP}, .guard = IP4_ARP, .want = FAST},
	{"another type", {.type = ETH_P_IPV6}, .guard = IP4_ARP, .want = DROP(KVS_DROP_ETHERTYPE)},
	{"a type behind a tag", {.tags = {Q}}, .guard = IP4_ARP, .want = FAST},
	{"a type behind two tags", {.tags = {AD, Q}}, .guard = IP4_ARP, .want = FAST},
	{"another type behind a tag",
	 {.tags = {Q}, .type = ETH_P_IPV6},
	 .guard = IP4_ARP,
	 .want = DROP(KVS_DROP_ETHERTYPE)},
	{"a length", {.type = 46}, .guard = IP4_ARP, .want = DROP(KVS_DROP_ETHERTYPE)},
	{"a length that is listed", {.type = 46}, .guard = LLC, .want = TC},
	{"the longest length", {.type = 0x5ff}, .guard = LLC, .want = TC},
	{"no length", {.type = 0x600}, .guard = LLC, .want = DROP(KVS_DROP_ETHERTYPE)},
	{"a type, audit",
	 {.type = ETH_P_ARP},
	 .guard = {.flags = KVS_GUARD_AUDIT, .types = {1}},
	 .want = AUDIT(KVS_DROP_ETHERTYPE)},

	{"spanning tree",
	 {.dst = GROUP(0)},
	 .guard = FLAGS(KVS_GUARD_LINK_LOCAL),
	 .want = DROP(KVS_DROP_LINK_LOCAL)},
	{"the last group of the link",
	 {.dst = GROUP(15)},
	 .guard = FLAGS(KVS_GUARD_LINK_LOCAL),
	 .want = DROP(KVS_DROP_LINK_LOCAL)},
	{"a group beyond",
	 {.dst = GROUP(16)},
	 .guard = FLAGS(KVS_GUARD_LINK_LOCAL),
	 .want = SLOW(KVS_SLOW_MULTICAST)},
	{"spanning tree, allowed",
	 {.dst = GROUP(0)},
	 .guard = FLAGS(KVS_GUARD_TAGS),
	 .want = SLOW(KVS_SLOW_MULTICAST)},

	{"a source of its own", {}, .guard = FLAGS(KVS_GUARD_MACS), .want = FAST},
	{"a source that is not listed",
	 {.src = STATION_A2},
	 .guard = FLAGS(KVS_GUARD_MACS),
	 .want = DROP(KVS_DROP_MAC)},
	{"somebody else's source",
	 {.src = STATION_B},
	 .guard = FLAGS(KVS_GUARD_MACS),
	 .want = DROP(KVS_DROP_MAC)},
	{"a source that is not listed, to everybody",
	 {.src = STATION_A2, .dst = BROADCAST},
	 .guard = FLAGS(KVS_GUARD_MACS),
	 .want = DROP(KVS_DROP_MAC)},
	{"a source that is not listed, path slow",
	 {.src = STATION_A2},
	 .a = KVS_PORT_SLOW,
	 .guard = FLAGS(KVS_GUARD_MACS),
	 .want = DROP(KVS_DROP_MAC)},
	{"a source that is not listed, audit",
	 {.src = STATION_A2},
	 .guard = FLAGS(KVS_GUARD_MACS | KVS_GUARD_AUDIT),
	 .want = AUDIT(KVS_DROP_MAC)},
	{"a list is a limit",
	 {.src = STATION_A2},
	 .guard = {.flags = KVS_GUARD_MACS, .max_macs = 9},
	 .want = DROP(KVS_DROP_MAC)},

	{"a source that is sticky elsewhere",
	 {},
	 .arrange = claimed,
	 .guard = FLAGS(KVS_GUARD_STICKY),
	 .want = DROP(KVS_DROP_MAC_CLAIMED)},
	{"a source that is sticky elsewhere, to everybody",
	 {.dst = BROADCAST},
	 .arrange = claimed,
	 .guard = FLAGS(KVS_GUARD_STICKY),
	 .want = DROP(KVS_DROP_MAC_CLAIMED)},
	{"a source that is sticky here",
	 {},
	 .arrange = own_sticky,
	 .guard = FLAGS(KVS_GUARD_STICKY),
	 .want = FAST},
	{"a source that was elsewhere",
	 {},
	 .arrange = elsewhere,
	 .guard = FLAGS(KVS_GUARD_STICKY),
	 .want = SLOW(KVS_SLOW_SRC_MOVED)},

	{"a source within the limit", {}, .guard = {.max_macs = 1}, .want = FAST},
	{"a source beyond the limit",
	 {.src = STATION_A2},
	 .guard = {.max_macs = 1},
	 .want = DROP(KVS_DROP_MAC_LIMIT)},
	{"a source beyond the limit, to everybody",
	 {.src = STRANGER, .dst = BROADCAST},
	 .guard = {.max_macs = 1},
	 .want = DROP(KVS_DROP_MAC_LIMIT)},
	{"a source beyond the limit, audit",
	 {.src = STATION_A2},
	 .guard = {.flags = KVS_GUARD_AUDIT, .max_macs = 1},
	 .want = AUDIT(KVS_DROP_MAC_LIMIT)},
	{"a source beyond the limit that is sticky elsewhere",
	 {.src = STATION_A2},
	 .arrange = another_claimed,
	 .guard = {.flags = KVS_GUARD_STICKY, .max_macs = 1},
	 .want = DROP(KVS_DROP_MAC_CLAIMED)},
};

static void expect(struct fixture *fx, enum fixture_hook hook, const __u8 *src,
		   struct suite_fate want)
{
	const struct frame_spec spec = {.src = src};
	struct frame_rng rng = {1};
	struct frame f;

	frame_build(&f, &spec, &rng);
	suite_expect(fx, hook, &f, want);
}

static void tc_enters_a_source_that_there_is_room_for(void **state)
{
	struct fixture *fx = *state;

	fixture_guard(fx, PORT_A, &(struct kvs_guard){.max_macs = 2});
	expect(fx, HOOK_XDP, STATION_A2, TC);
	assert_false(fixture_guard_has_mac(fx, PORT_A, STATION_A2));
	expect(fx, HOOK_TC, STATION_A2, TC);
	assert_true(fixture_guard_has_mac(fx, PORT_A, STATION_A2));
	assert_int_equal(fixture_get_guard(fx, PORT_A).macs, 2);
	expect(fx, HOOK_XDP, STATION_A2, FAST);
	expect(fx, HOOK_XDP, STRANGER, DROP(KVS_DROP_MAC_LIMIT));
	expect(fx, HOOK_TC, STRANGER, DROP(KVS_DROP_MAC_LIMIT));
	assert_int_equal(fixture_get_guard(fx, PORT_A).macs, 2);
}

static void audit_enters_nothing_beyond_the_limit(void **state)
{
	struct fixture *fx = *state;

	fixture_guard(fx, PORT_A, &(struct kvs_guard){.flags = KVS_GUARD_AUDIT, .max_macs = 1});
	expect(fx, HOOK_TC, STATION_A2, AUDIT(KVS_DROP_MAC_LIMIT));
	assert_false(fixture_guard_has_mac(fx, PORT_A, STATION_A2));
	assert_int_equal(fixture_get_guard(fx, PORT_A).macs, 1);
}

static void a_source_that_cannot_be_entered_is_refused(void **state)
{
	struct fixture *fx = *state;
	__u8 mac[ETH_ALEN] = {2, 1};

	fixture_guard(fx, PORT_A, &(struct kvs_guard){.max_macs = 9});
	for (int i = 1; i < 64; i++) {
		mac[5] = i;
		fixture_guard_add_mac(fx, PORT_B, mac);
	}
	expect(fx, HOOK_TC, STATION_A2, DROP(KVS_DROP_MAC_LIMIT));
	assert_int_equal(fixture_get_guard(fx, PORT_A).macs, 1);
}

static void a_known_flow_is_judged_anew_when_something_changes(void **state)
{
	struct fixture *fx = *state;

	expect(fx, HOOK_TC, STATION_A2, FAST);
	fixture_guard(fx, PORT_A, &(struct kvs_guard){.flags = KVS_GUARD_MACS});
	expect(fx, HOOK_TC, STATION_A2, DROP(KVS_DROP_MAC));
	fixture_guard(fx, PORT_A, &(struct kvs_guard){});
	expect(fx, HOOK_XDP, STATION_A2, FAST);
	fixture_guard(fx, PORT_A, &(struct kvs_guard){.flags = KVS_GUARD_SHUT});
	expect(fx, HOOK_XDP, STATION_A2, DROP(KVS_DROP_SHUT));
}

static void the_guard_of_another_port_is_not_looked_at(void **state)
{
	struct fixture *fx = *state;

	fixture_guard(fx, PORT_B, &(struct kvs_guard){.flags = KVS_GUARD_SHUT});
	expect(fx, HOOK_XDP, STATION_A, FAST);
	expect(fx, HOOK_TC, STATION_A, FAST);
}

static void every_reason_has_a_case(void **state)
{
	suite_expect_reasons(cases, ARRAY_SIZE(cases), KVS_DROP_SHUT, KVS_DROP_MAC_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_case),
		cmocka_unit_test(tc_enters_a_source_that_there_is_room_for),
		cmocka_unit_test(audit_enters_nothing_beyond_the_limit),
		cmocka_unit_test(a_source_that_cannot_be_entered_is_refused),
		cmocka_unit_test(a_known_flow_is_judged_anew_when_something_changes),
		cmocka_unit_test(the_guard_of_another_port_is_not_looked_at),
	};

	return suite_run_guarded(cases, ARRAY_SIZE(cases), tests, ARRAY_SIZE(tests));
}
