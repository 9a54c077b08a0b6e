// SPDX-License-Identifier: GPL-2.0-only
/* The spanning tree of a bridge, over rtnetlink. */
#include <linux/if_link.h>
#include <string.h>

#include "nlk_talk.h"

static void timer(struct nlk_stp *out, const struct nlattr *attr)
{
	uint64_t left = mnl_attr_get_u64(attr);

	if (left && left < out->soonest)
		out->soonest = left;
}

static int on_port_attr(const struct nlattr *attr, void *data)
{
	struct nlk_stp *out = data;
	struct nlk_stp_port *p = &out->port[out->n];

	switch (mnl_attr_get_type(attr)) {
	case IFLA_BRPORT_STATE:
		p->state = mnl_attr_get_u8(attr);
		break;
	case IFLA_BRPORT_NO:
		p->number = mnl_attr_get_u16(attr);
		break;
	case IFLA_BRPORT_ROOT_ID:
		memcpy(p->root, mnl_attr_get_payload(attr), sizeof(p->root));
		break;
	case IFLA_BRPORT_BRIDGE_ID:
		memcpy(p->bridge, mnl_attr_get_payload(attr), sizeof(p->bridge));
		break;
	case IFLA_BRPORT_DESIGNATED_COST:
		p->cost = mnl_attr_get_u16(attr);
		break;
	case IFLA_BRPORT_DESIGNATED_PORT:
		p->port = mnl_attr_get_u16(attr);
		break;
	case IFLA_BRPORT_MESSAGE_AGE_TIMER:
		timer(out, attr);
		break;
	case IFLA_BRPORT_FORWARD_DELAY_TIMER:
		p->is_timed = mnl_attr_get_u64(attr);
		timer(out, attr);
		break;
	}
	return MNL_CB_OK;
}

static int on_bridge_attr(const struct nlattr *attr, void *data)
{
	struct nlk_stp *out = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_BR_STP_STATE:
		out->is_on = mnl_attr_get_u32(attr);
		break;
	case IFLA_BR_ROOT_PORT:
		out->root_port = mnl_attr_get_u16(attr);
		break;
	case IFLA_BR_FORWARD_DELAY:
		out->forward_delay = mnl_attr_get_u32(attr);
		break;
	case IFLA_BR_TOPOLOGY_CHANGE:
		out->is_changing = mnl_attr_get_u8(attr);
		break;
	}
	return MNL_CB_OK;
}

static int on_info(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == IFLA_INFO_SLAVE_DATA)
		return mnl_attr_parse_nested(attr, on_port_attr, data);
	if (mnl_attr_get_type(attr) == IFLA_INFO_DATA)
		return mnl_attr_parse_nested(attr, on_bridge_attr, data);
	return MNL_CB_OK;
}

static int on_attr(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
		return mnl_attr_parse_nested(attr, on_info, data);
	return MNL_CB_OK;
}

static int on_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct nlk_stp *out = data;

	if (nlh->nlmsg_type != RTM_NEWLINK || ifi->ifi_index == 1 || out->n == NLK_LINK_MAX)
		return MNL_CB_OK;
	memset(&out->port[out->n], 0, sizeof(out->port[0]));
	out->port[out->n].ifindex = ifi->ifi_index;
	mnl_attr_parse(nlh, sizeof(*ifi), on_attr, out);
	out->n++;
	return MNL_CB_OK;
}

int nlk_stp_dump(struct mnl_socket *s, struct nlk_stp *out)
{
	char buf[256];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_GETLINK, NLM_F_DUMP);

	nlk_put_link(nlh, AF_UNSPEC, 0);
	memset(out, 0, sizeof(*out));
	out->soonest = UINT32_MAX;
	return nlk_talk(s, nlh, on_link, out);
}
