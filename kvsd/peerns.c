// SPDX-License-Identifier: GPL-2.0-only
/* The other end of a veth, in whatever network namespace it is. */
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "log.h"
#include "peerns.h"
#include "util.h"

/* A socket stays in the namespace where it was made: we are there no longer than that takes. */
static int open_socket(int ns, struct err *err)
{
	_close_ int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int sock;

	if (home < 0)
		return err_set(err, -errno, "our own network namespace cannot be opened: %m");
	if (setns(ns, CLONE_NEWNET))
		return err_set(err, -errno,
			       "the namespace of a veth's other end is closed to us: %m");
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		sock = err_set(err, -errno, "no socket to be had in another namespace: %m");
	if (setns(home, CLONE_NEWNET)) {
		log_err("cannot return to our own network namespace: %s", strerror(errno));
		abort();
	}
	return sock;
}

static int open_peer(struct netns *all, int nsid, struct err *err)
{
	_close_ int ns = -1;

	if (nsid == PEERNS_SAME) {
		int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		return sock < 0 ? err_set(err, -errno, "no socket to be had: %m") : sock;
	}
	ns = netns_open(all, nsid, err);
	return ns < 0 ? ns : open_socket(ns, err);
}

int peer_socket(struct netns *ns, int ifindex, int nsid, struct ifreq *ifr, struct err *err)
{
	int sock = open_peer(ns, nsid, err), rc;

	if (sock < 0)
		return sock;
	*ifr = (struct ifreq){.ifr_ifindex = ifindex};
	if (!ioctl(sock, SIOCGIFNAME, ifr))
		return sock;
	rc = err_set(err, -errno, "the other end of this veth (index %d) is gone: %m", ifindex);
	close(sock);
	return rc;
}

int peer_gro(struct netns *ns, int ifindex, int nsid, enum peer_gro_op op, bool *on,
	     struct err *err)
{
	struct ethtool_value value = {.cmd = ETHTOOL_GGRO};
	struct ifreq ifr;
	_close_ int sock = peer_socket(ns, ifindex, nsid, &ifr, err);

	if (sock < 0)
		return sock;
	if (op == PEER_GRO_SET)
		value = (struct ethtool_value){ETHTOOL_SGRO, *on};
	ifr.ifr_data = (void *)&value;
	if (ioctl(sock, SIOCETHTOOL, &ifr))
		return err_set(err, -errno,
			       "GRO of '%s' (index %d, a veth's other end) is out of reach: %m",
			       ifr.ifr_name, ifindex);
	if (op == PEER_GRO_GET)
		*on = value.data;
	return 0;
}
