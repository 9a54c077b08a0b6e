// SPDX-License-Identifier: GPL-2.0-only
/* bpf/guard_arp.h, guard_ipv4.h: what a port may send of ARP and IPv4. */
#include "suite.h"

#include <errno.h>

#include "guard_bytes.h"
#include "util.h"

#define ADDR KVS_GUARD_ADDRESSES
#define DHCP KVS_GUARD_DHCP

#define ON_ARP(...)  CASE_OF(ETH_P_ARP, __VA_ARGS__)
#define ON_RARP(...) CASE_OF(ETH_P_RARP, __VA_ARGS__)
#define ON_IP(...)   CASE_OF(ETH_P_IP, __VA_ARGS__)

#define BAD_ARP   DROP(KVS_DROP_ARP)
#define BAD_IP    DROP(KVS_DROP_IPV4)
#define MALFORMED DROP(KVS_DROP_MALFORMED)
#define FRAGMENT4 DROP(KVS_DROP_FRAGMENT)
#define SERVER    DROP(KVS_DROP_DHCP)

#define OF_PREFIX     10, 1, 2, 3
#define BESIDE_PREFIX 10, 2, 2, 3
#define CUT4          10, 0, 0

/* by length, in words of the header, version and total length */
#define IP4_ODD(first, total) first, 0, W(total), 0, 1, 0, 0, 64, 17, 0, 0, A4, B4

static const struct suite_case cases[] = {
	ON_ARP("who has", ADDR, FAST, ARP(1, MAC_A, A4, NO_MAC, B4)),
	ON_ARP("is at", ADDR, FAST, ARP(2, MAC_A, A4, MAC_B, B4)),
	ON_ARP("gratuitous", ADDR, FAST, ARP(1, MAC_A, A4, NO_MAC, A4)),
	ON_ARP("gratuitous answer", ADDR, FAST, ARP(2, MAC_A, A4, MAC_A, A4)),
	ON_ARP("of a prefix", ADDR, FAST, ARP(1, MAC_A, OF_PREFIX, NO_MAC, B4)),
	ON_ARP("beside a prefix", ADDR, BAD_ARP, ARP(1, MAC_A, BESIDE_PREFIX, NO_MAC, B4)),
	ON_ARP("another's address", ADDR, BAD_ARP, ARP(1, MAC_A, B4, NO_MAC, A4)),
	ON_ARP("is at, another's address", ADDR, BAD_ARP, ARP(2, MAC_A, B4, MAC_B, A4)),
	ON_ARP("gratuitous, another's address", ADDR, BAD_ARP, ARP(1, MAC_A, B4, NO_MAC, B4)),
	ON_ARP("another's MAC", ADDR, BAD_ARP, ARP(2, MAC_B, A4, MAC_B, B4)),
	ON_ARP("another's MAC, MACs alone", KVS_GUARD_MACS, BAD_ARP, ARP(2, MAC_B, A4, MAC_B, B4)),
	ON_ARP("another's address, MACs alone", KVS_GUARD_MACS, FAST, ARP(2, MAC_A, B4, MAC_B, B4)),
	ON_ARP("another's MAC, other rules", DHCP, FAST, ARP(2, MAC_B, A4, MAC_B, B4)),
	ON_ARP("probe", ADDR, FAST, ARP(1, MAC_A, NO_IP4, NO_MAC, A4)),
	ON_ARP("probe of another's address", ADDR, BAD_ARP, ARP(1, MAC_A, NO_IP4, NO_MAC, B4)),
	ON_ARP("an answer is no probe", ADDR, BAD_ARP, ARP(2, MAC_A, NO_IP4, NO_MAC, A4)),
	ON_ARP("of another network", ADDR, MALFORMED, W(6), W(ETH_P_IP), 6, 4, W(1), MAC_A, A4,
	       NO_MAC, B4),
	ON_ARP("of another protocol", ADDR, MALFORMED, W(1), W(ETH_P_IPV6), 6, 4, W(1), MAC_A, A4,
	       NO_MAC, B4),
	ON_ARP("MACs of 8 bytes", ADDR, MALFORMED, W(1), W(ETH_P_IP), 8, 4, W(1), MAC_A, A4, NO_MAC,
	       B4),
	ON_ARP("addresses of 16 bytes", ADDR, MALFORMED, W(1), W(ETH_P_IP), 6, 16, W(1), MAC_A, A4,
	       NO_MAC, B4),
	ON_ARP("27 bytes", ADDR, MALFORMED, ARP(1, MAC_A, A4, NO_MAC, CUT4)),
	ON_ARP("27 bytes, other rules", DHCP, FAST, ARP(1, MAC_A, A4, NO_MAC, CUT4)),
	ON_ARP("another's address, audit", ADDR | KVS_GUARD_AUDIT, AUDIT(KVS_DROP_ARP),
	       ARP(1, MAC_A, B4, NO_MAC, A4)),

	ON_RARP("announcement", ADDR, FAST, ARP(3, MAC_A, NO_IP4, MAC_A, NO_IP4)),
	ON_RARP("announcement of another", ADDR, BAD_ARP, ARP(3, MAC_A, NO_IP4, MAC_B, NO_IP4)),
	ON_RARP("announcement by another", ADDR, BAD_ARP, ARP(3, MAC_B, NO_IP4, MAC_A, NO_IP4)),
	ON_RARP("answer", ADDR, FAST, ARP(4, MAC_A, NO_IP4, MAC_B, NO_IP4)),
	ON_RARP("cut", ADDR, MALFORMED, ARP(3, MAC_A, NO_IP4, MAC_A, CUT4)),

	ON_IP("own address", ADDR, FAST, IP4(8, 0, 6, A4, B4), WORD, WORD),
	ON_IP("of a prefix of addresses", ADDR, FAST, IP4(8, 0, 6, OF_PREFIX, B4), WORD, WORD),
	ON_IP("another's source", ADDR, BAD_IP, IP4(8, 0, 6, B4, A4), WORD, WORD),
	ON_IP("another's source, not looked at", DHCP, FAST, IP4(8, 0, 6, B4, A4), WORD, WORD),
	ON_IP("another's source, audit", ADDR | KVS_GUARD_AUDIT, AUDIT(KVS_DROP_IPV4),
	      IP4(8, 0, 6, B4, A4), WORD, WORD),
	ON_IP("no source", ADDR, BAD_IP, IP4(8, 0, 6, NO_IP4, ALL4), WORD, WORD),
	ON_IP("DHCP client", ADDR, FAST, IP4(8, 0, 17, NO_IP4, ALL4), UDP(68, 67, 8)),
	ON_IP("DHCP client, both rules", ADDR | DHCP, FAST, IP4(8, 0, 17, NO_IP4, ALL4),
	      UDP(68, 67, 8)),
	ON_IP("DHCP client that asks one host", ADDR, BAD_IP, IP4(8, 0, 17, NO_IP4, B4),
	      UDP(68, 67, 8)),
	ON_IP("no source, other ports", ADDR, BAD_IP, IP4(8, 0, 17, NO_IP4, ALL4), UDP(67, 68, 8)),
	ON_IP("no source, TCP", ADDR, BAD_IP, IP4(8, 0, 6, NO_IP4, ALL4), UDP(68, 67, 8)),
	ON_IP("no source, not the first fragment", ADDR, BAD_IP, IP4(8, 9, 17, NO_IP4, ALL4),
	      UDP(68, 67, 8)),
	ON_IP("not the first fragment", ADDR, FAST, IP4(8, 9, 17, A4, B4), WORD, WORD),
	ON_IP("not the first fragment, another's source", ADDR, BAD_IP, IP4(8, 9, 17, B4, A4), WORD,
	      WORD),

	ON_IP("DHCP server", DHCP, SERVER, IP4(8, 0, 17, A4, B4), UDP(67, 68, 8)),
	ON_IP("DHCP server to any port", DHCP, SERVER, IP4(8, 0, 17, A4, B4), UDP(67, 9, 8)),
	ON_IP("DHCP server behind options", DHCP, SERVER, 0x46, 0, W(32), 0, 1, 0, 0, 64, 17, 0, 0,
	      A4, B4, 1, 1, 1, 1, UDP(67, 68, 8)),
	ON_IP("DHCP server, first fragment", DHCP, SERVER, IP4(8, MORE, 17, A4, B4),
	      UDP(67, 68, 40)),
	ON_IP("DHCP server, not looked at", ADDR, FAST, IP4(8, 0, 17, A4, B4), UDP(67, 68, 8)),
	ON_IP("not from the server's port", DHCP, FAST, IP4(8, 0, 17, A4, B4), UDP(68, 67, 8)),
	ON_IP("TCP from the server's port", DHCP, FAST, IP4(8, 0, 6, A4, B4), UDP(67, 68, 8)),
	ON_IP("another's source comes first", ADDR | DHCP, BAD_IP, IP4(8, 0, 17, B4, A4),
	      UDP(67, 68, 8)),
	ON_IP("later fragment of a DHCP server", DHCP, FAST, IP4(8, 2, 17, A4, B4), UDP(67, 68, 8)),

	ON_IP("first fragment of UDP, 7 bytes", DHCP, FRAGMENT4, IP4(7, MORE, 17, A4, B4), 0, 68, 0,
	      67, WORD),
	ON_IP("first fragment of UDP, 7 bytes, not looked at", ADDR, FAST, IP4(7, MORE, 17, A4, B4),
	      0, 68, 0, 67, WORD),
	ON_IP("UDP of 7 bytes", DHCP, MALFORMED, IP4(7, 0, 17, A4, B4), 0, 68, 0, 67, WORD),
	ON_IP("UDP of 7 bytes, not looked at", ADDR, FAST, IP4(7, 0, 17, A4, B4), 0, 68, 0, 67,
	      WORD),
	ON_IP("fragment that overwrites", DHCP, FRAGMENT4, IP4(8, 1, 17, A4, B4), WORD, WORD),
	ON_IP("fragment that overwrites, more to come", DHCP, FRAGMENT4,
	      IP4(8, MORE | 1, 6, A4, B4), WORD, WORD),
	ON_IP("fragment that overwrites, not looked at", ADDR, FAST, IP4(8, 1, 17, A4, B4), WORD,
	      WORD),
	ON_IP("fragment, audit", DHCP | KVS_GUARD_AUDIT, AUDIT(KVS_DROP_FRAGMENT),
	      IP4(8, 1, 17, A4, B4), WORD, WORD),

	ON_IP("version 5", ADDR, MALFORMED, IP4_ODD(0x55, 28), WORD, WORD),
	ON_IP("header of 4 words", ADDR, MALFORMED, IP4_ODD(0x44, 28), WORD, WORD),
	ON_IP("header longer than the datagram", DHCP, MALFORMED, IP4_ODD(0x46, 20), WORD, WORD),
	ON_IP("datagram of 19 bytes", ADDR, MALFORMED, IP4_ODD(0x45, 19), WORD, WORD),
	ON_IP("datagram longer than the frame", DHCP, MALFORMED, IP4_ODD(0x45, 29), WORD, WORD),
	ON_IP("datagram as long as the frame", DHCP, FAST, IP4_ODD(0x45, 28), WORD, WORD),
	ON_IP("datagram shorter than the frame", DHCP, FAST, IP4_ODD(0x45, 28), WORD, WORD, WORD),
	ON_IP("nonsense, not looked at", KVS_GUARD_ROUTER | KVS_GUARD_MACS, FAST, IP4_ODD(0x55, 19),
	      WORD, WORD),
	ON_IP("nonsense, audit", ADDR | KVS_GUARD_AUDIT, AUDIT(KVS_DROP_MALFORMED),
	      IP4_ODD(0x55, 28), WORD, WORD),
};

/* Behind tags: as without. */
static void expect_tagged(struct fixture *fx, const struct frame_spec *spec, struct suite_fate want)
{
	struct frame_rng rng = {1};
	struct frame f;

	fixture_toggle(fx, PORT_A, KVS_PORT_CSUM_DONE);
	frame_build(&f, spec, &rng);
	suite_expect_both(fx, &f, want);
	fixture_toggle(fx, PORT_A, KVS_PORT_CSUM_DONE);
}

static const struct kvs_guard addresses = {.flags = ADDR};

static void behind_two_tags_it_is_the_same(void **state)
{
	const struct frame_spec own = {.tags = {ETH_P_8021AD, ETH_P_8021Q},
				       BYTES(IP4(8, 0, 6, A4, B4), WORD, WORD)};
	const struct frame_spec other = {.tags = {ETH_P_8021AD, ETH_P_8021Q},
					 BYTES(IP4(8, 0, 6, B4, B4), WORD, WORD)};

	fixture_guard(*state, PORT_A, &addresses);
	expect_tagged(*state, &own, FAST);
	expect_tagged(*state, &other, BAD_IP);
}

static void behind_three_tags_nothing_can_be_told(void **state)
{
	const struct frame_spec spec = {.tags = {ETH_P_8021Q, ETH_P_8021Q, ETH_P_8021Q},
					BYTES(IP4(8, 0, 6, A4, B4), WORD, WORD)};

	fixture_guard(*state, PORT_A, &addresses);
	expect_tagged(*state, &spec, MALFORMED);
	fixture_guard(*state, PORT_A, &(struct kvs_guard){.flags = KVS_GUARD_MACS});
	expect_tagged(*state, &spec, FAST);
}

static void expect_malformed_when_cut(struct fixture *fx, const struct frame *f)
{
	struct frame cut = *f, out;
	int verdict;

	for (cut.len = ETH_HLEN; cut.len < f->len; cut.len++)
		for (int hook = 0; hook < HOOK_MAX; hook++)
			/* recent kernels make no skb of half an IP header for a test */
			if (!fixture_try(fx, hook, PORT_A, &cut, &out, &verdict))
				suite_expect(fx, hook, &cut, MALFORMED);
}

static void cut_anywhere_it_is_malformed(void **state)
{
	const struct frame_spec ip = {BYTES(IP4(8, 0, 17, A4, B4), UDP(68, 67, 8))};
	const struct frame_spec arp = {.type = ETH_P_ARP, BYTES(ARP(1, MAC_A, A4, NO_MAC, B4))};
	struct frame_rng rng = {1};
	struct frame f;

	fixture_guard(*state, PORT_A, &addresses);
	frame_build(&f, &ip, &rng);
	expect_malformed_when_cut(*state, &f);
	frame_build(&f, &arp, &rng);
	expect_malformed_when_cut(*state, &f);
}

static void expect_source(struct fixture *fx, const __u8 *raw, struct suite_fate want)
{
	const struct frame_spec spec = {.type = ETH_P_IP, .raw = raw, .raw_len = 28};

	expect_tagged(fx, &spec, want);
}

static void a_known_flow_is_looked_at_each_time(void **state)
{
	const __u8 own[] = {IP4(8, 0, 6, A4, B4), WORD, WORD};
	const __u8 other[] = {IP4(8, 0, 6, B4, A4), WORD, WORD};

	fixture_guard(*state, PORT_A, &addresses);
	for (int i = 0; i < 2; i++) {
		expect_source(*state, own, FAST);
		expect_source(*state, other, BAD_IP);
	}
}

static const __u8 other_mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, B4};
static const __u8 of_other[] = {IP4(8, 0, 6, B4, A4), WORD, WORD};

static void an_address_is_the_port_s_until_its_lease_ends(void **state)
{
	struct fixture *fx = *state;

	fixture_guard(fx, PORT_A, &addresses);
	fixture_guard_add_addr(fx, PORT_A, other_mapped, 128, fixture_now(fx) + 1000000);
	expect_source(fx, of_other, FAST);
	fixture_guard_add_addr(fx, PORT_A, other_mapped, 128, fixture_now(fx));
	expect_source(fx, of_other, BAD_IP);
}

static void an_address_of_another_port_is_not_this_one_s(void **state)
{
	struct fixture *fx = *state;

	fixture_guard(fx, PORT_A, &addresses);
	fixture_guard_add_addr(fx, PORT_B, other_mapped, 128, 0);
	expect_source(fx, of_other, BAD_IP);
}

static void every_reason_has_a_case(void **state)
{
	suite_expect_reasons(cases, ARRAY_SIZE(cases), KVS_DROP_MALFORMED, KVS_DROP_IPV4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_case),
		cmocka_unit_test(behind_two_tags_it_is_the_same),
		cmocka_unit_test(behind_three_tags_nothing_can_be_told),
		cmocka_unit_test(cut_anywhere_it_is_malformed),
		cmocka_unit_test(a_known_flow_is_looked_at_each_time),
		cmocka_unit_test(an_address_is_the_port_s_until_its_lease_ends),
		cmocka_unit_test(an_address_of_another_port_is_not_this_one_s),
	};

	return suite_run_guarded(cases, ARRAY_SIZE(cases), tests, ARRAY_SIZE(tests));
}
