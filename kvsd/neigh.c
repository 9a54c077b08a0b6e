// SPDX-License-Identifier: GPL-2.0-only
/* Entries of bridges' forwarding databases in rtnetlink's form. */
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <string.h>

#include "neigh.h"

/* of kernels after our headers */
#define NEIGH_EXT_LOCKED (1 << 1)

static int on_ext_attr(const struct nlattr *attr, void *data)
{
	struct neigh *n = data;

	if (mnl_attr_get_type(attr) == NFEA_ACTIVITY_NOTIFY)
		n->is_watched = mnl_attr_get_u8(attr);
	return MNL_CB_OK;
}

static int on_attr(const struct nlattr *attr, void *data)
{
	struct neigh *n = data;

	switch (mnl_attr_get_type(attr)) {
	case NDA_LLADDR:
		if (mnl_attr_get_payload_len(attr) == sizeof(n->mac))
			memcpy(n->mac, mnl_attr_get_payload(attr), sizeof(n->mac));
		break;
	case NDA_MASTER:
		n->bridge = mnl_attr_get_u32(attr);
		break;
	case NDA_VLAN:
		n->vlan = mnl_attr_get_u16(attr);
		break;
	case NDA_FLAGS_EXT:
		n->is_locked = mnl_attr_get_u32(attr) & NEIGH_EXT_LOCKED;
		break;
	case NDA_FDB_EXT_ATTRS:
		mnl_attr_parse_nested(attr, on_ext_attr, n);
		break;
	case NDA_CACHEINFO:
		n->age = ((struct nda_cacheinfo *)mnl_attr_get_payload(attr))->ndm_updated;
		break;
	}
	return MNL_CB_OK;
}

static enum neigh_kind kind_of(const struct ndmsg *ndm)
{
	if (ndm->ndm_state & NUD_PERMANENT)
		return NEIGH_LOCAL;
	if (ndm->ndm_flags & NTF_EXT_LEARNED)
		return NEIGH_EXTERN;
	return ndm->ndm_state & NUD_NOARP ? NEIGH_STATIC : NEIGH_LEARNED;
}

bool neigh_parse(const struct nlmsghdr *nlh, struct neigh *out)
{
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);

	/* NTF_SELF: of the device itself; an entry of a bridge says which */
	if (ndm->ndm_family != AF_BRIDGE || (ndm->ndm_flags & NTF_SELF))
		return false;
	memset(out, 0, sizeof(*out));
	out->ifindex = ndm->ndm_ifindex;
	out->kind = kind_of(ndm);
	out->is_sticky = ndm->ndm_flags & NTF_STICKY;
	mnl_attr_parse(nlh, sizeof(*ndm), on_attr, out);
	return out->bridge;
}

static struct ndmsg *put_header(struct nlmsghdr *nlh)
{
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = AF_BRIDGE;
	return ndm;
}

int neigh_dump(struct nl *nl, nl_message_fn *fn, void *data, struct err *err)
{
	char buf[256];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_GETNEIGH, NLM_F_DUMP);

	put_header(nlh);
	return nl_talk(nl, nlh, fn, data, err);
}

int neigh_change(struct nl *nl, bool add, const struct neigh *n, struct err *err)
{
	char buf[256];
	struct nlmsghdr *nlh = add ? nl_prepare(buf, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE)
				   : nl_prepare(buf, RTM_DELNEIGH, 0);
	struct ndmsg *ndm = put_header(nlh);

	ndm->ndm_ifindex = n->ifindex;
	ndm->ndm_flags = NTF_MASTER;
	ndm->ndm_state = NUD_NOARP;
	mnl_attr_put(nlh, NDA_LLADDR, sizeof(n->mac), n->mac);
	if (n->vlan)
		mnl_attr_put_u16(nlh, NDA_VLAN, n->vlan);
	return nl_talk(nl, nlh, NULL, NULL, err);
}

int neigh_flush(struct nl *nl, int ifindex, bool is_bridge, struct err *err)
{
	char buf[256];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_NEWLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *info, *data;

	ifi->ifi_index = ifindex;
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, is_bridge ? IFLA_INFO_KIND : IFLA_INFO_SLAVE_KIND, "bridge");
	data = mnl_attr_nest_start(nlh, is_bridge ? IFLA_INFO_DATA : IFLA_INFO_SLAVE_DATA);
	mnl_attr_put(nlh, is_bridge ? IFLA_BR_FDB_FLUSH : IFLA_BRPORT_FLUSH, 0, NULL);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return nl_talk(nl, nlh, NULL, NULL, err);
}
