// SPDX-License-Identifier: GPL-2.0-only
/* bpf/csum.h, with frames nobody thought of. KVS_SEED=N repeats a run.
 *
 * What XDP passes is as it was. What it forwards differs in a checksum at most, has only valid
 * checksums if each was valid or partial before, and goes through XDP again as it is.
 */
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "util.h"

#define FRAMES 20000

struct random_frame {
	struct frame_spec outer, inner;
	struct frame frame;
	bool is_sound;   /* each checksum is valid or partial */
	bool is_damaged; /* so that layers may not be where they were */
};

struct tally {
	unsigned int passed, same, completed;
};

static __u32 below(struct frame_rng *rng, __u32 n)
{
	return frame_random(rng) % n;
}

static bool one_in(struct frame_rng *rng, __u32 n)
{
	return !below(rng, n);
}

static void choose_tags(struct frame_spec *s, struct frame_rng *rng)
{
	__u32 n = one_in(rng, 2) ? 0 : below(rng, FRAME_TAGS + 1);

	for (__u32 i = 0; i < n; i++)
		s->tags[i] = one_in(rng, 2) ? ETH_P_8021Q : ETH_P_8021AD;
}

static __u8 choose_proto(struct frame_rng *rng)
{
	static const __u8 protos[] = {IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP,
				      IPPROTO_UDP, IPPROTO_UDP, IPPROTO_ICMPV6};

	return one_in(rng, 20) ? frame_random(rng) : protos[below(rng, ARRAY_SIZE(protos))];
}

static __u32 choose_len(__u8 proto, struct frame_rng *rng)
{
	__u32 min = proto == IPPROTO_TCP ? 20 : 8;

	if (one_in(rng, 30))
		return 1 + below(rng, min);
	return min + below(rng, one_in(rng, 3) ? 60 : 1400);
}

static void choose_ip(struct frame_spec *s, struct frame_rng *rng)
{
	static const __u16 types[] = {ETH_P_IP, ETH_P_IPV6};

	s->type = one_in(rng, 50) ? frame_random(rng) : types[below(rng, 2)];
	s->proto = choose_proto(rng);
	s->len = choose_len(s->proto, rng);
	s->options = s->type == ETH_P_IP && one_in(rng, 4) ? 4 * below(rng, 11) : 0;
	s->frag = one_in(rng, 20) ? frame_random(rng) : 0;
	s->force = one_in(rng, 10) ? 1 + below(rng, 2) : FORCE_NOTHING;
}

static void choose_plain(struct frame_spec *s, struct frame_rng *rng)
{
	static const enum frame_sum sums[] = {SUM_COMPLETE, SUM_PARTIAL, SUM_PARTIAL, SUM_NONE,
					      SUM_WRONG};

	choose_tags(s, rng);
	choose_ip(s, rng);
	s->pad = one_in(rng, 2) ? 60 + below(rng, 60) : 0;
	s->sum = sums[below(rng, ARRAY_SIZE(sums))];
}

/* One frame has one checksum that is left to the device: outer or inner. */
static void choose_tunnel(struct frame_spec *s, const struct frame_spec *inner,
			  struct frame_rng *rng)
{
	s->proto = IPPROTO_UDP;
	s->inner = inner;
	if (inner->sum == SUM_PARTIAL)
		s->sum = one_in(rng, 2) ? SUM_LCO : SUM_NONE;
}

static bool is_sound(const struct frame_spec *s)
{
	return s->sum != SUM_WRONG && (s->sum != SUM_NONE || s->proto == IPPROTO_UDP);
}

/* Local checksum offload that looks partial; csum_tunnel_test.c has that one. */
static bool is_ambiguous(const struct random_frame *r)
{
	const struct frame_layer *l = &r->frame.layer[0];

	return r->outer.sum == SUM_LCO &&
	       checksum_get16(r->frame.data + l->field) == frame_pseudo(&r->frame, l);
}

static void build(struct random_frame *r, struct frame_rng *rng)
{
	memset(&r->outer, 0, sizeof(r->outer));
	memset(&r->inner, 0, sizeof(r->inner));
	choose_plain(&r->outer, rng);
	choose_plain(&r->inner, rng);
	if (r->outer.proto == IPPROTO_UDP && one_in(rng, 2))
		choose_tunnel(&r->outer, &r->inner, rng);
	frame_build(&r->frame, &r->outer, rng);
	r->is_sound = is_sound(&r->outer) && (!r->outer.inner || is_sound(&r->inner));
}

static void damage(struct random_frame *r, struct frame_rng *rng)
{
	struct frame *f = &r->frame;

	r->is_damaged = one_in(rng, 3);
	if (!r->is_damaged)
		return;
	if (one_in(rng, 3))
		f->len = ETH_HLEN + below(rng, f->len - ETH_HLEN);
	for (int n = below(rng, 4); n > 0 && f->len > ETH_HLEN; n--)
		f->data[2 * ETH_ALEN + below(rng, f->len - 2 * ETH_ALEN)] = frame_random(rng);
}

/* Offset of the two bytes that may differ: of a damaged frame, from the first that does. */
static __u32 changed_field(const struct random_frame *r, const struct frame *out)
{
	__u32 i = 0;

	if (!r->is_damaged && r->frame.layers)
		return r->frame.layer[0].field;
	while (i < out->len && out->data[i] == r->frame.data[i])
		i++;
	return i;
}

static bool only_the_field_changed(const struct random_frame *r, const struct frame *out)
{
	__u32 field = changed_field(r, out);

	for (__u32 i = 0; i < out->len; i++)
		if ((i < field || i > field + 1) && out->data[i] != r->frame.data[i])
			return false;
	return out->len == r->frame.len;
}

static bool all_valid(const struct frame *f)
{
	for (__u32 i = 0; i < f->layers; i++)
		if (!frame_is_valid(f, &f->layer[i]))
			return false;
	return true;
}

/* NULL, or what is wrong with out, which XDP forwarded. */
static const char *judge_forwarded(struct fixture *fx, const struct random_frame *r,
				   const struct frame *out)
{
	struct frame again;

	if (!only_the_field_changed(r, out))
		return "XDP changed more than a checksum";
	if (r->is_sound && !r->is_damaged && !all_valid(out))
		return "XDP forwarded an incomplete checksum";
	if (fixture_run(fx, HOOK_XDP, PORT_A, out, &again) != XDP_REDIRECT)
		return "XDP passes what it forwarded before";
	return frame_equal(out, &again) ? NULL : "a second pass changes it again";
}

static const char *judge(struct fixture *fx, const struct random_frame *r, struct tally *tally)
{
	struct frame out;
	int verdict = fixture_run(fx, HOOK_XDP, PORT_A, &r->frame, &out);
	bool is_same = frame_equal(&out, &r->frame);

	if (verdict == XDP_REDIRECT) {
		*(is_same ? &tally->same : &tally->completed) += 1;
		return judge_forwarded(fx, r, &out);
	}
	tally->passed++;
	if (verdict != XDP_PASS)
		return "neither passed nor forwarded";
	return is_same ? NULL : "XDP changed a frame it passes";
}

static void dump(const struct frame *f)
{
	for (__u32 i = 0; i < f->len; i++)
		print_message("%s%02x", i % 32 ? " " : "\n# ", f->data[i]);
	print_message("\n");
}

static __u64 choose_seed(void)
{
	const char *env = getenv("KVS_SEED");
	__u64 seed = env ? strtoull(env, NULL, 0) : (__u64)time(NULL) * 1000003 + getpid();

	return seed ? seed : 1;
}

static void what_xdp_forwards_is_right(void **state)
{
	struct frame_rng rng = {choose_seed()};
	struct tally tally = {};
	const char *wrong = NULL;
	struct random_frame r;

	print_message("# KVS_SEED=%llu\n", rng.state);
	for (int i = 0; i < FRAMES && !wrong; i++) {
		build(&r, &rng);
		damage(&r, &rng);
		if (!is_ambiguous(&r))
			wrong = judge(*state, &r, &tally);
	}
	if (wrong) {
		dump(&r.frame);
		fail_msg("%s", wrong);
	}
	print_message("# %u passed, %u forwarded as they were, %u completed\n", tally.passed,
		      tally.same, tally.completed);
	assert_true(tally.passed > FRAMES / 10 && tally.same > FRAMES / 10);
	assert_true(tally.completed > FRAMES / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_xdp_forwards_is_right),
	};

	return suite_run(NULL, 0, tests, ARRAY_SIZE(tests));
}
