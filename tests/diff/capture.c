// SPDX-License-Identifier: GPL-2.0-only
/* What left the ports of both sides, and whether it is the same. */
#include <errno.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "capture.h"

#define PACKETS  2048
#define ARENA    (8 << 20)
#define HOST     PORTS /* as a port: the bridge device itself */
#define PATIENCE 2.0   /* seconds for what does not leave at once */

struct packet {
	uint16_t port, vlan, tpid;
	uint8_t type; /* PACKET_HOST ... */
	bool is_bpdu; /* the bridge's own */
	struct virtio_net_hdr hdr;
	uint32_t len;
	uint8_t *data;
};

struct capture {
	uint32_t n, used;
	struct packet packet[PACKETS];
	uint8_t arena[ARENA];
};

static struct packet *next(struct capture *c)
{
	struct packet *p = &c->packet[c->n];

	if (c->n == PACKETS || c->used + 70000 > ARENA)
		return NULL;
	memset(p, 0, sizeof(*p));
	p->data = c->arena + c->used;
	return p;
}

/* With multicast snooping the bridge joins a group, and says so at random times. */
static bool is_own_report(const struct packet *p, uint32_t len)
{
	const uint8_t *type = p->data + 12;
	uint8_t mac[6];

	frame_bridge(mac);
	if (len >= 38 && (type[0] == 0x81 || type[0] == 0x88) && type[4] == 8)
		type += 4; /* VLAN */
	return len >= 34 && !memcmp(p->data + 6, mac, 6) && type[0] == 8 && !type[1] &&
	       type[11] == 2;
}

static bool is_own_bpdu(const struct packet *p, int port, uint32_t len)
{
	static const uint8_t groups[] = {1, 0x80, 0xc2, 0, 0}, llc[] = {0x42, 0x42, 3};
	uint8_t mac[6];

	frame_device(mac, port);
	return len >= 17 && !memcmp(p->data, groups, 5) && !memcmp(p->data + 6, mac, 6) &&
	       !memcmp(p->data + 14, llc, 3);
}

static void keep(struct capture *c, struct packet *p, int port, ssize_t n)
{
	uint32_t len = n - sizeof(p->hdr);

	if (is_own_report(p, len))
		return;
	p->port = port;
	p->is_bpdu = is_own_bpdu(p, port, len);
	if (p->is_bpdu && len >= 52)
		memset(p->data + 44, 0, 2); /* age */
	p->len = len;
	c->used += p->len;
	c->n++;
}

static void read_tap(struct capture *c, int port, int fd)
{
	struct packet *p;
	ssize_t n;

	while ((p = next(c))) {
		struct iovec iov[] = {{&p->hdr, sizeof(p->hdr)}, {p->data, 70000}};

		n = readv(fd, iov, 2);
		if (n < (ssize_t)sizeof(p->hdr))
			return;
		keep(c, p, port, n);
	}
}

static void read_host(struct capture *c, int fd)
{
	struct packet *p;
	ssize_t n;

	while ((p = next(c))) {
		struct iovec iov[] = {{&p->hdr, sizeof(p->hdr)}, {p->data, 70000}};
		char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct sockaddr_ll from = {};
		struct msghdr msg = {.msg_name = &from,
				     .msg_namelen = sizeof(from),
				     .msg_iov = iov,
				     .msg_iovlen = 2,
				     .msg_control = control,
				     .msg_controllen = sizeof(control)};
		struct cmsghdr *cmsg;

		n = recvmsg(fd, &msg, 0);
		if (n < (ssize_t)sizeof(p->hdr))
			return;
		cmsg = CMSG_FIRSTHDR(&msg);
		if (cmsg && cmsg->cmsg_type == PACKET_AUXDATA) {
			p->vlan = ((struct tpacket_auxdata *)CMSG_DATA(cmsg))->tp_vlan_tci;
			p->tpid = ((struct tpacket_auxdata *)CMSG_DATA(cmsg))->tp_vlan_tpid;
		}
		p->type = from.sll_pkttype;
		keep(c, p, HOST, n);
	}
}

static void collect(struct side *s, struct capture *c)
{
	for (int i = 0; i < PORTS; i++)
		read_tap(c, i, s->tap[i]);
	read_host(c, s->host);
}

static int by_port(const void *a, const void *b)
{
	const struct packet *p = a, *q = b;

	if (p->port != q->port)
		return p->port - q->port;
	if (p->is_bpdu != q->is_bpdu)
		return p->is_bpdu - q->is_bpdu;
	return (p->data > q->data) - (p->data < q->data);
}

static bool is_same_sum(const uint8_t *a, const uint8_t *b)
{
	static const uint8_t zero[2] = {0, 0}, ones[2] = {255, 255};

	return (!memcmp(a, zero, 2) && !memcmp(b, ones, 2)) ||
	       (!memcmp(a, ones, 2) && !memcmp(b, zero, 2));
}

/* What only XDP may do, undone; see capture.h. */
static void level(struct packet *a, struct packet *b)
{
	struct virtio_net_hdr *h = &a->hdr;
	uint32_t at = h->csum_start + h->csum_offset;

	a->hdr.flags &= ~VIRTIO_NET_HDR_F_DATA_VALID;
	b->hdr.flags &= ~VIRTIO_NET_HDR_F_DATA_VALID;
	if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || h->gso_type ||
	    (b->hdr.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return;
	if (!frame_complete(h, a->data, a->len))
		return;
	memset(h, 0, sizeof(*h));
	if (at + 2 <= b->len && is_same_sum(a->data + at, b->data + at))
		memcpy(a->data + at, b->data + at, 2);
}

static bool is_equal(const struct world *w, struct packet *a, struct packet *b)
{
	if (a->port != b->port || a->len != b->len || a->type != b->type || a->vlan != b->vlan ||
	    a->tpid != b->tpid)
		return false;
	a->hdr.hdr_len = b->hdr.hdr_len = 0;
	if (w->mode != MODE_TC)
		level(a, b);
	return !memcmp(&a->hdr, &b->hdr, sizeof(a->hdr)) && !memcmp(a->data, b->data, a->len);
}

static int describe(char *to, size_t size, const char *side, const struct packet *p)
{
	const struct virtio_net_hdr *h = &p->hdr;
	int n = snprintf(
		to, size,
		"  %s: %s%d %u bytes, flags %u gso %u/%u hdr %u csum %u+%u tag %x type %u:", side,
		p->port == HOST ? "host" : "p", p->port == HOST ? 0 : p->port + 1, p->len, h->flags,
		h->gso_type, h->gso_size, h->hdr_len, h->csum_start, h->csum_offset, p->vlan,
		p->type);

	for (uint32_t i = 0; i < p->len && i < 100 && n + 4 < (int)size; i++)
		n += snprintf(to + n, size - n, "%s%02x", i % 2 ? "" : " ", p->data[i]);
	return n + snprintf(to + n, size - n, "\n");
}

/* The first that differ, and how many of each there are. */
static void explain(const struct capture *a, const struct capture *b, uint32_t i,
		    char text[TEXT_MAX])
{
	int n = snprintf(text, TEXT_MAX,
			 "plain bridge sent %u frames, KVS %u; from number %u on:\n", a->n, b->n,
			 i + 1);

	for (uint32_t k = i; k < i + 3; k++) {
		if (k < a->n)
			n += describe(text + n, TEXT_MAX / 8, "plain", &a->packet[k]);
		if (k < b->n)
			n += describe(text + n, TEXT_MAX / 8, "kvs  ", &b->packet[k]);
	}
}

int capture_compare(struct world *w, char text[TEXT_MAX])
{
	static struct capture a, b;
	double end = daemon_now() + PATIENCE;
	uint32_t i;

	a.n = a.used = b.n = b.used = 0;
	do {
		collect(&w->side[PLAIN], &a);
		collect(&w->side[KVS], &b);
		if (a.n == b.n)
			break;
		usleep(200);
	} while (daemon_now() < end);
	qsort(a.packet, a.n, sizeof(a.packet[0]), by_port);
	qsort(b.packet, b.n, sizeof(b.packet[0]), by_port);
	for (i = 0; i < a.n && i < b.n; i++)
		if (!is_equal(w, &a.packet[i], &b.packet[i]))
			break;
	if (i == a.n && i == b.n)
		return 0;
	explain(&a, &b, i, text);
	return 1;
}

static int print_fdb(char *to, size_t size, const char *side, const struct nlk_fdb *e)
{
	return snprintf(
		to, size,
		"  only %s: %02x:%02x:%02x:%02x:%02x:%02x dev %u vlan %u state %x flags %x ext %x\n",
		side, e->mac[0], e->mac[1], e->mac[2], e->mac[3], e->mac[4], e->mac[5], e->ifindex,
		e->vlan, e->state, e->flags, e->ext);
}

static int print_only(char *text, int n, const char *side, const struct nlk_fdbs *a,
		      const struct nlk_fdbs *b)
{
	for (uint32_t i = 0; i < a->n && n < TEXT_MAX / 2; i++) {
		bool found = false;

		for (uint32_t k = 0; k < b->n; k++)
			found |= !memcmp(&a->entry[i], &b->entry[k], sizeof(a->entry[i]));
		if (!found)
			n += print_fdb(text + n, TEXT_MAX - n, side, &a->entry[i]);
	}
	return n;
}

static bool is_same_fdb(const struct nlk_fdbs *a, const struct nlk_fdbs *b)
{
	return a->n == b->n && !memcmp(a->entry, b->entry, a->n * sizeof(a->entry[0]));
}

int capture_fdb(struct world *w, bool *changed, char text[TEXT_MAX])
{
	static struct nlk_fdbs a, b;
	double end = daemon_now() + PATIENCE;
	int n;

	*changed = false;
	do {
		if (nlk_fdb_dump(w->side[PLAIN].nl, &a) || nlk_fdb_dump(w->side[KVS].nl, &b)) {
			fprintf(stderr, "cannot read the forwarding database\n");
			return -1;
		}
		if (is_same_fdb(&a, &b)) {
			*changed = !is_same_fdb(&a, &w->fdb);
			w->fdb = a;
			return 0;
		}
		usleep(200);
	} while (daemon_now() < end);
	n = snprintf(text, TEXT_MAX, "the forwarding databases differ:\n");
	n = print_only(text, n, "plain", &a, &b);
	print_only(text, n, "kvs", &b, &a);
	return 1;
}

int capture_mdb(struct world *w, char text[TEXT_MAX])
{
	static struct nlk_mdbs a, b;
	double end = daemon_now() + PATIENCE;

	do {
		if (nlk_mdb_dump(w->side[PLAIN].nl, &a) || nlk_mdb_dump(w->side[KVS].nl, &b)) {
			fprintf(stderr, "cannot read the multicast database\n");
			return -1;
		}
		if (!a.is_changing && !b.is_changing && a.n == b.n &&
		    !memcmp(a.entry, b.entry, a.n * sizeof(a.entry[0])))
			return 0;
		usleep(1000);
	} while (daemon_now() < end);
	snprintf(text, TEXT_MAX,
		 "the multicast databases differ: %u entries on the plain bridge, %u\n", a.n, b.n);
	return 1;
}
