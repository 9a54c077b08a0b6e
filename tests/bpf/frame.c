// SPDX-License-Identifier: GPL-2.0-only
/* Frames from a description: what a test says in one line, as bytes. */
#include "frame.h"

#include <assert.h>
#include <string.h>

#define IP4_LEN    20
#define IP6_LEN    40
#define VXLAN_LEN  8
#define VXLAN_PORT 4789
#define L4_LEN     26

#define IPOPT_NOP 1
#define TTL       64

/* fixture.c puts them on ports A and B */
static const __u8 station_a[ETH_ALEN] = {2, 0, 0, 0, 0, 0xa};
static const __u8 station_b[ETH_ALEN] = {2, 0, 0, 0, 0, 0xb};

/* xorshift64* */
__u32 frame_random(struct frame_rng *rng)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return (rng->state * 0x2545f4914f6cdd1dull) >> 32;
}

static __u8 *put(struct frame *f, __u32 n)
{
	__u8 *p = f->data + f->len;

	assert(f->len + n <= FRAME_MAX);
	f->len += n;
	return p;
}

static __u8 *put_random(struct frame *f, __u32 n, struct frame_rng *rng)
{
	__u8 *p = put(f, n);

	for (__u32 i = 0; i < n; i++)
		p[i] = frame_random(rng);
	return p;
}

static void put_eth(struct frame *f, const struct frame_spec *s)
{
	memcpy(put(f, ETH_ALEN), s->dst ? s->dst : station_b, ETH_ALEN);
	memcpy(put(f, ETH_ALEN), s->src ? s->src : station_a, ETH_ALEN);
	for (int i = 0; i < FRAME_TAGS && s->tags[i]; i++) {
		checksum_put16(put(f, 2), s->tags[i]);
		checksum_put16(put(f, 2), 100 + i);
	}
	checksum_put16(put(f, 2), s->type ? s->type : ETH_P_IP);
}

static void put_ip4(struct frame *f, const struct frame_spec *s, struct frame_layer *l,
		    struct frame_rng *rng)
{
	__u8 *ip = put_random(f, IP4_LEN, rng);

	ip[0] = 4 << 4 | (IP4_LEN + s->options) / 4;
	checksum_put16(ip + 6, s->frag);
	ip[8] = TTL;
	ip[9] = l->proto;
	l->addrs = l->ip + 12;
	l->addrs_len = 8;
	memset(put(f, s->options), IPOPT_NOP, s->options);
}

static void put_ip6(struct frame *f, struct frame_layer *l, struct frame_rng *rng)
{
	__u8 *ip = put_random(f, IP6_LEN, rng);

	ip[0] = 6 << 4;
	ip[6] = l->proto;
	ip[7] = TTL;
	l->addrs = l->ip + 8;
	l->addrs_len = 32;
}

/* Offset of the checksum in the header, or 0. */
static __u32 field_of(__u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
		return 6;
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return 0;
	}
}

static void put_frame(struct frame *f, const struct frame_spec *s, struct frame_rng *rng);

static void put_l4(struct frame *f, const struct frame_spec *s, struct frame_layer *l,
		   struct frame_rng *rng)
{
	__u32 at = field_of(l->proto);
	__u8 *l4;

	l->l4 = f->len;
	l4 = put_random(f, s->inner ? 8 + VXLAN_LEN : s->len ? s->len : L4_LEN, rng);
	if (s->inner) {
		checksum_put16(l4 + 2, VXLAN_PORT);
		put_frame(f, s->inner, rng);
	}
	l->len = f->len - l->l4;
	if (at && l->len >= at + 2)
		l->field = l->l4 + at;
	if (l->proto == IPPROTO_UDP && l->len >= 6)
		checksum_put16(l4 + 4, l->len);
}

static void set_ip_len(struct frame *f, const struct frame_layer *l)
{
	__u8 *ip = f->data + l->ip;

	if (l->addrs_len == 32) {
		checksum_put16(ip + 4, l->len);
		return;
	}
	checksum_put16(ip + 2, f->len - l->ip);
	frame_ip4_sum(f, l);
}

void frame_ip4_sum(struct frame *f, const struct frame_layer *l)
{
	__u8 *ip = f->data + l->ip;

	checksum_put16(ip + 10, 0);
	checksum_put16(ip + 10, ~checksum_add(0, ip, (ip[0] & 15) * 4));
}

__u16 frame_pseudo(const struct frame *f, const struct frame_layer *l)
{
	__u8 tail[4];

	checksum_put16(tail, l->len);
	checksum_put16(tail + 2, l->proto);
	return checksum_add(checksum_add(0, tail, 4), f->data + l->addrs, l->addrs_len);
}

static __u16 sum(const struct frame *f, const struct frame_layer *l)
{
	return checksum_add(frame_pseudo(f, l), f->data + l->l4, l->len);
}

bool frame_is_valid(const struct frame *f, const struct frame_layer *l)
{
	if (!l->field || (l->proto == IPPROTO_UDP && !checksum_get16(f->data + l->field)))
		return true;
	return sum(f, l) == 0xffff;
}

void frame_complete(struct frame *f, const struct frame_layer *l)
{
	__u8 *field = f->data + l->field;
	__u16 value;

	checksum_put16(field, 0);
	value = ~sum(f, l);
	checksum_put16(field, value || l->proto != IPPROTO_UDP ? value : 0xffff);
}

/* The source port, or the identifier of an echo, takes up the difference. */
static void force(struct frame *f, const struct frame_layer *l, __u16 value)
{
	__u8 *word = f->data + l->l4 + (l->proto == IPPROTO_ICMPV6 ? 4 : 0);
	__u8 want[2];

	checksum_put16(f->data + l->field, 0);
	checksum_put16(word, 0);
	checksum_put16(want, ~value);
	checksum_put16(word, checksum_add(~sum(f, l), want, 2));
}

static void complete_lco(struct frame *f, const struct frame_layer *l)
{
	__u8 *inner = f->data + l[1].field;
	__u16 partial = checksum_get16(inner);

	if (l[1].field)
		frame_complete(f, &l[1]);
	frame_complete(f, l);
	if (l[1].field)
		checksum_put16(inner, partial);
}

static void spoil(struct frame *f, const struct frame_layer *l)
{
	__u8 *field = f->data + l->field;
	__u16 value = checksum_get16(field);

	do {
		checksum_put16(field, ++value);
	} while (!value || value == frame_pseudo(f, l) || frame_is_valid(f, l));
}

static void set_sum(struct frame *f, const struct frame_spec *s, const struct frame_layer *l)
{
	if (s->force)
		force(f, l, s->force == FORCE_PARTIAL ? frame_pseudo(f, l) : 0);
	if (s->sum == SUM_COMPLETE)
		frame_complete(f, l);
	else if (s->sum == SUM_PARTIAL)
		checksum_put16(f->data + l->field, frame_pseudo(f, l));
	else if (s->sum == SUM_NONE)
		checksum_put16(f->data + l->field, 0);
	else if (s->sum == SUM_LCO)
		complete_lco(f, l);
	else
		spoil(f, l);
}

static void put_ip(struct frame *f, const struct frame_spec *s, struct frame_rng *rng)
{
	struct frame_layer *l = &f->layer[f->layers++];

	l->ip = f->len;
	l->proto = s->proto ? s->proto : IPPROTO_UDP;
	if (s->type == ETH_P_IPV6)
		put_ip6(f, l, rng);
	else
		put_ip4(f, s, l, rng);
	put_l4(f, s, l, rng);
	set_ip_len(f, l);
	if (l->field)
		set_sum(f, s, l);
}

static void put_frame(struct frame *f, const struct frame_spec *s, struct frame_rng *rng)
{
	put_eth(f, s);
	if (s->raw)
		memcpy(put(f, s->raw_len), s->raw, s->raw_len);
	else if (!s->type || s->type == ETH_P_IP || s->type == ETH_P_IPV6)
		put_ip(f, s, rng);
	else
		put_random(f, s->len ? s->len : 46, rng);
}

void frame_build(struct frame *f, const struct frame_spec *s, struct frame_rng *rng)
{
	memset(f, 0, sizeof(*f) - sizeof(f->data));
	f->gso_size = s->gso_size;
	put_frame(f, s, rng);
	if (f->len < s->pad)
		put_random(f, s->pad - f->len, rng);
	if (s->cut && f->len > s->cut)
		f->len = s->cut;
}

bool frame_equal(const struct frame *a, const struct frame *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}
