// SPDX-License-Identifier: GPL-2.0-only
/* Packet sockets and taps, each with virtio-net headers. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "frames.h"

#define RECEIVE_BUFFER (256 << 20)

static int set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) ? -errno : 0;
}

static int set_options(int fd)
{
	int err = set_option(fd, SOL_PACKET, PACKET_VNET_HDR, 1);

	err = err ?: set_option(fd, SOL_PACKET, PACKET_AUXDATA, 1);
	err = err ?: set_option(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
	return err ?: set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
}

int io_open_socket(struct io *io, const char *name)
{
	struct sockaddr_ll addr = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(name)};
	int fd, err;

	if (!addr.sll_ifindex)
		return -ENODEV;
	/* protocol 0 until it is bound: nothing of other devices gets in */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	err = set_options(fd);
	addr.sll_protocol = __builtin_bswap16(ETH_P_ALL);
	if (!err && bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	*io = (struct io){.fd = {fd}, .n = 1, .vnet_hdr = true};
	return 0;
}

static int open_queue(const char *name, int flags)
{
	unsigned int offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
	struct ifreq ifr = {.ifr_flags = flags};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK), err;

	if (fd < 0)
		return -errno;
	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	if (!ioctl(fd, TUNSETIFF, &ifr) &&
	    (!(flags & IFF_VNET_HDR) || !ioctl(fd, TUNSETOFFLOAD, offloads)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

int io_open_tap(struct io *io, const char *name, int queues, bool vnet_hdr)
{
	int flags = IFF_TAP | IFF_NO_PI | (vnet_hdr ? IFF_VNET_HDR : 0) |
		    (queues > 1 ? IFF_MULTI_QUEUE : 0);

	*io = (struct io){.is_tap = true, .vnet_hdr = vnet_hdr};
	for (; io->n < queues; io->n++) {
		io->fd[io->n] = open_queue(name, flags);
		if (io->fd[io->n] < 0)
			return io->fd[io->n];
	}
	return 0;
}

int io_send(const struct io *io, int queue, const struct frame *f)
{
	struct iovec iov[] = {
		{(void *)&f->vnet, sizeof(f->vnet)},
		{(void *)f->data, f->len},
	};
	int skip = io->vnet_hdr ? 0 : 1;

	return writev(io->fd[queue], iov + skip, 2 - skip) < 0 ? -errno : 0;
}

/* The kernel takes the tag out of the frame before a packet socket sees it; from a tap it comes
 * inside. */
static void read_tag(struct msghdr *msg, struct frame *f)
{
	const struct tpacket_auxdata *aux;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		aux = (void *)CMSG_DATA(c);
		if (aux->tp_status & TP_STATUS_VLAN_VALID)
			f->vlan = aux->tp_vlan_tci & 0xfff;
	}
}

static ssize_t receive_socket(int fd, struct iovec *iov, struct frame *f)
{
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct msghdr msg = {
		.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(fd, &msg, 0);

	if (len >= 0)
		read_tag(&msg, f);
	return len;
}

int io_receive(const struct io *io, int queue, struct frame *f)
{
	struct iovec iov[] = {
		{&f->vnet, sizeof(f->vnet)},
		{f->data, sizeof(f->data)},
	};
	int skip = io->vnet_hdr ? 0 : 1;
	ssize_t len;

	memset(&f->vnet, 0, sizeof(f->vnet));
	f->vlan = -1;
	if (io->is_tap)
		len = readv(io->fd[queue], iov + skip, 2 - skip);
	else
		len = receive_socket(io->fd[queue], iov, f);
	if (len < 0)
		return -errno;
	f->len = len - (io->vnet_hdr ? sizeof(f->vnet) : 0);
	return 0;
}
