// SPDX-License-Identifier: GPL-2.0-only
/* VLANs of bridges, over rtnetlink: members, states, and multiple spanning trees. */
#include <linux/if_bridge.h>
#include <linux/if_link.h>

#include "nlk_talk.h"

int nlk_vlan(struct mnl_socket *s, bool add, int ifindex, bool is_self, int vid, int flags)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, add ? RTM_SETLINK : RTM_DELLINK, NLM_F_ACK);
	struct bridge_vlan_info vlan = {.vid = vid, .flags = flags};
	struct nlattr *spec;

	nlk_put_link(nlh, AF_BRIDGE, ifindex);
	spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	if (is_self)
		mnl_attr_put_u16(nlh, IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
	mnl_attr_put(nlh, IFLA_BRIDGE_VLAN_INFO, sizeof(vlan), &vlan);
	mnl_attr_nest_end(nlh, spec);
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_vlan_state(struct mnl_socket *s, int ifindex, int vid, int state)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_NEWVLAN, NLM_F_ACK);
	struct br_vlan_msg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));
	struct bridge_vlan_info vlan = {.vid = vid, .flags = BRIDGE_VLAN_INFO_ONLY_OPTS};
	struct nlattr *entry;

	msg->family = AF_BRIDGE;
	msg->ifindex = ifindex;
	entry = mnl_attr_nest_start(nlh, BRIDGE_VLANDB_ENTRY);
	mnl_attr_put(nlh, BRIDGE_VLANDB_ENTRY_INFO, sizeof(vlan), &vlan);
	mnl_attr_put_u8(nlh, BRIDGE_VLANDB_ENTRY_STATE, state);
	mnl_attr_nest_end(nlh, entry);
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_mst(struct mnl_socket *s, int ifindex, bool on)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_NEWLINK, NLM_F_ACK);
	const uint32_t mst = 1 << BR_BOOLOPT_MST_ENABLE;
	struct br_boolopt_multi multi = {.optval = on ? mst : 0, .optmask = mst};
	struct nlattr *info, *data;

	nlk_put_link(nlh, AF_UNSPEC, ifindex);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put(nlh, IFLA_BR_MULTI_BOOLOPT, sizeof(multi), &multi);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_mst_vlan(struct mnl_socket *s, int ifindex, int vid, int msti)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_NEWVLAN, NLM_F_ACK);
	struct br_vlan_msg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));
	struct nlattr *options;

	msg->family = AF_BRIDGE;
	msg->ifindex = ifindex;
	options = mnl_attr_nest_start(nlh, BRIDGE_VLANDB_GLOBAL_OPTIONS);
	mnl_attr_put_u16(nlh, BRIDGE_VLANDB_GOPTS_ID, vid);
	mnl_attr_put_u16(nlh, BRIDGE_VLANDB_GOPTS_MSTI, msti);
	mnl_attr_nest_end(nlh, options);
	return nlk_talk(s, nlh, NULL, NULL);
}

int nlk_mst_state(struct mnl_socket *s, int ifindex, int msti, int state)
{
	char buf[512];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_SETLINK, NLM_F_ACK);
	struct nlattr *spec, *mst, *entry;

	nlk_put_link(nlh, AF_BRIDGE, ifindex);
	spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	mst = mnl_attr_nest_start(nlh, IFLA_BRIDGE_MST);
	entry = mnl_attr_nest_start(nlh, IFLA_BRIDGE_MST_ENTRY);
	mnl_attr_put_u16(nlh, IFLA_BRIDGE_MST_ENTRY_MSTI, msti);
	mnl_attr_put_u8(nlh, IFLA_BRIDGE_MST_ENTRY_STATE, state);
	mnl_attr_nest_end(nlh, entry);
	mnl_attr_nest_end(nlh, mst);
	mnl_attr_nest_end(nlh, spec);
	return nlk_talk(s, nlh, NULL, NULL);
}
