// SPDX-License-Identifier: GPL-2.0-only
/* VLANs of the ports of bridges that filter them, copied into kvs_vlans. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_bridge.h>
#include <string.h>

#include "vlan.h"

#define N_VLANS (64 * KVS_VLAN_WORDS)

/* One VLAN or a range of them. */
struct entry {
	struct bridge_vlan_info info;
	uint16_t last;
	uint8_t state;
};

static int on_entry_attr(const struct nlattr *attr, void *data)
{
	struct entry *e = data;

	switch (mnl_attr_get_type(attr)) {
	case BRIDGE_VLANDB_ENTRY_INFO:
		if (mnl_attr_get_payload_len(attr) >= sizeof(e->info))
			memcpy(&e->info, mnl_attr_get_payload(attr), sizeof(e->info));
		break;
	case BRIDGE_VLANDB_ENTRY_RANGE:
		e->last = mnl_attr_get_u16(attr);
		break;
	case BRIDGE_VLANDB_ENTRY_STATE:
		e->state = mnl_attr_get_u8(attr);
		break;
	}
	return MNL_CB_OK;
}

/* A VLAN that does not forward is left out: the bridge decides on its frames. */
static void put(struct kvs_vlans *vlans, const struct entry *e)
{
	if (e->info.flags & BRIDGE_VLAN_INFO_PVID)
		vlans->pvid = e->info.vid;
	if (e->state != BR_STATE_FORWARDING)
		return;
	for (unsigned int vid = e->info.vid; vid <= e->last && vid < N_VLANS; vid++) {
		vlans->member[vid / 64] |= 1ull << vid % 64;
		if (e->info.flags & BRIDGE_VLAN_INFO_UNTAGGED)
			vlans->untagged[vid / 64] |= 1ull << vid % 64;
	}
}

static int on_entry(const struct nlattr *attr, void *data)
{
	struct entry e = {.state = BR_STATE_FORWARDING};

	if (mnl_attr_get_type(attr) != BRIDGE_VLANDB_ENTRY)
		return MNL_CB_OK;
	mnl_attr_parse_nested(attr, on_entry_attr, &e);
	if (e.last < e.info.vid)
		e.last = e.info.vid;
	put(data, &e);
	return MNL_CB_OK;
}

static void on_dump(const struct nlmsghdr *nlh, void *data)
{
	mnl_attr_parse(nlh, sizeof(struct br_vlan_msg), on_entry, data);
}

static int dump(struct kvsd *k, int ifindex, struct kvs_vlans *out)
{
	int rc;

	do {
		char buf[64];
		struct nlmsghdr *nlh = nl_prepare(buf, RTM_GETVLAN, NLM_F_DUMP);
		struct br_vlan_msg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));

		msg->family = AF_BRIDGE;
		msg->ifindex = ifindex;
		memset(out, 0, sizeof(*out));
		rc = nl_talk(k->nl, nlh, on_dump, out, NULL);
	} while (rc == -EINTR);
	return rc;
}

static void forget(struct kvsd *k, struct port *p)
{
	if (!p->vlans_of)
		return;
	p->vlans_of = 0;
	bpf_map_delete_elem(k->load->vlans, &p->slot);
	load_changed(k->load);
}

static void read_anew(struct kvsd *k, struct link *l)
{
	struct kvs_vlans vlans;

	l->port->vlans_of = -1; /* there may be an entry */
	if (dump(k, l->ifindex, &vlans) ||
	    bpf_map_update_elem(k->load->vlans, &l->port->slot, &vlans, 0))
		forget(k, l->port);
	else
		l->port->vlans_of = l->master;
	load_changed(k->load);
}

static bool is_filtered(const struct kvsd *k, const struct link *l)
{
	const struct link *bridge = link_get(&k->links, l->master);

	return bridge && bridge->vlan_filtering;
}

void vlan_sync(struct kvsd *k, struct link *l)
{
	if (!is_filtered(k, l))
		forget(k, l->port);
	else if (l->port->vlans_of != l->master)
		read_anew(k, l);
}

void vlan_message(struct kvsd *k, const struct nlmsghdr *nlh)
{
	const struct br_vlan_msg *msg = mnl_nlmsg_get_payload(nlh);
	struct link *l = link_get(&k->links, msg->ifindex);

	if (l && l->port && is_filtered(k, l))
		read_anew(k, l);
}

void vlan_doubt(struct kvsd *k)
{
	links_for_each(&k->links, l)
		if (l->port)
			forget(k, l->port);
}

void vlan_check(struct kvsd *k, struct link *l)
{
	if (!l->port->vlans_of && is_filtered(k, l))
		read_anew(k, l);
}
