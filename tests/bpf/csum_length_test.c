// SPDX-License-Identifier: GPL-2.0-only
/* bpf/csum.h over every length: of the datagram, of its headers, of what is left of them. */
#include "suite.h"

#include <string.h>

#include "util.h"

#define SHORT      280 /* every length up to here, and from here on one in STEP */
#define STEP       61
#define LONGEST    (KVS_CSUM_MAX + 12)
#define MIN_TUNNEL 36 /* bytes of UDP that could hold one */

static const __u16 tags[][FRAME_TAGS] = {{}, {ETH_P_8021Q}, {ETH_P_8021AD, ETH_P_8021Q}};

static const struct {
	__u16 type;
	__u8 options;
} ips[] = {{ETH_P_IP, 0}, {ETH_P_IP, 4}, {ETH_P_IP, 40}, {ETH_P_IPV6, 0}};

static const struct {
	const char *name;
	__u8 proto;
	__u32 min;
} protos[] = {{"TCP", IPPROTO_TCP, 20}, {"UDP", IPPROTO_UDP, 8}, {"ICMPv6", IPPROTO_ICMPV6, 8}};

static struct suite_fate fate_of(const struct frame_spec *s)
{
	bool is_long = s->len > KVS_CSUM_MAX;

	if (s->options)
		return TC;
	if (s->sum == SUM_PARTIAL)
		return is_long ? TC : COMPLETED;
	if (s->proto != IPPROTO_UDP || s->len < MIN_TUNNEL)
		return FAST;
	return s->sum == SUM_NONE || is_long ? TC : FAST;
}

static void try_sums(struct fixture *fx, struct frame_spec s, struct frame_rng *rng)
{
	static const enum frame_sum sums[] = {SUM_COMPLETE, SUM_PARTIAL, SUM_NONE};
	struct frame f;

	for (size_t i = 0; i < ARRAY_SIZE(sums); i++) {
		s.sum = sums[i];
		if (s.sum == SUM_NONE && s.proto != IPPROTO_UDP)
			continue;
		frame_build(&f, &s, rng);
		suite_expect_both(fx, &f, fate_of(&s));
	}
}

static __u32 next(__u32 len)
{
	bool each = len < SHORT || (len + STEP > KVS_CSUM_MAX && len < KVS_CSUM_MAX + 4);

	return len + (each ? 1 : STEP);
}

static void try_lengths(struct fixture *fx, size_t tag, size_t ip, size_t proto)
{
	struct frame_rng rng = {1 + tag + 4 * ip + 16 * proto};

	fixture_set_max_frame(fx, PORT_B, FRAME_MAX);
	for (__u32 len = protos[proto].min; len <= LONGEST; len = next(len)) {
		struct frame_spec s = {
			.type = ips[ip].type,
			.options = ips[ip].options,
			.proto = protos[proto].proto,
			.len = len,
			.pad = 60 + frame_random(&rng) % 8,
		};

		memcpy(s.tags, tags[tag], sizeof(s.tags));
		try_sums(fx, s, &rng);
	}
}

static void try_proto(struct fixture *fx, size_t proto)
{
	for (size_t tag = 0; tag < ARRAY_SIZE(tags); tag++)
		for (size_t ip = 0; ip < ARRAY_SIZE(ips); ip++)
			try_lengths(fx, tag, ip, proto);
}

static void tcp_of_every_length(void **state)
{
	try_proto(*state, 0);
}

static void udp_of_every_length(void **state)
{
	try_proto(*state, 1);
}

static void icmpv6_of_every_length(void **state)
{
	try_proto(*state, 2);
}

/* What the wire or a liar cut off: nothing is certain, nothing is changed. Only XDP: see
 * suite_case.xdp_only.
 */
static void try_cuts(struct fixture *fx, struct frame_spec s, enum frame_sum sum)
{
	struct frame_rng rng = {1};
	struct frame whole, f;

	s.sum = sum;
	frame_build(&whole, &s, &rng);
	for (__u32 len = ETH_HLEN; len < whole.len; len++) {
		f = whole;
		f.len = len;
		suite_expect(fx, HOOK_XDP, &f, TC);
	}
}

static void every_byte_cut_off(void **state)
{
	for (size_t tag = 0; tag < ARRAY_SIZE(tags); tag++)
		for (size_t ip = 0; ip < ARRAY_SIZE(ips); ip++)
			for (size_t proto = 0; proto < ARRAY_SIZE(protos); proto++) {
				struct frame_spec s = {
					.type = ips[ip].type,
					.options = ips[ip].options,
					.proto = protos[proto].proto,
					.len = protos[proto].min,
				};

				memcpy(s.tags, tags[tag], sizeof(s.tags));
				try_cuts(*state, s, SUM_COMPLETE);
				try_cuts(*state, s, SUM_PARTIAL);
			}
}

/* The IP header owns to it: a datagram too short for its protocol's header. */
static void every_length_below_the_header(void **state)
{
	struct frame f;

	for (size_t ip = 0; ip < ARRAY_SIZE(ips); ip++)
		for (size_t proto = 0; proto < ARRAY_SIZE(protos); proto++)
			for (__u32 len = 1; len < protos[proto].min; len++) {
				struct frame_rng rng = {len};
				struct frame_spec s = {
					.type = ips[ip].type,
					.options = ips[ip].options,
					.proto = protos[proto].proto,
					.len = len,
					.sum = SUM_PARTIAL,
					.pad = len % 2 ? 128 : 0,
				};

				frame_build(&f, &s, &rng);
				suite_expect_both(*state, &f, TC);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_of_every_length),
		cmocka_unit_test(udp_of_every_length),
		cmocka_unit_test(icmpv6_of_every_length),
		cmocka_unit_test(every_byte_cut_off),
		cmocka_unit_test(every_length_below_the_header),
	};

	return suite_run(NULL, 0, tests, ARRAY_SIZE(tests));
}
