// SPDX-License-Identifier: GPL-2.0-only
/* bpf/csum.h: UDP that carries another datagram, whose checksum may be the partial one. */
#include "suite.h"

#include "util.h"

#define INNER(...) (&(const struct frame_spec){__VA_ARGS__})

#define COMPLETE_TCP  INNER(.proto = IPPROTO_TCP, .len = 32)
#define COMPLETE_UDP  INNER(.len = 8)
#define COMPLETE_TCP6 INNER(.type = ETH_P_IPV6, .proto = IPPROTO_TCP, .len = 40)
#define NO_SUM_UDP    INNER(.len = 30, .sum = SUM_NONE)
#define PARTIAL_TCP   INNER(.proto = IPPROTO_TCP, .len = 32, .sum = SUM_PARTIAL)
#define PARTIAL_UDP   INNER(.len = 8, .sum = SUM_PARTIAL)
#define PARTIAL_TCP6  INNER(.type = ETH_P_IPV6, .proto = IPPROTO_TCP, .len = 40, .sum = SUM_PARTIAL)
#define PARTIAL_TAG   INNER(.tags = {ETH_P_8021Q}, .len = 31, .sum = SUM_PARTIAL)
#define LONG_TCP      INNER(.proto = IPPROTO_TCP, .len = KVS_CSUM_MAX)
#define LONG_PARTIAL  INNER(.proto = IPPROTO_TCP, .len = KVS_CSUM_MAX, .sum = SUM_PARTIAL)
#define EQUAL_TCP     INNER(.proto = IPPROTO_TCP, .len = 32, .sum = SUM_PARTIAL, .force = FORCE_PARTIAL)

#define IP6 ETH_P_IPV6

/* The inner pseudo-header, and so the inner partial checksum, takes what makes the outer checksum,
 * which is right once the inner one is, equal to the outer pseudo-header's sum.
 */
static void outer_looks_partial(struct fixture *fx, struct frame *f)
{
	struct frame_layer *l = f->layer;
	__u8 *field = f->data + l[0].field, *word = f->data + l[0].l4;
	__u16 partial = checksum_get16(f->data + l[1].field);
	__u8 want[2];

	frame_complete(f, &l[1]);
	checksum_put16(field, frame_pseudo(f, &l[0]));
	checksum_put16(word, 0);
	checksum_put16(want, ~checksum_add(frame_pseudo(f, &l[0]), word, l[0].len));
	checksum_put16(word, checksum_get16(want));
	assert_true(frame_is_valid(f, &l[0]));
	checksum_put16(f->data + l[1].field, partial);
	assert_false(frame_is_valid(f, &l[0]));
}

static const struct suite_case cases[] = {
	/* nothing offloaded */
	{"complete, complete TCP", {.inner = COMPLETE_TCP}, .want = FAST},
	{"complete, complete UDP", {.inner = COMPLETE_UDP}, .want = FAST},
	{"complete, complete TCP in IPv6", {.inner = COMPLETE_TCP6}, .want = FAST},
	{"complete, UDP without", {.inner = NO_SUM_UDP}, .want = FAST},
	{"IPv6, complete, complete TCP", {.type = IP6, .inner = COMPLETE_TCP}, .want = FAST},
	{"complete, too long to verify",
	 {.inner = LONG_TCP},
	 .arrange = suite_large_frames,
	 .want = TC},
	{"wrong, complete TCP", {.inner = COMPLETE_TCP, .sum = SUM_WRONG}, .want = TC},

	/* outer without checksum: it cannot vouch for the inner one */
	{"none, complete TCP", {.inner = COMPLETE_TCP, .sum = SUM_NONE}, .want = TC},
	{"none, partial TCP", {.inner = PARTIAL_TCP, .sum = SUM_NONE}, .want = TC},
	{"none, partial UDP", {.inner = PARTIAL_UDP, .sum = SUM_NONE}, .want = TC},
	{"none, partial UDP in a tag", {.inner = PARTIAL_TAG, .sum = SUM_NONE}, .want = TC},
	{"none, long partial TCP",
	 {.inner = LONG_PARTIAL, .sum = SUM_NONE},
	 .arrange = suite_large_frames,
	 .want = TC},
	{"IPv6, none, partial TCP",
	 {.type = IP6, .inner = PARTIAL_TCP, .sum = SUM_NONE},
	 .want = TC},

	/* local checksum offload: the outer one is right once the inner one is */
	{"LCO, partial TCP", {.inner = PARTIAL_TCP, .sum = SUM_LCO}, .want = TC},
	{"LCO, partial UDP", {.inner = PARTIAL_UDP, .sum = SUM_LCO}, .want = TC},
	{"LCO, partial TCP in IPv6", {.inner = PARTIAL_TCP6, .sum = SUM_LCO}, .want = TC},
	{"LCO, partial UDP in a tag", {.inner = PARTIAL_TAG, .sum = SUM_LCO}, .want = TC},
	{"LCO, long partial TCP",
	 {.inner = LONG_PARTIAL, .sum = SUM_LCO},
	 .arrange = suite_large_frames,
	 .want = TC},
	{"IPv6, LCO, partial TCP", {.type = IP6, .inner = PARTIAL_TCP, .sum = SUM_LCO}, .want = TC},
	{"IPv6, LCO, partial TCP in IPv6",
	 {.type = IP6, .inner = PARTIAL_TCP6, .sum = SUM_LCO},
	 .want = TC},
	{"two tags, LCO, partial TCP",
	 {.tags = {ETH_P_8021AD, ETH_P_8021Q}, .inner = PARTIAL_TCP, .sum = SUM_LCO},
	 .want = TC},
	{"LCO, TCP complete and equal to partial",
	 {.inner = EQUAL_TCP, .sum = SUM_LCO},
	 .want = FAST},
	{"LCO that equals the outer pseudo-header's sum, partial TCP",
	 {.inner = PARTIAL_TCP, .sum = SUM_LCO},
	 .arrange = outer_looks_partial,
	 .want = TC},

	/* outer offloaded: then the inner one is not */
	{"partial, complete TCP", {.inner = COMPLETE_TCP, .sum = SUM_PARTIAL}, .want = TC},
	{"partial, complete UDP", {.inner = COMPLETE_UDP, .sum = SUM_PARTIAL}, .want = TC},
	{"partial, UDP without", {.inner = NO_SUM_UDP, .sum = SUM_PARTIAL}, .want = TC},
	{"IPv6, partial, complete TCP",
	 {.type = IP6, .inner = COMPLETE_TCP, .sum = SUM_PARTIAL},
	 .want = TC},
	{"partial, too long to sum",
	 {.inner = LONG_TCP, .sum = SUM_PARTIAL},
	 .arrange = suite_large_frames,
	 .want = TC},
};

int main(void)
{
	return suite_run(cases, ARRAY_SIZE(cases), NULL, 0);
}
