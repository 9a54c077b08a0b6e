// SPDX-License-Identifier: GPL-2.0-only
/* The other end of a veth, in whatever network namespace it is. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "log.h"
#include "peerns.h"
#include "util.h"

/* Where namespaces are found: of iproute2, podman and CNI; of Docker; of processes. */
static const struct {
	const char *dir, *file;
} places[] = {
	{"/run/netns", ""},
	{"/run/docker/netns", ""},
	{"/proc", "/ns/net"},
};

struct search {
	struct mnl_socket *nl;
	int nsid;
	int found; /* -1: not yet */
	ino_t *seen;
	size_t n_seen;
};

static int nsid_attr(const struct nlattr *attr, void *nsid)
{
	if (mnl_attr_get_type(attr) == NETNSA_NSID)
		*(int *)nsid = (int)mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int nsid_message(const struct nlmsghdr *msg, void *nsid)
{
	return mnl_attr_parse(msg, sizeof(struct rtgenmsg), nsid_attr, nsid);
}

/* The id that our namespace has for another, given by a descriptor; negative when it has none. */
static int nsid_of(struct mnl_socket *nl, int fd)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct rtgenmsg *family;
	int nsid = NETNSA_NSID_NOT_ASSIGNED;
	ssize_t len;

	msg->nlmsg_type = RTM_GETNSID;
	msg->nlmsg_flags = NLM_F_REQUEST;
	family = mnl_nlmsg_put_extra_header(msg, sizeof(*family));
	family->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(msg, NETNSA_FD, fd);
	if (mnl_socket_sendto(nl, msg, msg->nlmsg_len) < 0)
		return -errno;
	len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (len < 0 || mnl_cb_run(buf, len, 0, 0, nsid_message, &nsid) < 0)
		return -errno;
	return nsid;
}

/* False when this inode was seen before. */
static bool is_new(struct search *s, ino_t inode)
{
	ino_t *seen;

	for (size_t i = 0; i < s->n_seen; i++) {
		if (s->seen[i] == inode)
			return false;
	}
	if (s->n_seen % 64 == 0) {
		seen = realloc(s->seen, (s->n_seen + 64) * sizeof(*seen));
		if (!seen)
			return true;
		s->seen = seen;
	}
	s->seen[s->n_seen++] = inode;
	return true;
}

static void try_path(struct search *s, const char *path)
{
	struct stat st;
	int fd;

	if (stat(path, &st) || !S_ISREG(st.st_mode) || !is_new(s, st.st_ino))
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (nsid_of(s->nl, fd) == s->nsid)
		s->found = fd;
	else
		close(fd);
}

static void try_dir(struct search *s, const char *name, const char *file)
{
	char path[PATH_MAX];
	struct dirent *d;
	DIR *dir;

	dir = opendir(name);
	while (dir && s->found < 0 && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s%s", name, d->d_name, file);
		try_path(s, path);
	}
	if (dir)
		closedir(dir);
}

/* The namespace with this id, as a descriptor. Nothing is kept: ids change hands. */
static int find_namespace(int nsid, struct err *err)
{
	struct search s = {.nsid = nsid, .found = -1};

	s.nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!s.nl)
		return err_set(err, -errno, "no netlink socket to be had: %m");
	for (size_t i = 0; i < ARRAY_SIZE(places) && s.found < 0; i++)
		try_dir(&s, places[i].dir, places[i].file);
	mnl_socket_close(s.nl);
	free(s.seen);
	if (s.found >= 0)
		return s.found;
	return err_set(
		err, -ENOENT,
		"the other end of this veth is in a network namespace (id %d) that has neither "
		"a name nor a process to be seen from here",
		nsid);
}

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

static int open_peer(int nsid, struct err *err)
{
	_close_ int ns = -1;

	if (nsid == PEERNS_SAME) {
		int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		return sock < 0 ? err_set(err, -errno, "no socket to be had: %m") : sock;
	}
	ns = find_namespace(nsid, err);
	return ns < 0 ? ns : open_socket(ns, err);
}

int peer_socket(int ifindex, int nsid, struct ifreq *ifr, struct err *err)
{
	int sock = open_peer(nsid, err), rc;

	if (sock < 0)
		return sock;
	*ifr = (struct ifreq){.ifr_ifindex = ifindex};
	if (!ioctl(sock, SIOCGIFNAME, ifr))
		return sock;
	rc = err_set(err, -errno, "the other end of this veth (index %d) is gone: %m", ifindex);
	close(sock);
	return rc;
}

int peer_gro(int ifindex, int nsid, enum peer_gro_op op, bool *on, struct err *err)
{
	struct ethtool_value value = {.cmd = ETHTOOL_GGRO};
	struct ifreq ifr;
	_close_ int sock = peer_socket(ifindex, nsid, &ifr, err);

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
