// SPDX-License-Identifier: GPL-2.0-only
/* A network namespace, and taps in it. */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "util.h"

/* Where there is no IPv6, nothing has to be kept quiet. */
static void silence_ipv6(void)
{
	_close_ int fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "1", 1) != 1)
		fprintf(stderr, "cannot disable IPv6: %m\n");
}

int tap_enter_namespace(void)
{
	if (unshare(CLONE_NEWNET))
		return -errno;
	silence_ipv6();
	return 0;
}

static int set_up(const char *name)
{
	struct ifreq ifr = {.ifr_flags = IFF_UP};
	_close_ int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	return sock < 0 || ioctl(sock, SIOCSIFFLAGS, &ifr) ? -errno : 0;
}

static int open_with(const char *name, int ifindex, int flags)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI | flags};
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -errno;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFINDEX, &ifindex) || ioctl(fd, TUNSETIFF, &ifr))
		err = -errno;
	else
		err = set_up(name);
	if (!err)
		return fd;
	close(fd);
	return err;
}

int tap_open(const char *name, int ifindex)
{
	return open_with(name, ifindex, 0);
}

int tap_open_vnet(const char *name, int ifindex)
{
	return open_with(name, ifindex, IFF_VNET_HDR);
}
