/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the frames tool share. */
#pragma once

#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX  65600 /* a whole GSO frame */
#define QUEUES_MAX 8

struct vhost;

/* Where frames go out and come in: a packet socket, or the queues of a tap, which the tool owns as
 * a VM would. */
struct io {
	int fd[QUEUES_MAX];
	int n;
	bool is_tap;
	bool vnet_hdr;       /* always on a packet socket */
	struct vhost *vhost; /* what serves the tap, or NULL; then fd has its events */
};

/* A frame with the header that says what is left to do with it. */
struct frame {
	struct virtio_net_hdr vnet;
	uint8_t data[FRAME_MAX];
	size_t len;
	int vlan; /* of a tag the kernel took out on reception, or -1 */
};

/* Each 0 or -errno. */
int io_open_socket(struct io *io, const char *name);
int io_open_tap(struct io *io, const char *name, int queues, bool vnet_hdr);
int io_send(const struct io *io, int queue, const struct frame *f);
int io_receive(const struct io *io, int queue, struct frame *f);

/* vhost_start hands a tap of one queue, with virtio-net headers, to /dev/vhost-net. What is sent
 * leaves at vhost_flush, in one batch. */
int vhost_start(struct io *io);
void vhost_send(struct vhost *v, const struct frame *f);
void vhost_flush(struct vhost *v);
int vhost_receive(struct vhost *v, struct frame *f);

enum proto { PROTO_RAW, PROTO_ARP, PROTO_UDP, PROTO_TCP, PROTO_ICMP6 };

/* A stream of frames that differ by their sequence number. */
struct stream {
	uint8_t dst[6], src[6];
	enum proto proto;
	bool ipv6;
	bool partial; /* the checksum is left to the device */
	bool bad;     /* the checksum is wrong */
	int vlan;     /* -1 without */
	size_t len;   /* of the frame, with Ethernet header, without tag and FCS */
	uint16_t gso; /* payload per segment, 0: no GSO */
	uint32_t id;
};

/* The payload repeats this, so that every segment of a GSO frame tells where it belongs. */
struct mark {
	uint32_t magic, id;
	uint64_t seq;
} __attribute__((packed));

#define MARK_MAGIC 0x4b565321

/* The shortest frame that has room for one mark, and at least 60. */
size_t build_min(const struct stream *s);
void build(const struct stream *s, uint64_t seq, struct frame *f);

/* Folded one's complement sum of data, added to sum. */
uint16_t csum_add(uint32_t sum, const void *data, size_t len);

/* Where the parts of a frame lie. */
struct layers {
	int vlan;                    /* of a tag in the frame, or -1 */
	size_t l3, l4, payload, end; /* end: where IP says the frame ends */
	uint8_t proto;               /* IPPROTO_*, 0 when there is no checksum to check */
	uint16_t pseudo;             /* folded sum of the pseudo-header */
	size_t field;                /* offset of the checksum */
};

void layers_find(const struct frame *f, struct layers *l);

/* What was received, by stream. */
struct report;

struct report *report_new(void);
void report_add(struct report *r, const struct frame *f);
uint64_t report_frames(const struct report *r);
void report_print(const struct report *r);
void report_free(struct report *r);

/* Carry frames between two taps until one is gone or a signal comes: the second is the device of a
 * VM's guest whose virtio-net is the first. 0 or -errno.
 */
int pump_run(const struct io *a, const struct io *b);
