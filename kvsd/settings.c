// SPDX-License-Identifier: GPL-2.0-only
/* Settings of ports: KVS's own (path) and the bridge's (isolated, hairpin, learning). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "group.h"
#include "port.h"
#include "settings.h"

static void put_flag(struct nlmsghdr *nlh, uint16_t type, enum tristate value)
{
	if (value != UNSET)
		mnl_attr_put_u8(nlh, type, value);
}

static int set_flags(struct kvsd *k, const struct link *l, const struct port_settings *set,
		     struct err *err)
{
	struct err kernel;
	char buf[256];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_SETLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *nest;
	int rc;

	if (set->isolated == UNSET && set->hairpin == UNSET && set->learning == UNSET)
		return 0;
	ifi->ifi_family = AF_BRIDGE;
	ifi->ifi_index = l->ifindex;
	nest = mnl_attr_nest_start(nlh, IFLA_PROTINFO);
	put_flag(nlh, IFLA_BRPORT_ISOLATED, set->isolated);
	put_flag(nlh, IFLA_BRPORT_MODE, set->hairpin);
	put_flag(nlh, IFLA_BRPORT_LEARNING, set->learning);
	mnl_attr_nest_end(nlh, nest);
	rc = nl_talk(k->nl, nlh, NULL, NULL, &kernel);
	return rc ? err_set(err, rc, "%s: the kernel refused the port's flags: %s", l->name,
			    kernel.text)
		  : 0;
}

int settings_set(struct kvsd *k, struct link *l, const struct port_settings *set, struct err *err)
{
	int rc = set_flags(k, l, set, err);

	if (!rc && set->path != UNSET && l->port)
		port_set_path(k, l, set->path);
	if (!rc && set->group && l->port)
		rc = group_set(k, l, set->group, err);
	return rc;
}

void settings_apply(struct kvsd *k, struct link *l)
{
	struct port_settings set;
	const char *name;
	struct err err;

	l->port->is_config_done = true;
	config_port_settings(k->config, l->name, &set, &name);
	set.group = NULL; /* it is in it since before its hooks were attached */
	if (settings_set(k, l, &set, &err))
		log_warn("%s", err.text);
}

int settings_state(struct kvsd *k, struct link *l, uint8_t state, struct err *err)
{
	struct err kernel;
	char buf[256];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_SETLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *nest;
	int rc;

	ifi->ifi_family = AF_BRIDGE;
	ifi->ifi_index = l->ifindex;
	nest = mnl_attr_nest_start(nlh, IFLA_PROTINFO);
	mnl_attr_put_u8(nlh, IFLA_BRPORT_STATE, state);
	mnl_attr_nest_end(nlh, nest);
	rc = nl_talk(k->nl, nlh, NULL, NULL, &kernel);
	return rc ? err_set(err, rc, "the kernel refused the port's state: %s", kernel.text) : 0;
}

void settings_flush(struct kvsd *k, const struct link *l)
{
	char buf[256];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_SETLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *nest;
	struct err err;

	ifi->ifi_family = AF_BRIDGE;
	ifi->ifi_index = l->ifindex;
	nest = mnl_attr_nest_start(nlh, IFLA_PROTINFO);
	mnl_attr_put(nlh, IFLA_BRPORT_FLUSH, 0, NULL);
	mnl_attr_nest_end(nlh, nest);
	if (nl_talk(k->nl, nlh, NULL, NULL, &err))
		log_warn("%s: the bridge keeps what it learned before the port was admitted: %s",
			 l->name, err.text);
}

static int set_master(struct kvsd *k, int ifindex, uint32_t master, bool up, struct err *err)
{
	char buf[256];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_NEWLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_index = ifindex;
	if (up)
		ifi->ifi_flags = ifi->ifi_change = IFF_UP;
	mnl_attr_put_u32(nlh, IFLA_MASTER, master);
	return nl_talk(k->nl, nlh, NULL, NULL, err);
}

/* Its frames go to the program that opened it, and none to a bridge. */
static bool is_macvtap(const struct link *l)
{
	return !strcmp(l->kind, "macvtap") || !strcmp(l->kind, "ipvtap");
}

int settings_join(struct kvsd *k, const struct link *l, const struct link *bridge, struct err *err)
{
	const struct link *master = link_get(&k->links, l->master);
	struct err kernel;
	int rc;

	if (is_macvtap(l))
		return err_set(
			err, -EOPNOTSUPP,
			"%s is a %s and cannot be a port: give the guest a tap, and let that join %s",
			l->name, l->kind, bridge->name);
	if (master)
		return err_set(
			err, -EBUSY,
			"%s is in %s already: 'kvs port del %s' (or 'ip link set dev %s nomaster') first",
			l->name, master->name, l->name, l->name);
	rc = set_master(k, l->ifindex, bridge->ifindex, true, &kernel);
	return rc ? err_set(err, rc, "%s cannot join %s: %s", l->name, bridge->name, kernel.text)
		  : 0;
}

int settings_leave(struct kvsd *k, const struct link *l, struct err *err)
{
	struct err kernel;
	int rc = set_master(k, l->ifindex, 0, false, &kernel);

	return rc ? err_set(err, rc, "%s cannot leave its switch: %s", l->name, kernel.text) : 0;
}

/* addr_gen_mode of a device: '0' eui64, the kernel's default, or '1' none. */
static bool change_addr_gen(const char *ifname, char from, char to)
{
	char path[128], now = 0;
	_close_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/addr_gen_mode", ifname);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || read(fd, &now, 1) != 1 || now != from)
		return false;
	return pwrite(fd, &to, 1, 0) == 1;
}

void settings_addr_gen(const struct link *l, bool none)
{
	struct port *p = l->port;

	if (none && !p->has_no_addr)
		p->has_no_addr = change_addr_gen(l->name, '0', '1');
	else if (!none && p->has_no_addr)
		p->has_no_addr = !change_addr_gen(l->name, '1', '0');
}
