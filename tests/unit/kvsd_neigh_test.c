// SPDX-License-Identifier: GPL-2.0-only
/* What kvsd reads out of a bridge's entry, and what is none. */
#include <linux/neighbour.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "neigh.h"

#define BRIDGE 7
#define PORT   9

static const uint8_t mac[6] = {2, 0, 0, 0, 0, 1};

struct entry {
	char buf[512];
	struct nlmsghdr *nlh;
	struct ndmsg *ndm;
};

static void entry_make(struct entry *e, uint16_t state, uint8_t flags)
{
	e->nlh = mnl_nlmsg_put_header(e->buf);
	e->nlh->nlmsg_type = RTM_NEWNEIGH;
	e->ndm = mnl_nlmsg_put_extra_header(e->nlh, sizeof(*e->ndm));
	e->ndm->ndm_family = AF_BRIDGE;
	e->ndm->ndm_ifindex = PORT;
	e->ndm->ndm_state = state;
	e->ndm->ndm_flags = flags;
	mnl_attr_put(e->nlh, NDA_LLADDR, sizeof(mac), mac);
	mnl_attr_put_u32(e->nlh, NDA_MASTER, BRIDGE);
}

static void a_learned_entry(void **state)
{
	struct nda_cacheinfo age = {.ndm_updated = 250};
	struct entry e;
	struct neigh n;

	entry_make(&e, NUD_REACHABLE, 0);
	mnl_attr_put(e.nlh, NDA_CACHEINFO, sizeof(age), &age);
	mnl_attr_put_u16(e.nlh, NDA_VLAN, 5);
	assert_true(neigh_parse(e.nlh, &n));
	assert_memory_equal(n.mac, mac, sizeof(mac));
	assert_int_equal(n.kind, NEIGH_LEARNED);
	assert_int_equal(n.bridge, BRIDGE);
	assert_int_equal(n.ifindex, PORT);
	assert_int_equal(n.vlan, 5);
	assert_int_equal(n.age, 250);
	assert_false(n.is_sticky || n.is_locked || n.is_watched);
}

static void kinds_and_flags(void **state)
{
	static const struct {
		uint16_t state;
		uint8_t flags;
		enum neigh_kind kind;
		bool is_sticky;
	} cases[] = {
		{NUD_PERMANENT, 0, NEIGH_LOCAL, false},
		{NUD_NOARP, 0, NEIGH_STATIC, false},
		{NUD_NOARP, NTF_STICKY, NEIGH_STATIC, true},
		{NUD_REACHABLE, NTF_EXT_LEARNED, NEIGH_EXTERN, false},
		{NUD_REACHABLE, NTF_STICKY, NEIGH_LEARNED, true},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct entry e;
		struct neigh n;

		entry_make(&e, cases[i].state, cases[i].flags);
		assert_true(neigh_parse(e.nlh, &n));
		assert_int_equal(n.kind, cases[i].kind);
		assert_int_equal(n.is_sticky, cases[i].is_sticky);
	}
}

/* activity_notify: the bridge has to hear such a station, or would report it silent */
static void a_watched_entry(void **state)
{
	struct entry e;
	struct neigh n;
	struct nlattr *nest;

	entry_make(&e, NUD_NOARP, 0);
	nest = mnl_attr_nest_start(e.nlh, NDA_FDB_EXT_ATTRS);
	mnl_attr_put_u8(e.nlh, NFEA_ACTIVITY_NOTIFY, FDB_NOTIFY_BIT);
	mnl_attr_nest_end(e.nlh, nest);
	assert_true(neigh_parse(e.nlh, &n));
	assert_int_equal(n.kind, NEIGH_STATIC);
	assert_true(n.is_watched);
}

static void what_is_no_entry_of_a_bridge(void **state)
{
	struct entry e;
	struct neigh n;

	entry_make(&e, NUD_REACHABLE, NTF_SELF);
	assert_false(neigh_parse(e.nlh, &n));
	entry_make(&e, NUD_REACHABLE, 0);
	e.ndm->ndm_family = AF_INET;
	assert_false(neigh_parse(e.nlh, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_learned_entry),
		cmocka_unit_test(kinds_and_flags),
		cmocka_unit_test(a_watched_entry),
		cmocka_unit_test(what_is_no_entry_of_a_bridge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
