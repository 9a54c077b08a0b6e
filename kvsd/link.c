// SPDX-License-Identifier: GPL-2.0-only
/* The devices of the namespace as rtnetlink tells of them. */
#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "netfilter_parts.h"
#include "util.h"

/* of kernels after our headers */
#define BRPORT_NEIGH_VLAN_SUPPRESS (IFLA_BRPORT_LOCKED + 4)

static struct link **bucket_of(struct links *links, int ifindex)
{
	return &links->bucket[(unsigned int)ifindex % LINK_BUCKETS];
}

struct link *link_get(const struct links *links, int ifindex)
{
	struct link *l = links->bucket[(unsigned int)ifindex % LINK_BUCKETS];

	while (l && l->ifindex != ifindex)
		l = l->next;
	return l;
}

struct link *link_by_name(const struct links *links, const char *name)
{
	links_for_each(links, l)
		if (!strcmp(l->name, name))
			return l;
	return NULL;
}

static struct link *link_add(struct links *links, int ifindex)
{
	struct link **head = bucket_of(links, ifindex), *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->ifindex = ifindex;
	l->next = *head;
	*head = l;
	return l;
}

void link_remove(struct links *links, struct link *l)
{
	struct link **at = bucket_of(links, l->ifindex);

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	free(l);
}

void links_free(struct links *links)
{
	links_for_each(links, l)
		link_remove(links, l);
}

static void copy_name(char *to, size_t size, const struct nlattr *attr)
{
	snprintf(to, size, "%s", mnl_attr_get_str(attr));
}

static int on_brport(const struct nlattr *attr, void *data)
{
	static const struct {
		uint16_t type;
		unsigned int flag;
	} flags[] = {
		{IFLA_BRPORT_MODE, LINK_HAIRPIN},
		{IFLA_BRPORT_LEARNING, LINK_LEARNING},
		{IFLA_BRPORT_ISOLATED, LINK_ISOLATED},
		{IFLA_BRPORT_LOCKED, LINK_LOCKED},
		{IFLA_BRPORT_NEIGH_SUPPRESS, LINK_SUPPRESS},
		{BRPORT_NEIGH_VLAN_SUPPRESS, LINK_SUPPRESS},
		{IFLA_BRPORT_PROXYARP, LINK_SUPPRESS},
		{IFLA_BRPORT_PROXYARP_WIFI, LINK_SUPPRESS},
		{IFLA_BRPORT_VLAN_TUNNEL, LINK_VLAN_TUNNEL},
	};
	struct link *l = data;

	if (mnl_attr_get_type(attr) == IFLA_BRPORT_STATE)
		l->state = mnl_attr_get_u8(attr);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (mnl_attr_get_type(attr) == flags[i].type && mnl_attr_get_u8(attr))
			l->brport |= flags[i].flag;
	return MNL_CB_OK;
}

static void parse_brport(struct link *l, const struct nlattr *nest)
{
	l->brport = 0;
	mnl_attr_parse_nested(nest, on_brport, l);
}

static bool has_mst(const struct nlattr *attr)
{
	const struct br_boolopt_multi *options = mnl_attr_get_payload(attr);

	return options->optval & 1 << BR_BOOLOPT_MST_ENABLE;
}

static void set_nf_call(struct link *l, const struct nlattr *attr, enum netfilter_proto proto)
{
	l->nf_call &= ~(1u << proto);
	if (mnl_attr_get_u8(attr))
		l->nf_call |= 1u << proto;
}

static int on_bridge(const struct nlattr *attr, void *data)
{
	struct link *l = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_BR_VLAN_FILTERING:
		l->vlan_filtering = mnl_attr_get_u8(attr);
		break;
	case IFLA_BR_VLAN_PROTOCOL:
		l->vlan_stag = mnl_attr_get_u16(attr) == htons(ETH_P_8021AD);
		break;
	case IFLA_BR_VLAN_STATS_ENABLED:
		l->vlan_stats = mnl_attr_get_u8(attr);
		break;
	case IFLA_BR_MULTI_BOOLOPT:
		l->mst = has_mst(attr);
		break;
	case IFLA_BR_STP_STATE:
		l->stp = mnl_attr_get_u32(attr);
		break;
	case IFLA_BR_NF_CALL_IPTABLES:
		set_nf_call(l, attr, NETFILTER_IP);
		break;
	case IFLA_BR_NF_CALL_IP6TABLES:
		set_nf_call(l, attr, NETFILTER_IP6);
		break;
	case IFLA_BR_NF_CALL_ARPTABLES:
		set_nf_call(l, attr, NETFILTER_ARP);
		break;
	case IFLA_BR_AGEING_TIME:
		l->ageing = mnl_attr_get_u32(attr);
		break;
	}
	return MNL_CB_OK;
}

static int on_tun(const struct nlattr *attr, void *data)
{
	struct link *l = data;

	if (mnl_attr_get_type(attr) == IFLA_TUN_VNET_HDR)
		l->is_wire = !mnl_attr_get_u8(attr);
	return MNL_CB_OK;
}

/* Data come after the kind they are of. */
static int on_linkinfo(const struct nlattr *attr, void *data)
{
	struct link *l = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_INFO_KIND:
		copy_name(l->kind, sizeof(l->kind), attr);
		break;
	case IFLA_INFO_DATA:
		if (link_is_bridge(l))
			mnl_attr_parse_nested(attr, on_bridge, l);
		else if (!strcmp(l->kind, "tun"))
			mnl_attr_parse_nested(attr, on_tun, l);
		break;
	case IFLA_INFO_SLAVE_KIND:
		l->is_port = !strcmp(mnl_attr_get_str(attr), "bridge");
		break;
	case IFLA_INFO_SLAVE_DATA:
		if (l->is_port)
			parse_brport(l, attr);
		break;
	}
	return MNL_CB_OK;
}

static int on_xdp(const struct nlattr *attr, void *data)
{
	struct link *l = data;

	if (mnl_attr_get_type(attr) == IFLA_XDP_PROG_ID)
		l->xdp_prog = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

/* virtio devices get partial checksums from their host; what is on PCI or USB itself gets frames
 * off a wire. */
static bool bus_is_wire(const char *bus)
{
	return !strcmp(bus, "pci") || !strcmp(bus, "usb");
}

static int on_attr(const struct nlattr *attr, void *data)
{
	struct link *l = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME:
		copy_name(l->name, sizeof(l->name), attr);
		break;
	case IFLA_MTU:
		l->mtu = mnl_attr_get_u32(attr);
		break;
	case IFLA_ADDRESS:
		if (mnl_attr_get_payload_len(attr) == 6)
			mac_format(mnl_attr_get_payload(attr), l->mac);
		break;
	case IFLA_MASTER:
		l->master = mnl_attr_get_u32(attr);
		break;
	case IFLA_LINK:
		l->lower = mnl_attr_get_u32(attr);
		break;
	case IFLA_LINK_NETNSID:
		l->lower_nsid = mnl_attr_get_u32(attr);
		break;
	case IFLA_PROMISCUITY:
		l->promiscuity = mnl_attr_get_u32(attr);
		break;
	case IFLA_QDISC:
		copy_name(l->qdisc, sizeof(l->qdisc), attr);
		break;
	case IFLA_PHYS_SWITCH_ID:
		l->has_switch_id = true;
		break;
	case IFLA_PARENT_DEV_BUS_NAME:
		l->is_wire = bus_is_wire(mnl_attr_get_str(attr));
		break;
	case IFLA_LINKINFO:
		mnl_attr_parse_nested(attr, on_linkinfo, l);
		break;
	case IFLA_XDP:
		mnl_attr_parse_nested(attr, on_xdp, l);
		break;
	}
	return MNL_CB_OK;
}

static int on_bridge_attr(const struct nlattr *attr, void *data)
{
	struct link *l = data;

	if (mnl_attr_get_type(attr) == IFLA_PROTINFO) {
		l->is_port = true;
		parse_brport(l, attr);
	} else if (mnl_attr_get_type(attr) == IFLA_MASTER) {
		l->master = mnl_attr_get_u32(attr);
	}
	return MNL_CB_OK;
}

/* Attributes that are absent when they do not hold. */
static void reset(struct link *l)
{
	l->master = 0;
	l->lower = 0;
	l->lower_nsid = -1;
	l->xdp_prog = 0;
	l->has_switch_id = false;
	l->is_port = false;
}

struct link *link_update(struct links *links, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct link *l = link_get(links, ifi->ifi_index);

	if (ifi->ifi_family == AF_BRIDGE) {
		if (l)
			mnl_attr_parse(nlh, sizeof(*ifi), on_bridge_attr, l);
		return l;
	}
	if (ifi->ifi_family != AF_UNSPEC)
		return NULL;
	l = l ?: link_add(links, ifi->ifi_index);
	if (!l)
		return NULL;
	reset(l);
	l->flags = ifi->ifi_flags;
	l->seen = links->generation;
	mnl_attr_parse(nlh, sizeof(*ifi), on_attr, l);
	return l;
}
