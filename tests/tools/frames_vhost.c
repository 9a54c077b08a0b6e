// SPDX-License-Identifier: GPL-2.0-only
/* The kernel's vhost-net serves a tap, as under QEMU; this is the guest's driver of its two rings.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "frames.h"

#define RING      256 /* as QEMU has it */
#define PAGE      4096
#define SLOT      (sizeof(struct virtio_net_hdr) + FRAME_MAX)
#define RING_AREA (4 * PAGE) /* more than vring_size(RING, PAGE) */
#define HALF      ((RING_AREA + RING * SLOT + PAGE - 1) / PAGE * PAGE) /* one ring, its buffers */

/* Descriptor i always has buffer i. */
struct ring {
	struct vring vring;
	uint8_t *buffers;
	uint16_t seen; /* of vring.used */
	int kick, call;
};

struct vhost {
	int fd;
	struct ring rx, tx;
	uint8_t *memory; /* the guest's: ours, at the same addresses */
};

static int ring_init(struct ring *r, uint8_t *at, uint16_t flags)
{
	vring_init(&r->vring, RING, at, PAGE);
	r->buffers = at + RING_AREA;
	for (int i = 0; i < RING; i++)
		r->vring.desc[i] = (struct vring_desc){
			.addr = (uintptr_t)(r->buffers + i * SLOT), .len = SLOT, .flags = flags};
	r->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return r->kick < 0 || r->call < 0 ? -errno : 0;
}

/* Hand a descriptor to the kernel. */
static void ring_give(struct ring *r, uint16_t desc)
{
	uint16_t idx = r->vring.avail->idx;

	r->vring.avail->ring[idx % RING] = desc;
	__atomic_store_n(&r->vring.avail->idx, idx + 1, __ATOMIC_SEQ_CST);
}

static void ring_kick(const struct ring *r)
{
	eventfd_write(r->kick, 1);
}

/* What the kernel is done with, or NULL. */
static const struct vring_used_elem *ring_take(struct ring *r)
{
	if (__atomic_load_n(&r->vring.used->idx, __ATOMIC_SEQ_CST) == r->seen)
		return NULL;
	return &r->vring.used->ring[r->seen++ % RING];
}

static int ring_start(int fd, unsigned int index, const struct ring *r, int tap)
{
	struct vhost_vring_addr addr = {
		.index = index,
		.desc_user_addr = (uintptr_t)r->vring.desc,
		.used_user_addr = (uintptr_t)r->vring.used,
		.avail_user_addr = (uintptr_t)r->vring.avail,
	};
	struct vhost_vring_state num = {index, RING}, base = {index, 0};
	struct vhost_vring_file kick = {index, r->kick}, call = {index, r->call};
	struct vhost_vring_file backend = {index, tap};

	if (ioctl(fd, VHOST_SET_VRING_NUM, &num) || ioctl(fd, VHOST_SET_VRING_BASE, &base) ||
	    ioctl(fd, VHOST_SET_VRING_ADDR, &addr) || ioctl(fd, VHOST_SET_VRING_KICK, &kick) ||
	    ioctl(fd, VHOST_SET_VRING_CALL, &call) || ioctl(fd, VHOST_NET_SET_BACKEND, &backend))
		return -errno;
	return 0;
}

static int share_memory(const struct vhost *v)
{
	uint64_t features = 0; /* without any, the tap's own header is the guest's */
	size_t size = sizeof(struct vhost_memory) + sizeof(struct vhost_memory_region);
	struct vhost_memory *table = calloc(1, size);
	int err = 0;

	if (!table)
		return -ENOMEM;
	table->nregions = 1;
	table->regions[0] = (struct vhost_memory_region){
		.guest_phys_addr = (uintptr_t)v->memory,
		.memory_size = 2 * HALF,
		.userspace_addr = (uintptr_t)v->memory,
	};
	if (ioctl(v->fd, VHOST_SET_OWNER) || ioctl(v->fd, VHOST_SET_FEATURES, &features) ||
	    ioctl(v->fd, VHOST_SET_MEM_TABLE, table))
		err = -errno;
	free(table);
	return err;
}

static int rings_init(struct vhost *v)
{
	int err;

	v->memory =
		mmap(NULL, 2 * HALF, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (v->memory == MAP_FAILED)
		return -errno;
	err = ring_init(&v->rx, v->memory, VRING_DESC_F_WRITE);
	err = err ?: ring_init(&v->tx, v->memory + HALF, 0);
	for (int i = 0; i < RING && !err; i++)
		ring_give(&v->rx, i);
	v->tx.vring.avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	return err;
}

int vhost_start(struct io *io)
{
	struct vhost *v = calloc(1, sizeof(*v));
	int err, tap = io->fd[0];

	if (!v || io->n > 1)
		return v ? -EINVAL : -ENOMEM;
	v->fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
	err = v->fd < 0 ? -errno : rings_init(v);
	err = err ?: share_memory(v);
	err = err ?: ring_start(v->fd, 0, &v->rx, tap);
	err = err ?: ring_start(v->fd, 1, &v->tx, tap);
	if (err)
		return err; /* the process ends, and all this with it */
	ring_kick(&v->rx);
	io->vhost = v;
	io->fd[0] = v->rx.call;
	return 0;
}

static bool is_full(struct ring *r)
{
	while (ring_take(r)) /* in the order they were given */
		;
	return (uint16_t)(r->vring.avail->idx - r->seen) == RING;
}

void vhost_send(struct vhost *v, const struct frame *f)
{
	struct ring *r = &v->tx;
	uint16_t desc = r->vring.avail->idx % RING;
	uint8_t *to = r->buffers + desc * SLOT;

	while (is_full(r)) { /* which stops a guest's device, too */
		ring_kick(r);
		usleep(200);
	}
	memcpy(to, &f->vnet, sizeof(f->vnet));
	memcpy(to + sizeof(f->vnet), f->data, f->len);
	r->vring.desc[desc].len = sizeof(f->vnet) + f->len;
	ring_give(r, desc);
}

void vhost_flush(struct vhost *v)
{
	ring_kick(&v->tx);
}

int vhost_receive(struct vhost *v, struct frame *f)
{
	struct ring *r = &v->rx;
	const struct vring_used_elem *used = ring_take(r);
	const uint8_t *from;
	eventfd_t events;

	if (!used) {
		eventfd_read(r->call, &events);
		used = ring_take(r); /* what came before the event was read */
	}
	if (!used)
		return -EAGAIN;
	from = r->buffers + used->id * SLOT;
	memcpy(&f->vnet, from, sizeof(f->vnet));
	f->len = used->len - sizeof(f->vnet);
	memcpy(f->data, from + sizeof(f->vnet), f->len);
	ring_give(r, used->id);
	ring_kick(r);
	return 0;
}
