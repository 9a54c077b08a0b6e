// SPDX-License-Identifier: GPL-2.0-only
/* Switches as devices: making, changing and deleting the bridge. */
#include <errno.h>
#include <string.h>

#include "event.h"
#include "switch.h"

static void put_attributes(struct nlmsghdr *nlh, int stp, int ageing)
{
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO), *data;

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	if (stp >= 0)
		mnl_attr_put_u32(nlh, IFLA_BR_STP_STATE, stp);
	if (ageing >= 0)
		mnl_attr_put_u32(nlh, IFLA_BR_AGEING_TIME, 100u * ageing);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
}

static int create_bridge(struct kvsd *k, const char *name, bool stp, int ageing, struct err *err)
{
	struct err kernel;
	char buf[512];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	int rc;

	ifi->ifi_flags = ifi->ifi_change = IFF_UP;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	put_attributes(nlh, stp, ageing);
	rc = nl_talk(k->nl, nlh, NULL, NULL, &kernel);
	if (rc == -EEXIST)
		return err_set(
			err, rc,
			"%s exists already: 'kvs switch adopt %s' takes over a running bridge",
			name, name);
	return rc ? err_set(err, rc, "cannot make the bridge %s: %s", name, kernel.text) : 0;
}

int switch_destroy(struct kvsd *k, const char *name, int ifindex, struct err *err)
{
	struct err kernel;
	char buf[128];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_DELLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	int rc;

	ifi->ifi_index = ifindex;
	rc = nl_talk(k->nl, nlh, NULL, NULL, &kernel);
	return rc ? err_set(err, rc, "cannot delete %s: %s", name, kernel.text) : 0;
}

static bool is_name(const char *name)
{
	size_t n = strlen(name);

	return n && n < IFNAMSIZ && !strpbrk(name, "/ \t\n:%") && strcmp(name, ".") &&
	       strcmp(name, "..");
}

int switch_create(struct kvsd *k, const char *name, bool stp, int ageing, struct err *err)
{
	struct link *bridge;
	int rc;

	if (!is_name(name))
		return err_set(
			err, -EINVAL,
			"'%s' is no device name: 1 to 15 characters without '/', ':' and blanks",
			name);
	rc = create_bridge(k, name, stp, ageing, err);
	if (rc)
		return rc;
	nl_drain(k->nl); /* so that it is known */
	bridge = link_by_name(&k->links, name);
	if (!bridge)
		return err_set(err, -ENODEV, "the bridge %s went as soon as it was made", name);
	rc = switch_adopt(k, bridge, true, err);
	if (rc)
		switch_destroy(k, name, bridge->ifindex, NULL);
	return rc;
}

int switch_set(struct kvsd *k, int ifindex, int stp, int ageing, struct err *err)
{
	struct err kernel;
	char buf[256];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_NEWLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	int rc;

	ifi->ifi_index = ifindex;
	put_attributes(nlh, stp, ageing);
	rc = nl_talk(k->nl, nlh, NULL, NULL, &kernel);
	return rc ? err_set(err, rc, "the kernel refused the bridge's attributes: %s", kernel.text)
		  : 0;
}
