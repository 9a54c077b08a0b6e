// SPDX-License-Identifier: GPL-2.0-only
/* What is asked of the kernel over rtnetlink. */
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "nlk_talk.h"

#define BUF 32768

struct nlmsghdr *nlk_prepare(void *buf, int type, int flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	return nlh;
}

/* libmnl's own callback for NLMSG_DONE ends a dump */
int nlk_talk(struct mnl_socket *s, struct nlmsghdr *nlh, mnl_cb_t fn, void *data)
{
	static unsigned int seq;
	char buf[BUF];
	ssize_t n;
	int rc;

	nlh->nlmsg_seq = ++seq;
	if (mnl_socket_sendto(s, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(s, buf, sizeof(buf));
		if (n < 0)
			return -errno;
		rc = mnl_cb_run(buf, n, seq, mnl_socket_get_portid(s), fn, data);
	} while (rc > 0);
	return rc < 0 ? -errno : 0;
}

struct ifinfomsg *nlk_put_link(struct nlmsghdr *nlh, int family, int ifindex)
{
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_family = family;
	ifi->ifi_index = ifindex;
	return ifi;
}

static void put_value(struct nlmsghdr *nlh, int attr, int size, uint32_t value)
{
	switch (size) {
	case 1:
		mnl_attr_put_u8(nlh, attr, value);
		break;
	case 2:
		mnl_attr_put_u16(nlh, attr, value);
		break;
	case 4:
		mnl_attr_put_u32(nlh, attr, value);
		break;
	case 8:
		mnl_attr_put_u64(nlh, attr, value);
		break;
	default:
		mnl_attr_put(nlh, attr, 0, NULL);
	}
}

int nlk_bridge_add(struct mnl_socket *s, int ifindex, const char *name, const uint8_t *mac)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	struct nlattr *info;

	nlk_put_link(nlh, AF_UNSPEC, ifindex);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	mnl_attr_put(nlh, IFLA_ADDRESS, 6, mac);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
	mnl_attr_nest_end(nlh, info);
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_mac(struct mnl_socket *s, int ifindex, const uint8_t *mac)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_NEWLINK, NLM_F_ACK);

	nlk_put_link(nlh, AF_UNSPEC, ifindex);
	mnl_attr_put(nlh, IFLA_ADDRESS, 6, mac);
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_up(struct mnl_socket *s, int ifindex, bool up)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_NEWLINK, NLM_F_ACK);
	struct ifinfomsg *ifi = nlk_put_link(nlh, AF_UNSPEC, ifindex);

	ifi->ifi_flags = up ? IFF_UP : 0;
	ifi->ifi_change = IFF_UP;
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_link_set(struct mnl_socket *s, int ifindex, int attr, uint32_t value)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_NEWLINK, NLM_F_ACK);

	nlk_put_link(nlh, AF_UNSPEC, ifindex);
	mnl_attr_put_u32(nlh, attr, value);
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_port_set(struct mnl_socket *s, int ifindex, int attr, int size, uint32_t value)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_SETLINK, NLM_F_ACK);
	struct nlattr *info;

	nlk_put_link(nlh, AF_BRIDGE, ifindex);
	info = mnl_attr_nest_start(nlh, IFLA_PROTINFO);
	put_value(nlh, attr, size, value);
	mnl_attr_nest_end(nlh, info);
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_bridge_set(struct mnl_socket *s, int ifindex, int attr, int size, uint32_t value)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_NEWLINK, NLM_F_ACK);
	struct nlattr *info, *data;

	nlk_put_link(nlh, AF_UNSPEC, ifindex);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	put_value(nlh, attr, size, value);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_fdb(struct mnl_socket *s, bool add, int ifindex, const struct nlk_fdb *entry)
{
	char buf[512];
	struct nlmsghdr *nlh =
		nlk_prepare(buf, add ? RTM_NEWNEIGH : RTM_DELNEIGH,
			    add ? NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE : NLM_F_ACK);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = AF_BRIDGE;
	ndm->ndm_ifindex = ifindex;
	ndm->ndm_flags = entry->flags;
	ndm->ndm_state = entry->state;
	mnl_attr_put(nlh, NDA_LLADDR, sizeof(entry->mac), entry->mac);
	if (entry->vlan)
		mnl_attr_put_u16(nlh, NDA_VLAN, entry->vlan);
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_neigh(struct mnl_socket *s, int ifindex, uint32_t ip, const uint8_t *mac)
{
	char buf[512];
	struct nlmsghdr *nlh =
		nlk_prepare(buf, RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = AF_INET;
	ndm->ndm_ifindex = ifindex;
	ndm->ndm_state = NUD_PERMANENT;
	mnl_attr_put_u32(nlh, NDA_DST, ip);
	mnl_attr_put(nlh, NDA_LLADDR, 6, mac);
	return nlk_talk(s, nlh, NULL, NULL);
}

static int on_fdb(const struct nlmsghdr *nlh, void *data)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	struct nlk_fdbs *out = data;
	struct nlk_fdb *e = &out->entry[out->n];
	struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWNEIGH || out->n == NLK_FDB_MAX || (ndm->ndm_flags & NTF_SELF))
		return MNL_CB_OK;
	memset(e, 0, sizeof(*e));
	e->ifindex = ndm->ndm_ifindex;
	e->state = ndm->ndm_state;
	e->flags = ndm->ndm_flags;
	mnl_attr_for_each(attr, nlh, sizeof(*ndm)) {
		if (mnl_attr_get_type(attr) == NDA_LLADDR)
			memcpy(e->mac, mnl_attr_get_payload(attr), sizeof(e->mac));
		else if (mnl_attr_get_type(attr) == NDA_VLAN)
			e->vlan = mnl_attr_get_u16(attr);
		else if (mnl_attr_get_type(attr) == NDA_FLAGS_EXT)
			e->ext = mnl_attr_get_u32(attr);
	}
	out->n++;
	return MNL_CB_OK;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct nlk_fdb));
}

int nlk_fdb_dump(struct mnl_socket *s, struct nlk_fdbs *out)
{
	char buf[256];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_GETNEIGH, NLM_F_DUMP);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));
	int rc;

	ndm->ndm_family = AF_BRIDGE;
	out->n = 0;
	rc = nlk_talk(s, nlh, on_fdb, out);
	qsort(out->entry, out->n, sizeof(out->entry[0]), by_bytes);
	return rc;
}

static int on_port_attr(const struct nlattr *attr, void *data)
{
	struct nlk_link *l = data;

	if (mnl_attr_get_type(attr) == IFLA_BRPORT_STATE)
		l->state = mnl_attr_get_u8(attr);
	return MNL_CB_OK;
}

static int on_info(const struct nlattr *attr, void *data)
{
	struct nlk_link *l = data;

	if (mnl_attr_get_type(attr) == IFLA_INFO_SLAVE_DATA && l->master)
		mnl_attr_parse_nested(attr, on_port_attr, l);
	return MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct nlk_links *out = data;
	struct nlk_link *l = &out->link[out->n];
	struct nlattr *attr;

	if (nlh->nlmsg_type != RTM_NEWLINK || ifi->ifi_index == 1 || out->n == NLK_LINK_MAX)
		return MNL_CB_OK;
	memset(l, 0, sizeof(*l));
	l->ifindex = ifi->ifi_index;
	l->flags = ifi->ifi_flags;
	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) {
		if (mnl_attr_get_type(attr) == IFLA_OPERSTATE)
			l->operstate = mnl_attr_get_u8(attr);
		else if (mnl_attr_get_type(attr) == IFLA_MASTER)
			l->master = mnl_attr_get_u32(attr);
	}
	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) {
		if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
			mnl_attr_parse_nested(attr, on_info, l);
	}
	out->n++;
	return MNL_CB_OK;
}

int nlk_link_dump(struct mnl_socket *s, struct nlk_links *out)
{
	char buf[256];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_GETLINK, NLM_F_DUMP);

	nlk_put_link(nlh, AF_UNSPEC, 0);
	out->n = 0;
	return nlk_talk(s, nlh, on_link, out);
}
