// SPDX-License-Identifier: GPL-2.0-only
/* Other network namespaces, by the id that ours has for them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/stat.h>

#include "netns.h"
#include "util.h"

/* Where namespaces are found: of iproute2, podman and CNI; of Docker; of processes. */
static const struct {
	const char *dir, *file;
} sources[] = {
	{"/run/netns", ""},
	{"/run/docker/netns", ""},
	{"/proc", "/ns/net"},
};

struct netns_place {
	int id;
	char *path;
};

struct look {
	struct netns *ns;
	struct mnl_socket *nl;
	ino_t *seen;
	size_t n_seen;
};

static int id_attr(const struct nlattr *attr, void *id)
{
	if (mnl_attr_get_type(attr) == NETNSA_NSID)
		*(int *)id = (int)mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int id_message(const struct nlmsghdr *msg, void *id)
{
	return mnl_attr_parse(msg, sizeof(struct rtgenmsg), id_attr, id);
}

/* The id that our namespace has for another, given by a descriptor; negative when it has none. */
static int id_of(struct mnl_socket *nl, int fd)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct rtgenmsg *family;
	int id = NETNSA_NSID_NOT_ASSIGNED;
	ssize_t len;

	msg->nlmsg_type = RTM_GETNSID;
	msg->nlmsg_flags = NLM_F_REQUEST;
	family = mnl_nlmsg_put_extra_header(msg, sizeof(*family));
	family->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(msg, NETNSA_FD, fd);
	if (mnl_socket_sendto(nl, msg, msg->nlmsg_len) < 0)
		return -errno;
	len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	if (len < 0 || mnl_cb_run(buf, len, 0, 0, id_message, &id) < 0)
		return -errno;
	return id;
}

/* The index of this id, or of where it belongs. */
static size_t place_of(const struct netns *ns, int id)
{
	size_t low = 0, high = ns->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (ns->place[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const char *known_path(const struct netns *ns, int id)
{
	size_t at = place_of(ns, id);

	return at < ns->n && ns->place[at].id == id ? ns->place[at].path : NULL;
}

static void forget_all(struct netns *ns)
{
	for (size_t i = 0; i < ns->n; i++)
		free(ns->place[i].path);
	ns->n = 0;
}

static void remember(struct netns *ns, int id, const char *path)
{
	struct netns_place *place = ns->place;
	size_t at = place_of(ns, id);
	char *copy = strdup(path);

	if (ns->n == ns->room) {
		place = realloc(place, (ns->room + 64) * sizeof(*place));
		ns->place = place ?: ns->place;
		ns->room += place ? 64 : 0;
	}
	if (!copy || !place) {
		free(copy);
		return;
	}
	memmove(place + at + 1, place + at, (ns->n - at) * sizeof(*place));
	place[at] = (struct netns_place){id, copy};
	ns->n++;
}

/* False when this inode was seen before. */
static bool is_new(struct look *look, ino_t inode)
{
	ino_t *seen;

	for (size_t i = 0; i < look->n_seen; i++) {
		if (look->seen[i] == inode)
			return false;
	}
	if (look->n_seen % 64 == 0) {
		seen = realloc(look->seen, (look->n_seen + 64) * sizeof(*seen));
		if (!seen)
			return true;
		look->seen = seen;
	}
	look->seen[look->n_seen++] = inode;
	return true;
}

/* A descriptor, or -1; *id is what our namespace calls it. */
static int open_path(struct netns *ns, struct mnl_socket *nl, const char *path, int *id)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	ns->opened++;
	*id = id_of(nl, fd);
	return fd;
}

static void look_at(struct look *look, const char *path)
{
	_close_ int fd = -1;
	struct stat st;
	int id;

	if (stat(path, &st) || !S_ISREG(st.st_mode) || !is_new(look, st.st_ino))
		return;
	fd = open_path(look->ns, look->nl, path, &id);
	if (fd >= 0 && id >= 0 && !known_path(look->ns, id))
		remember(look->ns, id, path);
}

static void look_into(struct look *look, const char *name, const char *file)
{
	char path[PATH_MAX];
	struct dirent *d;
	DIR *dir;

	dir = opendir(name);
	while (dir && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s%s", name, d->d_name, file);
		look_at(look, path);
	}
	if (dir)
		closedir(dir);
}

static void look_everywhere(struct netns *ns, struct mnl_socket *nl)
{
	struct look look = {.ns = ns, .nl = nl};

	forget_all(ns);
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
		look_into(&look, sources[i].dir, sources[i].file);
	free(look.seen);
	ns->has_looked = true;
}

/* Where it was last seen, if it is still there; else -1. */
static int open_known(struct netns *ns, struct mnl_socket *nl, int id)
{
	const char *path = known_path(ns, id);
	struct stat st;
	int fd, is = -1;

	if (!path || stat(path, &st) || !S_ISREG(st.st_mode))
		return -1;
	fd = open_path(ns, nl, path, &is);
	if (fd < 0 || is == id)
		return fd;
	close(fd);
	return -1;
}

int netns_open(struct netns *ns, int id, struct err *err)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int fd;

	if (!nl)
		return err_set(err, -errno, "no netlink socket to be had: %m");
	fd = open_known(ns, nl, id);
	if (fd < 0 && !(ns->batch && ns->has_looked)) {
		look_everywhere(ns, nl);
		fd = open_known(ns, nl, id);
	}
	mnl_socket_close(nl);
	if (fd >= 0)
		return fd;
	return err_set(err, -ENOENT,
		       "the other end of this veth is in a network namespace (id %d) that has "
		       "neither a name nor a process to be seen from here",
		       id);
}

void netns_begin(struct netns *ns)
{
	if (!ns->batch++)
		ns->has_looked = false;
}

void netns_end(struct netns *ns)
{
	ns->batch--;
}

void netns_free(struct netns *ns)
{
	forget_all(ns);
	free(ns->place);
}
