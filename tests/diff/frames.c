// SPDX-License-Identifier: GPL-2.0-only
/* Random frames: addresses, tags, ethertypes, damage. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <stddef.h>
#include <string.h>

#include "frames.h"
#include "frames_ip.h"

void frame_station(uint8_t *mac, unsigned int station)
{
	memcpy(mac, (uint8_t[]){2, 0, 0, 0, 0, station + 1}, ETH_ALEN);
}

void frame_device(uint8_t *mac, unsigned int port)
{
	memcpy(mac, (uint8_t[]){2, 0xaa, 0, 0, 0, port + 1}, ETH_ALEN);
}

void frame_bridge(uint8_t *mac)
{
	memcpy(mac, (uint8_t[]){2, 0xbb, 0, 0, 0, 1}, ETH_ALEN);
}

uint32_t frame_ip(unsigned int station)
{
	return htonl(0x0a000001 + station);
}

static void source(uint8_t *mac, struct rng *r, unsigned int port)
{
	uint32_t dice = rng_below(r, 1000);

	frame_station(mac, port + 4 * rng_below(r, STATIONS / 4));
	if (dice < 60)
		frame_station(mac, rng_below(r, STATIONS));
	else if (dice < 66)
		frame_bridge(mac);
	else if (dice < 72)
		frame_device(mac, rng_below(r, 4));
	else if (dice < 76)
		mac[0] |= 1;
	else if (dice < 79)
		memset(mac, 0, ETH_ALEN);
	else if (dice < 90)
		mac[5] = 0x40 + rng_below(r, 8);
}

static void group(uint8_t *mac, struct rng *r)
{
	switch (rng_below(r, 5)) {
	case 0:
		memcpy(mac, (uint8_t[]){1, 0, 0x5e, 1, 2, rng_below(r, 4)}, ETH_ALEN);
		break;
	case 1:
		memcpy(mac, (uint8_t[]){0x33, 0x33, 0, 0, 0, rng_below(r, 4)}, ETH_ALEN);
		break;
	case 2: /* what bridges do not forward, or only by group_fwd_mask */
		memcpy(mac, (uint8_t[]){1, 0x80, 0xc2, 0, 0, rng_below(r, 17)}, ETH_ALEN);
		break;
	default:
		memset(mac, 0xff, ETH_ALEN);
	}
}

static void destination(uint8_t *mac, struct rng *r)
{
	uint32_t dice = rng_below(r, 100);

	frame_station(mac, rng_below(r, STATIONS));
	if (dice < 15)
		group(mac, r);
	else if (dice < 19)
		frame_bridge(mac);
	else if (dice < 21)
		frame_device(mac, rng_below(r, 4));
	else if (dice < 24)
		mac[5] = 0x80 + rng_below(r, 4);
	else if (dice < 25)
		memset(mac, 0, ETH_ALEN);
}

static void put16(struct frame *f, uint16_t value)
{
	f->data[f->len++] = value >> 8;
	f->data[f->len++] = value;
}

/* VLANs 0 (priority) to 4, and the last one */
static void tag(struct frame *f, struct rng *r)
{
	put16(f, rng_percent(r, 75) ? ETH_P_8021Q : ETH_P_8021AD);
	put16(f, rng_below(r, 8) << 13 | (rng_percent(r, 4) ? 4095 : rng_below(r, 5)));
}

static void tags(struct frame *f, struct rng *r)
{
	uint32_t dice = rng_below(r, 100);
	int n = dice < 75 ? 0 : dice < 92 ? 1 : dice < 98 ? 2 : 3;

	while (n--)
		tag(f, r);
}

static uint32_t size(struct rng *r)
{
	uint32_t dice = rng_below(r, 100);

	if (dice < 50)
		return rng_below(r, 128);
	if (dice < 75)
		return 1400 + rng_below(r, 140); /* about the MTU */
	return dice < 97 ? rng_below(r, 1500) : rng_below(r, 9000);
}

static void other(struct frame *f, struct rng *r)
{
	static const uint16_t types[] = {
		0x88b5,   ETH_P_LLDP, ETH_P_PAE,   0x88cc, 0x8863, ETH_P_MPLS_UC,
		ETH_P_IP, ETH_P_IPV6, ETH_P_8021Q, 60,     0};
	uint32_t len = size(r);

	put16(f, types[rng_below(r, sizeof(types) / sizeof(types[0]))]);
	rng_fill(r, f->data + f->len, len);
	f->len += len;
}

static void arp(struct frame *f, struct rng *r)
{
	uint8_t *p;
	uint32_t sender = frame_ip(rng_below(r, STATIONS)),
		 target = frame_ip(rng_below(r, STATIONS + 2));

	put16(f, rng_percent(r, 90) ? ETH_P_ARP : ETH_P_RARP);
	p = f->data + f->len;
	memcpy(p, (uint8_t[]){0, 1, 8, 0, 6, 4, 0, 1 + rng_below(r, 2)}, 8);
	memcpy(p + 8, f->data + ETH_ALEN, ETH_ALEN);
	memcpy(p + 14, rng_percent(r, 10) ? &target : &sender, 4);
	memset(p + 18, 0, ETH_ALEN);
	memcpy(p + 24, &target, 4);
	f->len += 28;
}

/* in bytes that say what the frame is, or by cutting it */
static void damage(struct frame *f, struct rng *r)
{
	uint32_t end = f->len < 80 ? f->len : 80;

	if (rng_percent(r, 50) || f->len <= 2 * ETH_ALEN) {
		f->len = rng_percent(r, 10) ? rng_below(r, 15) : 14 + rng_below(r, 50);
		return;
	}
	for (uint32_t n = 1 + rng_below(r, 3); n; n--)
		f->data[2 * ETH_ALEN + rng_below(r, end - 2 * ETH_ALEN)] = rng_next(r);
}

static void damage_header(struct frame *f, struct rng *r, bool is_xdp)
{
	/* no UFO: the fragments the kernel makes of it have random numbers */
	static const uint8_t types[] = {0, 1, 2, 4, 5, 0x81};
	struct virtio_net_hdr *h = &f->hdr;

	if (rng_percent(r, 50))
		h->flags = rng_below(r, 4);
	if (rng_percent(r, 50))
		h->csum_start = rng_below(r, 80);
	if (rng_percent(r, 50))
		h->csum_offset = rng_below(r, 30);
	if (rng_percent(r, 30))
		h->gso_type = types[is_xdp + rng_below(r, sizeof(types) - is_xdp)];
	if (rng_percent(r, 30))
		h->gso_size = 64 + rng_below(r, 1500);
	if (rng_percent(r, 30))
		h->hdr_len = rng_below(r, 100);
}

/* As nobody should send it: GSO, no longer than a small MTU perhaps, without a partial checksum. */
static void complete_gso(struct frame *f, struct rng *r)
{
	frame_complete(&f->hdr, f->data, f->len);
	f->hdr.flags = 0;
	f->hdr.gso_size = 64 + rng_below(r, 300);
}

void frame_random(struct frame *f, struct rng *r, unsigned int port, bool is_xdp)
{
	bool is_damaged = rng_percent(r, 6);
	uint32_t dice = rng_below(r, 100);

	memset(f, 0, offsetof(struct frame, data) + 128);
	destination(f->data, r);
	source(f->data + ETH_ALEN, r, port);
	f->len = 2 * ETH_ALEN;
	tags(f, r);
	if (dice < 25)
		other(f, r);
	else if (dice < 33)
		arp(f, r);
	else
		frame_put_ip(f, r, dice < 68, !(is_xdp && is_damaged), size(r));
	if (is_damaged)
		damage(f, r);
	if (rng_percent(r, is_xdp ? 15 : 4) && (!is_xdp || f->hdr.gso_type))
		damage_header(f, r, is_xdp);
	if (f->hdr.gso_type && rng_percent(r, 20))
		complete_gso(f, r);
}

void frame_plain(struct frame *f, unsigned int from, int to)
{
	memset(f, 0, offsetof(struct frame, data) + 60);
	memset(f->data, 0xff, ETH_ALEN);
	if (to >= 0)
		frame_station(f->data, to);
	frame_station(f->data + ETH_ALEN, from);
	f->len = 2 * ETH_ALEN;
	put16(f, 0x88b5);
	f->len = 60;
}
