// SPDX-License-Identifier: GPL-2.0-only
/* What kvsd makes of chains and tables, right ones and broken ones. */
#include <net/if.h>
#include <netinet/in.h>

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_bridge/ebtables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "netfilter_parts.h"
#include "util.h"

static char buf[4096] __attribute__((aligned(8)));

static struct nlmsghdr *begin(uint8_t family)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));

	nfg->nfgen_family = family;
	return nlh;
}

static struct nlmsghdr *chain(uint8_t family, int hook, const char *device, int policy, int rules)
{
	struct nlmsghdr *nlh = begin(family);
	struct nlattr *nest, *devices;

	mnl_attr_put_strz(nlh, NFTA_CHAIN_TABLE, "t");
	mnl_attr_put_strz(nlh, NFTA_CHAIN_NAME, "c\n");
	if (hook >= 0) {
		nest = mnl_attr_nest_start(nlh, NFTA_CHAIN_HOOK);
		mnl_attr_put_u32(nlh, NFTA_HOOK_HOOKNUM, htonl(hook));
		if (device) {
			devices = mnl_attr_nest_start(nlh, NFTA_HOOK_DEVS);
			mnl_attr_put_strz(nlh, NFTA_DEVICE_NAME, device);
			mnl_attr_put(nlh, NFTA_DEVICE_NAME, 3, "tap");
			mnl_attr_nest_end(nlh, devices);
		}
		mnl_attr_nest_end(nlh, nest);
	}
	mnl_attr_put_u32(nlh, NFTA_CHAIN_POLICY, htonl(policy));
	mnl_attr_put_u32(nlh, NFTA_CHAIN_USE, htonl(rules));
	return nlh;
}

static void expect_chain(const struct nlmsghdr *nlh, enum netfilter_proto proto, const char *text)
{
	struct netfilter_found found = {};

	netfilter_nft_chain(nlh, &found);
	for (int i = 0; i < NETFILTER_PROTOS; i++)
		assert_string_equal(found.text[i], i == (int)proto ? text : "");
	assert_int_equal(found.n_devices, 0);
	netfilter_clear(&found);
}

#define BRIDGE_RULES "netfilter rules: nftables bridge t c?"
#define IP_RULES     "netfilter rules: br_netfilter, nftables ip t c?"

static void judges_chains(void **state)
{
	expect_chain(chain(NFPROTO_BRIDGE, NF_BR_FORWARD, NULL, NF_ACCEPT, 1), NETFILTER_BRIDGE,
		     BRIDGE_RULES);
	expect_chain(chain(NFPROTO_BRIDGE, NF_BR_FORWARD, NULL, NF_DROP, 0), NETFILTER_BRIDGE,
		     BRIDGE_RULES);
	expect_chain(chain(NFPROTO_BRIDGE, NF_BR_FORWARD, NULL, NF_ACCEPT, 0), NETFILTER_BRIDGE,
		     "");
	expect_chain(chain(NFPROTO_BRIDGE, NF_BR_LOCAL_IN, NULL, NF_DROP, 1), NETFILTER_BRIDGE, "");
	expect_chain(chain(NFPROTO_BRIDGE, -1, NULL, NF_ACCEPT, 5), NETFILTER_BRIDGE, "");
	expect_chain(chain(NFPROTO_BRIDGE, 77, NULL, NF_ACCEPT, 5), NETFILTER_BRIDGE, "");
	expect_chain(chain(NFPROTO_IPV4, NF_INET_POST_ROUTING, NULL, NF_ACCEPT, 2), NETFILTER_IP,
		     IP_RULES);
	expect_chain(chain(NFPROTO_ARP, 0, NULL, NF_DROP, 2), NETFILTER_ARP, "");
}

static void finds_chains_at_devices(void **state)
{
	struct netfilter_found found = {}, same = {};

	netfilter_nft_chain(chain(NFPROTO_NETDEV, NF_NETDEV_EGRESS, "h1", NF_ACCEPT, 1), &found);
	assert_int_equal(found.n_devices, 2);
	assert_string_equal(found.devices[0].name, "h1");
	assert_true(found.devices[0].is_egress && !found.devices[0].is_prefix);
	assert_string_equal(found.devices[1].name, "tap");
	assert_true(found.devices[1].is_prefix);
	assert_string_equal(found.devices[1].text, "netfilter rules: nftables netdev t c?");
	netfilter_nft_chain(chain(NFPROTO_NETDEV, NF_NETDEV_EGRESS, "h1", NF_ACCEPT, 1), &same);
	assert_true(netfilter_equal(&found, &same));
	netfilter_nft_chain(chain(NFPROTO_INET, NF_INET_INGRESS, "h1", NF_ACCEPT, 1), &same);
	assert_false(netfilter_equal(&found, &same));
	assert_false(same.devices[2].is_egress);
	netfilter_nft_chain(
		chain(NFPROTO_NETDEV, NF_NETDEV_INGRESS, "longer-than-any-name", NF_ACCEPT, 1),
		&same);
	assert_int_equal(same.n_devices, 5); /* its "tap" alone */
	netfilter_clear(&found);
	netfilter_clear(&same);
}

/* Every length that a message can be cut to, and every attribute's length overstated. */
static void survives_broken_messages(void **state)
{
	struct nlmsghdr *nlh = chain(NFPROTO_NETDEV, NF_NETDEV_INGRESS, "h1", NF_ACCEPT, 1);
	uint32_t whole = nlh->nlmsg_len;

	for (uint32_t len = NLMSG_HDRLEN; len < whole; len++) {
		struct netfilter_found found = {};
		_free_ struct nlmsghdr *cut = malloc(len); /* for the sanitiser */

		memcpy(cut, nlh, len);
		cut->nlmsg_len = len;
		netfilter_nft_chain(cut, &found);
		netfilter_nft_rule(cut, &found);
		netfilter_clear(&found);
	}
	for (uint32_t at = NLMSG_HDRLEN + 4; at + 2 <= whole; at += 4) {
		struct netfilter_found found = {};
		_free_ char *broken = malloc(whole);

		memcpy(broken, nlh, whole);
		memset(broken + at, 0xff, 2);
		netfilter_nft_chain((struct nlmsghdr *)broken, &found);
		netfilter_clear(&found);
	}
}

static void finds_connection_tracking(void **state)
{
	static const struct {
		const char *expression;
		bool has_ct;
	} cases[] = {{"payload", false}, {"ct", true}, {"masq", true}, {"counter", false}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct netfilter_found found = {};
		struct nlmsghdr *nlh = begin(NFPROTO_INET);
		struct nlattr *list = mnl_attr_nest_start(nlh, NFTA_RULE_EXPRESSIONS);
		struct nlattr *one = mnl_attr_nest_start(nlh, NFTA_LIST_ELEM);

		mnl_attr_put_strz(nlh, NFTA_EXPR_NAME, cases[i].expression);
		mnl_attr_nest_end(nlh, one);
		mnl_attr_nest_end(nlh, list);
		netfilter_nft_rule(nlh, &found);
		assert_int_equal(found.has_ct[NETFILTER_IP], cases[i].has_ct);
		assert_int_equal(found.has_ct[NETFILTER_IP6], cases[i].has_ct);
		assert_false(found.has_ct[NETFILTER_BRIDGE]);
	}
}

static size_t ebt_chain(size_t at, const char *name, int policy, unsigned int entries)
{
	struct ebt_entries head = {.policy = policy, .nentries = entries};
	struct ebt_entry entry = {.bitmask = EBT_ENTRY_OR_ENTRIES};

	snprintf(head.name, sizeof(head.name), "%s", name);
	memcpy(buf + at, &head, sizeof(head));
	at += sizeof(head);
	entry.next_offset = sizeof(entry) + 40;
	for (unsigned int i = 0; i < entries; i++, at += entry.next_offset) {
		memset(buf + at, 0, entry.next_offset);
		memcpy(buf + at, &entry, sizeof(entry));
	}
	return at;
}

static void expect_ebt(unsigned int hooks, size_t size, const char *text)
{
	struct netfilter_found found = {};
	_free_ char *exact = malloc(size + 1); /* for the sanitiser */

	memcpy(exact, buf, size);
	netfilter_ebt_entries("filter", hooks, exact, size, &found);
	assert_string_equal(found.text[NETFILTER_BRIDGE], text);
}

#define FILTER_HOOKS (1 << NF_BR_LOCAL_IN | 1 << NF_BR_FORWARD | 1 << NF_BR_LOCAL_OUT)

static size_t ebt_filter(int in, int forward, int rules, int own)
{
	size_t at = ebt_chain(0, "INPUT", in, in == EBT_DROP ? 3 : 0);

	at = ebt_chain(at, "FORWARD", forward, rules);
	at = ebt_chain(at, "OUTPUT", EBT_ACCEPT, 0);
	return own ? ebt_chain(at, "mine", EBT_RETURN, own) : at;
}

static void judges_ebtables(void **state)
{
	expect_ebt(FILTER_HOOKS, ebt_filter(EBT_ACCEPT, EBT_ACCEPT, 0, 0), "");
	expect_ebt(FILTER_HOOKS, ebt_filter(EBT_DROP, EBT_ACCEPT, 0, 2), "");
	expect_ebt(FILTER_HOOKS, ebt_filter(EBT_DROP, EBT_ACCEPT, 1, 0),
		   "netfilter rules: ebtables filter FORWARD");
	expect_ebt(FILTER_HOOKS, ebt_filter(EBT_ACCEPT, EBT_DROP, 0, 0),
		   "netfilter rules: ebtables filter FORWARD");
}

static void doubts_broken_ebtables(void **state)
{
	const char *doubt = "netfilter rules: ebtables filter, not understood";
	size_t whole = ebt_filter(EBT_DROP, EBT_ACCEPT, 0, 0);
	struct ebt_entry *first = (struct ebt_entry *)(buf + sizeof(struct ebt_entries));

	for (size_t size = 0; size < whole; size++)
		expect_ebt(FILTER_HOOKS, size, doubt);
	first->next_offset = 0;
	expect_ebt(FILTER_HOOKS, whole, doubt);
	first->next_offset = ~0u;
	expect_ebt(FILTER_HOOKS, whole, doubt);
}

/* An entry with a match, where one is named, and a verdict. */
static size_t xt_entry(size_t at, const char *match, int verdict)
{
	struct xt_entry_match m = {.u.user.match_size = 48};
	struct xt_standard_target target = {.verdict = verdict};
	struct ipt_entry entry = {.target_offset = sizeof(entry) + (match ? 48 : 0)};

	entry.next_offset = entry.target_offset + sizeof(target);
	target.target.u.user.target_size = sizeof(target);
	memset(buf + at, 0, entry.next_offset);
	memcpy(buf + at, &entry, sizeof(entry));
	if (match) {
		snprintf(m.u.user.name, sizeof(m.u.user.name), "%s", match);
		memcpy(buf + at + sizeof(entry), &m, sizeof(m));
	}
	memcpy(buf + at + entry.target_offset, &target, sizeof(target));
	return at + entry.next_offset;
}

#define ACCEPTS (-NF_ACCEPT - 1)
#define DROPS   (-NF_DROP - 1)

/* Table filter: a rule with the match at INPUT, where one is named, and FORWARD's policy. */
static struct xt_info xt_filter(const char *match, int forward)
{
	struct xt_info info = {.valid_hooks = 1 << NF_INET_LOCAL_IN | 1 << NF_INET_FORWARD};
	size_t at = match ? xt_entry(0, match, ACCEPTS) : 0;

	info.underflow[NF_INET_LOCAL_IN] = at;
	at = xt_entry(at, NULL, DROPS);
	info.hook[NF_INET_FORWARD] = info.underflow[NF_INET_FORWARD] = at;
	info.size = xt_entry(at, NULL, forward);
	return info;
}

static void expect_xt(const struct xt_info *info, const char *text)
{
	struct netfilter_found found = {};
	_free_ char *exact = malloc(info->size + 1); /* for the sanitiser */

	memcpy(exact, buf, info->size);
	netfilter_xt_entries(NETFILTER_IP, "filter", info, exact, &found);
	assert_string_equal(found.text[NETFILTER_IP], text);
}

#define XT_FORWARD "netfilter rules: br_netfilter, iptables filter FORWARD"
#define XT_CT      "netfilter rules: br_netfilter, connection tracking for iptables filter"

static void judges_iptables(void **state)
{
	struct xt_info info = xt_filter(NULL, ACCEPTS);

	expect_xt(&info, "");
	info = xt_filter("tcp", ACCEPTS);
	expect_xt(&info, "");
	info = xt_filter("conntrack", ACCEPTS);
	expect_xt(&info, XT_CT);
	info = xt_filter("tcp", DROPS);
	expect_xt(&info, XT_FORWARD);
}

static void doubts_broken_iptables(void **state)
{
	struct xt_info info = xt_filter("tcp", ACCEPTS);
	struct ipt_entry *first = (struct ipt_entry *)buf;
	uint32_t whole = info.size;

	for (info.size = 0; info.size < whole; info.size++)
		expect_xt(&info, XT_FORWARD);
	first->next_offset = 0;
	expect_xt(&info, XT_CT);
	first->next_offset = 0xffff;
	expect_xt(&info, XT_CT);
	info.underflow[NF_INET_FORWARD] = ~0u;
	expect_xt(&info, XT_FORWARD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_chains),
		cmocka_unit_test(finds_chains_at_devices),
		cmocka_unit_test(survives_broken_messages),
		cmocka_unit_test(finds_connection_tracking),
		cmocka_unit_test(judges_ebtables),
		cmocka_unit_test(doubts_broken_ebtables),
		cmocka_unit_test(judges_iptables),
		cmocka_unit_test(doubts_broken_iptables),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
