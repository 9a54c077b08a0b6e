// SPDX-License-Identifier: GPL-2.0-only
/* The folder of pins. */
#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "pin.h"
#include "util.h"

static const char *path_of(char buf[PATH_MAX], const char *dir, const char *name)
{
	snprintf(buf, PATH_MAX, "%s/%s", dir, name);
	return buf;
}

int pin_set(const char *dir, const char *name, int fd, struct err *err)
{
	char path[PATH_MAX];

	unlink(path_of(path, dir, name));
	if (bpf_obj_pin(fd, path))
		return err_set(err, -errno, "cannot pin %s: %s", path, strerror(errno));
	return 0;
}

void pin_unset(const char *dir, const char *name)
{
	char path[PATH_MAX];

	unlink(path_of(path, dir, name));
}

int pin_map(const char *dir, const char *name, struct bpf_map_info *info)
{
	char path[PATH_MAX];
	int fd = bpf_obj_get(path_of(path, dir, name));
	__u32 len = sizeof(*info);

	if (fd < 0)
		return fd;
	memset(info, 0, len);
	if (bpf_obj_get_info_by_fd(fd, info, &len)) {
		close(fd);
		return -errno;
	}
	return fd;
}

bool pin_is_used(const char *dir)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(dir, "kvs_ports", &info);

	return fd >= 0;
}

void pin_switches(const char *dir, void (*fn)(int ifindex, const struct kvs_switch *, void *),
		  void *data)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(dir, "kvs_switches", &info);
	struct kvs_switch sw;
	uint32_t key, *prev = NULL;

	if (fd < 0 || info.value_size != sizeof(sw))
		return;
	for (; !bpf_map_get_next_key(fd, prev, &key); prev = &key)
		if (!bpf_map_lookup_elem(fd, &key, &sw))
			fn(key, &sw, data);
}

void pin_ports(const char *dir, void (*fn)(const struct kvs_port *, void *), void *data)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(dir, "kvs_ports", &info);
	struct kvs_port port;

	if (fd < 0 || info.value_size != sizeof(port))
		return;
	for (uint32_t slot = 0; slot < info.max_entries; slot++)
		if (!bpf_map_lookup_elem(fd, &slot, &port) && port.ifindex)
			fn(&port, data);
}

bool pin_port(const char *dir, int ifindex, struct kvs_port *out, uint32_t *slot_out)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(dir, "kvs_ports", &info);
	struct kvs_port port;

	if (fd < 0 || info.value_size != sizeof(port))
		return false;
	for (uint32_t i = 0; i < KVS_PORT_PROBES; i++) {
		uint32_t slot = (ifindex + i) & (info.max_entries - 1);

		if (bpf_map_lookup_elem(fd, &slot, &port) || port.ifindex != (uint32_t)ifindex)
			continue;
		*out = port;
		*slot_out = slot;
		return true;
	}
	return false;
}

int pin_link_ifindex(int fd)
{
	struct {
		struct bpf_link_info info;
		char newer[64]; /* what a kernel after our headers says more */
	} got = {};
	__u32 len = sizeof(got);

	if (bpf_obj_get_info_by_fd(fd, &got.info, &len))
		return 0;
	/* struct xdp { ifindex }, struct tcx { ifindex, attach_type }: the same place */
	return got.info.xdp.ifindex;
}

static const char *link_name(char buf[64], int ifindex, const char *which)
{
	snprintf(buf, 64, "links/%d-%s", ifindex, which);
	return buf;
}

int pin_link_get(const char *dir, int ifindex, const char *which)
{
	char path[PATH_MAX], name[64];
	int fd = bpf_obj_get(path_of(path, dir, link_name(name, ifindex, which)));

	if (fd < 0)
		return -1;
	if (pin_link_ifindex(fd) == ifindex)
		return fd;
	/* the device went, and another got its number */
	close(fd);
	unlink(path);
	return -1;
}

int pin_link_set(const char *dir, int ifindex, const char *which, int fd)
{
	char path[PATH_MAX], name[64];

	if (mkdir(path_of(path, dir, "links"), 0700) && errno != EEXIST)
		return -errno;
	return pin_set(dir, link_name(name, ifindex, which), fd, NULL);
}

void pin_link_drop(const char *dir, int ifindex, const char *which, int *fd)
{
	char path[PATH_MAX], name[64];

	unlink(path_of(path, dir, link_name(name, ifindex, which)));
	if (*fd < 0)
		return;
	bpf_link_detach(*fd);
	close(*fd);
	*fd = -1;
}

static void each_file(const char *dir, const char *sub,
		      void (*fn)(int dir_fd, const char *name, void *), void *data)
{
	char path[PATH_MAX];
	DIR *d = opendir(path_of(path, dir, sub));
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			fn(dirfd(d), entry->d_name, data);
	if (d)
		closedir(d);
}

struct sweep {
	bool (*is_port)(int ifindex, void *data);
	void *data;
};

static void sweep_one(int dir_fd, const char *name, void *data)
{
	const struct sweep *sweep = data;

	if (!sweep->is_port(atoi(name), sweep->data))
		unlinkat(dir_fd, name, 0);
}

void pin_sweep_links(const char *dir, bool (*is_port)(int ifindex, void *), void *data)
{
	struct sweep sweep = {is_port, data};

	each_file(dir, "links", sweep_one, &sweep);
}

uint64_t pin_namespace(void)
{
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);

	if (fd < 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len))
		return 0;
	return cookie;
}

static uint64_t pinned_namespace(const char *dir)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(dir, "kvs_state", &info);
	struct kvs_state state;
	uint32_t zero = 0;

	if (fd < 0 || info.value_size != sizeof(state) || bpf_map_lookup_elem(fd, &zero, &state))
		return 0;
	return state.netns;
}

/* The kernel takes a device out of devmaps when it goes, also with its network namespace. Links
 * would not tell: filters of clsact have none. */
static bool has_devices(const char *dir)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(dir, "kvs_devmap", &info);
	uint32_t ifindex;

	if (fd < 0 || info.value_size != sizeof(ifindex))
		return false;
	for (uint32_t slot = 0; slot < info.max_entries; slot++)
		if (!bpf_map_lookup_elem(fd, &slot, &ifindex))
			return true;
	return false;
}

int pin_check_namespace(const char *dir, struct err *err)
{
	uint64_t pinned = pinned_namespace(dir);

	if (!pinned || pinned == pin_namespace())
		return 0;
	if (has_devices(dir))
		return err_set(
			err, -EBUSY,
			"%s holds the pins of a kvsd of another network namespace: give this one its own --pin-dir and --run-dir, or run 'kvsd --release-all --pin-dir %s' there",
			dir, dir);
	pin_clear(dir);
	return 0;
}

static void remove_one(int dir_fd, const char *name, void *data)
{
	unlinkat(dir_fd, name, 0);
}

static void remove_ours(int dir_fd, const char *name, void *data)
{
	if (!strncmp(name, "kvs_", 4))
		unlinkat(dir_fd, name, 0);
}

void pin_clear(const char *dir)
{
	char path[PATH_MAX];

	each_file(dir, "links", remove_one, NULL);
	each_file(dir, "", remove_ours, NULL);
	rmdir(path_of(path, dir, "links"));
}

void pin_remove_all(const char *dir)
{
	pin_clear(dir);
	rmdir(dir);
}
