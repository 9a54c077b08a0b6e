// SPDX-License-Identifier: GPL-2.0-only
/* bpf/parse.h: Ethernet, VLAN tags, addresses. */
#include "suite.h"

#include "util.h"

#define Q  ETH_P_8021Q
#define AD ETH_P_8021AD

static void learn_frame(struct fixture *fx, struct frame *f)
{
	struct kvs_fdb a = fixture_get_fdb(fx, STATION_A), b = fixture_get_fdb(fx, STATION_B);

	fixture_set_fdb(fx, f->data + ETH_ALEN, fixture_get_port(fx, a.port).bridge, &a);
	fixture_set_fdb(fx, f->data, fixture_get_port(fx, b.port).bridge, &b);
}

/* A tag that is seen is a reason, with this flag. */
#define IF_TAGGED KVS_PORT_VLAN_UPPER
#define TAGGED    SLOW(KVS_SLOW_VLAN_UPPER)

/* With this one, a frame has to be known for no ARP and no ND to be forwarded. */
#define IF_NEIGHBOUR KVS_PORT_SUPPRESS
#define NEIGHBOUR    SLOW(KVS_SLOW_SUPPRESS)

static const struct suite_case cases[] = {
	{"60 bytes", {}, .want = FAST},
	{"a header and nothing else", {.cut = 14}, .xdp_only = true, .want = TC},
	{"a header and one byte", {.cut = 15}, .xdp_only = true, .want = TC},
	{"a type nobody knows", {.type = 0x88b5}, .want = TC},
	{"an 802.3 length", {.type = 46}, .want = TC},
	{"ARP", {.type = ETH_P_ARP}, .want = FAST},
	{"RARP", {.type = ETH_P_RARP}, .want = FAST},
	{"ARP of 14 bytes", {.type = ETH_P_ARP, .cut = 14}, .want = FAST},

	{"802.1Q", {.tags = {Q}}, .want = FAST},
	{"802.1ad", {.tags = {AD}}, .want = FAST},
	{"802.1Q twice", {.tags = {Q, Q}}, .want = FAST},
	{"802.1ad, 802.1Q", {.tags = {AD, Q}}, .want = FAST},
	{"three tags", {.tags = {AD, Q, Q}}, .want = TC},
	{"802.1Q, IPv6", {.tags = {Q}, .type = ETH_P_IPV6}, .want = FAST},
	{"802.1Q, ARP", {.tags = {Q}, .type = ETH_P_ARP}, .want = FAST},
	{"half a tag", {.tags = {Q}, .cut = 16}, .want = SLOW(KVS_SLOW_TAGS)},
	{"a tag and nothing else", {.tags = {Q}, .cut = 18}, .want = TC},
	{"a tag and half a tag", {.tags = {AD, Q}, .cut = 20}, .want = SLOW(KVS_SLOW_TAGS)},
	{"a tag, ARP and too little", {.tags = {Q}, .type = ETH_P_ARP, .cut = 19}, .want = TC},
	{"a tag, ARP and enough", {.tags = {Q}, .type = ETH_P_ARP, .cut = 20}, .want = FAST},
	{"two tags and nothing else", {.tags = {AD, Q}, .cut = 22}, .want = TC},

	{"no tag, where tags matter", {}, .a = IF_TAGGED, .want = FAST},
	{"802.1Q is seen", {.tags = {Q}}, .a = IF_TAGGED, .want = TAGGED},
	{"802.1ad is seen", {.tags = {AD}}, .a = IF_TAGGED, .want = TAGGED},
	{"three tags are seen", {.tags = {Q, Q, Q}}, .a = IF_TAGGED, .want = TAGGED},
	{"no byte of a tag is seen", {.tags = {Q}, .cut = 14}, .a = IF_TAGGED, .want = TAGGED},
	{"half a tag is seen", {.tags = {AD}, .cut = 17}, .a = IF_TAGGED, .want = TAGGED},

	{"IPv4 is no ND", {}, .a = IF_NEIGHBOUR, .want = FAST},
	{"IPv6 UDP is no ND", {.type = ETH_P_IPV6}, .a = IF_NEIGHBOUR, .want = FAST},
	{"ICMPv6 may be ND",
	 {.type = ETH_P_IPV6, .proto = IPPROTO_ICMPV6},
	 .a = IF_NEIGHBOUR,
	 .want = NEIGHBOUR},
	{"half an IPv6 header may be ND",
	 {.type = ETH_P_IPV6, .cut = 53},
	 .a = IF_NEIGHBOUR,
	 .xdp_only = true,
	 .want = NEIGHBOUR},
	{"a whole IPv6 header is enough",
	 {.type = ETH_P_IPV6, .cut = 54},
	 .a = IF_NEIGHBOUR,
	 .want = TC},
	{"a tag may hide ND", {.tags = {Q}}, .a = IF_NEIGHBOUR, .want = NEIGHBOUR},
	{"ARP is seen", {.type = ETH_P_ARP}, .a = IF_NEIGHBOUR, .want = NEIGHBOUR},
	{"RARP is seen", {.type = ETH_P_RARP}, .a = IF_NEIGHBOUR, .want = NEIGHBOUR},

	{"lowest source", {.src = MAC(0, 0, 0, 0, 0, 1)}, .arrange = learn_frame, .want = FAST},
	{"highest source",
	 {.src = MAC(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff)},
	 .arrange = learn_frame,
	 .want = FAST},
	{"lowest destination",
	 {.dst = MAC(0, 0, 0, 0, 0, 0)},
	 .arrange = learn_frame,
	 .want = FAST},
	{"highest destination",
	 {.dst = MAC(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff)},
	 .arrange = learn_frame,
	 .want = FAST},
	{"lowest group as destination",
	 {.dst = MAC(1, 0, 0, 0, 0, 0)},
	 .arrange = learn_frame,
	 .want = SLOW(KVS_SLOW_MULTICAST)},
	{"broadcast",
	 {.dst = MAC(0xff, 0xff, 0xff, 0xff, 0xff, 0xff)},
	 .arrange = learn_frame,
	 .want = SLOW(KVS_SLOW_MULTICAST)},
	{"first link-local group",
	 {.dst = MAC(1, 0x80, 0xc2, 0, 0, 0)},
	 .arrange = learn_frame,
	 .want = SLOW(KVS_SLOW_MULTICAST)},
	{"last link-local group",
	 {.dst = MAC(1, 0x80, 0xc2, 0, 0, 0xf)},
	 .arrange = learn_frame,
	 .want = SLOW(KVS_SLOW_MULTICAST)},
};

/* What is shorter than an Ethernet header no test can send: kvs_parse's refusal of it is for the
 * verifier.
 */
static void the_kernel_runs_no_frame_below_14_bytes(void **state)
{
	struct frame_spec spec = {.cut = 13};
	struct frame_rng rng = {1};
	struct frame f, out;
	int verdict;

	frame_build(&f, &spec, &rng);
	for (int hook = 0; hook < HOOK_MAX; hook++)
		assert_true(fixture_try(*state, hook, PORT_A, &f, &out, &verdict) < 0);
}

/* A station may have any one byte that is not 0. */
static void a_source_is_zero_in_all_bytes_only(void **state)
{
	for (int i = 0; i < ETH_ALEN; i++) {
		__u8 mac[ETH_ALEN] = {};
		struct frame_spec spec = {.src = mac};
		struct frame_rng rng = {1};
		struct frame f;

		mac[i] = 4;
		frame_build(&f, &spec, &rng);
		learn_frame(*state, &f);
		suite_expect_both(*state, &f, FAST);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_is_zero_in_all_bytes_only),
		cmocka_unit_test(the_kernel_runs_no_frame_below_14_bytes),
	};

	return suite_run(cases, ARRAY_SIZE(cases), tests, ARRAY_SIZE(tests));
}
