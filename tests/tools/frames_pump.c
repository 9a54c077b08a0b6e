// SPDX-License-Identifier: GPL-2.0-only
/* Make a namespace a VM's guest: what its device sends enters the switch's tap as from virtio-net,
 * and back. */
#include <errno.h>
#include <poll.h>

#include "frames.h"

#define BURST 64

static int receive(const struct io *from, int queue, struct frame *f)
{
	return from->vhost ? vhost_receive(from->vhost, f) : io_receive(from, queue, f);
}

static void send_to(const struct io *to, int queue, const struct frame *f)
{
	if (to->vhost)
		vhost_send(to->vhost, f);
	else
		io_send(to, queue, f);
}

/* A full or closed receiver loses the frame, as a guest's would. -errno when reading fails. */
static int carry_burst(const struct io *from, int queue, const struct io *to, struct frame *f)
{
	int err = 0;

	for (int i = 0; i < BURST && !err; i++) {
		err = receive(from, queue, f);
		if (!err)
			send_to(to, queue % to->n, f);
	}
	if (to->vhost)
		vhost_flush(to->vhost);
	return err == -EAGAIN ? 0 : err;
}

static int carry(const struct io *from, const struct pollfd *fds, const struct io *to,
		 struct frame *f)
{
	for (int i = 0, err; i < from->n; i++) {
		err = fds[i].revents ? carry_burst(from, i, to, f) : 0;
		if (err)
			return err;
	}
	return 0;
}

int pump_run(const struct io *a, const struct io *b)
{
	struct pollfd fds[2 * QUEUES_MAX] = {};
	struct frame f;
	int err = 0;

	for (int i = 0; i < a->n; i++)
		fds[i] = (struct pollfd){a->fd[i], POLLIN, 0};
	for (int i = 0; i < b->n; i++)
		fds[a->n + i] = (struct pollfd){b->fd[i], POLLIN, 0};
	while (!err) {
		if (poll(fds, a->n + b->n, -1) < 0)
			return -errno;
		err = carry(a, fds, b, &f) ?: carry(b, fds + a->n, a, &f);
	}
	return err;
}
