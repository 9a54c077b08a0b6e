// SPDX-License-Identifier: GPL-2.0-only
/* IGMP and MLD, and what is sent to their groups. Queries leave no time to answer, so that what
 * they start ends soon: a bridge then snoops at once, and groups that are asked for are gone.
 */
#include <arpa/inet.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/igmp.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <netinet/in.h>
#include <string.h>

#include "frames_ip.h"

#define GROUPS 4

enum what { DATA, REPORT, LEAVE, QUERY, QUERY_GROUP };

struct message {
	uint8_t type, len; /* of DATA: as UDP */
};

static const struct message igmp[] = {{0, 40},
				      {IGMPV2_HOST_MEMBERSHIP_REPORT, 8},
				      {IGMP_HOST_LEAVE_MESSAGE, 8},
				      {IGMP_HOST_MEMBERSHIP_QUERY, 12},
				      {IGMP_HOST_MEMBERSHIP_QUERY, 12}};
static const struct message mld[] = {{0, 40},
				     {ICMPV6_MGM_REPORT, 24},
				     {ICMPV6_MGM_REDUCTION, 24},
				     {ICMPV6_MGM_QUERY, 28},
				     {ICMPV6_MGM_QUERY, 28}};

static enum what choose(struct rng *r)
{
	uint32_t dice = rng_below(r, 100);

	return dice < 35   ? DATA
	       : dice < 68 ? REPORT
	       : dice < 80 ? LEAVE
	       : dice < 94 ? QUERY
			   : QUERY_GROUP;
}

static void put_checksum(uint8_t *to, const void *data, uint32_t len, uint32_t pseudo)
{
	uint16_t check = htons(~frame_sum(data, len, pseudo));

	memcpy(to, &check, sizeof(check));
}

static void put_igmp(struct frame *f, enum what what, unsigned int station, unsigned int k)
{
	static const uint32_t others[] = {
		[LEAVE] = 0xe0000002, [QUERY] = 0xe0000001, [QUERY_GROUP] = 0};
	const struct message *m = &igmp[what];
	uint32_t group = htonl(0xef010200 + k), other = htonl(others[what]);
	uint8_t *p = f->data + f->len + sizeof(struct iphdr);
	struct iphdr ip = {.version = 4,
			   .ihl = 5,
			   .tot_len = htons(sizeof(ip) + m->len),
			   .ttl = 1,
			   .protocol = m->type ? IPPROTO_IGMP : IPPROTO_UDP,
			   .saddr = frame_ip(station),
			   .daddr = other ?: group};

	put_checksum((uint8_t *)&ip.check, &ip, sizeof(ip), 0);
	memcpy(f->data, (uint8_t[]){1, 0, 0x5e}, 3);
	memcpy(f->data + 3, (uint8_t *)&ip.daddr + 1, 3);
	f->data[3] &= 0x7f;
	memcpy(f->data + f->len, &ip, sizeof(ip));
	memset(p, 0, m->len);
	p[0] = m->type;
	if (what != QUERY)
		memcpy(p + 4, &group, sizeof(group));
	if (m->type)
		put_checksum(p + 2, p, m->len, 0);
	else
		memcpy(p, (uint8_t[]){0x20, 1, 0x20, 2, 0, m->len, 0, 0}, 8);
	f->len += sizeof(ip) + m->len;
}

/* behind the addresses: for hosts to look at it, the router alert option */
static void put_mld(struct frame *f, enum what what, unsigned int station, unsigned int k)
{
	static const uint8_t alert[8] = {IPPROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0};
	static const uint8_t others[] = {[LEAVE] = 2, [QUERY] = 1, [QUERY_GROUP] = 0};
	const struct message *m = &mld[what];
	uint32_t skip = m->type ? sizeof(alert) : 0;
	uint8_t group[16] = {0xff, 5, [13] = 1, [15] = k},
		*p = f->data + f->len + sizeof(struct ipv6hdr);
	struct ipv6hdr ip = {.version = 6,
			     .payload_len = htons(skip + m->len),
			     .nexthdr = m->type ? IPPROTO_HOPOPTS : IPPROTO_UDP,
			     .hop_limit = 1};
	uint8_t *addrs = (uint8_t *)&ip.saddr;

	memcpy(addrs, (uint8_t[16]){0xfe, 0x80, [15] = 1 + station}, 16);
	memcpy(addrs + 16, others[what] ? (uint8_t[16]){0xff, 2, [15] = others[what]} : group, 16);
	memcpy(f->data, (uint8_t[]){0x33, 0x33}, 2);
	memcpy(f->data + 2, addrs + 28, 4);
	memcpy(f->data + f->len, &ip, sizeof(ip));
	memcpy(p, alert, skip);
	p += skip;
	memset(p, 0, m->len);
	p[0] = m->type;
	if (what != QUERY)
		memcpy(p + 8, group, sizeof(group));
	if (!m->type)
		memcpy(p, (uint8_t[]){0x20, 1, 0x20, 2, 0, m->len, 0, 0}, 8);
	put_checksum(p + (m->type ? 2 : 6), p, m->len,
		     frame_sum(addrs, 32, (m->type ? IPPROTO_ICMPV6 : IPPROTO_UDP) + m->len));
	f->len += sizeof(ip) + skip + m->len;
}

static void put_type(struct frame *f, uint16_t type)
{
	f->data[f->len++] = type >> 8;
	f->data[f->len++] = type;
}

bool frame_group(struct frame *f, struct rng *r, unsigned int port)
{
	unsigned int station = port + 4 * rng_below(r, STATIONS / 4), k = rng_below(r, GROUPS);
	bool is_ip4 = rng_percent(r, 60);
	enum what what = choose(r);

	memset(&f->hdr, 0, sizeof(f->hdr));
	frame_station(f->data + ETH_ALEN, station);
	f->len = 2 * ETH_ALEN;
	if (rng_percent(r, 15)) {
		put_type(f, ETH_P_8021Q);
		put_type(f, 1 + rng_below(r, 4));
	}
	put_type(f, is_ip4 ? ETH_P_IP : ETH_P_IPV6);
	if (is_ip4)
		put_igmp(f, what, station, k);
	else
		put_mld(f, what, station, k);
	return what >= LEAVE;
}
