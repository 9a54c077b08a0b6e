// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel tells: links, neighbours, filters; and what is to be done about it. */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include "admit.h"
#include "apply.h"
#include "event.h"
#include "fdb.h"
#include "group.h"
#include "hook.h"
#include "netfilter.h"
#include "others.h"
#include "peer.h"
#include "port.h"
#include "switch.h"
#include "vlan.h"

#define MOVED_PAUSE 5 /* seconds between two resyncs for stations that moved */

/* What a bridge decides for its ports. */
struct bridge_state {
	bool vlan_filtering, vlan_stag, vlan_stats, mst, stp, is_up;
	uint8_t nf_call;
	uint32_t promiscuity, ageing;
};

static struct bridge_state bridge_state(const struct link *l)
{
	struct bridge_state state;

	memset(&state, 0, sizeof(state)); /* compared as bytes */
	state.vlan_filtering = l->vlan_filtering;
	state.vlan_stag = l->vlan_stag;
	state.vlan_stats = l->vlan_stats;
	state.mst = l->mst;
	state.stp = l->stp;
	state.nf_call = l->nf_call;
	state.is_up = l->flags & IFF_UP;
	state.promiscuity = l->promiscuity;
	state.ageing = l->ageing;
	return state;
}

/* A VLAN device on a port takes the port's tagged frames. */
static void sync_lower(struct kvsd *k, const struct link *l)
{
	struct link *lower = strcmp(l->kind, "vlan") ? NULL : link_get(&k->links, l->lower);

	if (lower && lower->port)
		port_sync(k, lower);
}

static void link_changed(struct kvsd *k, struct link *l, bool is_new,
			 const struct bridge_state *before)
{
	struct bridge_state now = bridge_state(l);

	if (link_is_bridge(l) && !l->sw)
		apply_adopt(k, l);
	else if (l->sw && memcmp(&now, before, sizeof(now)))
		switch_sync_ports(k, l);
	if (is_new)
		apply_join(k, l);
	sync_lower(k, l);
	port_sync(k, l);
}

static void on_newlink(struct kvsd *k, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct link *l = link_get(&k->links, ifi->ifi_index);
	struct bridge_state before = {};
	char name[IFNAMSIZ] = "";
	bool is_new = !l;

	if (l) {
		before = bridge_state(l);
		memcpy(name, l->name, sizeof(name));
	}
	l = link_update(&k->links, nlh);
	if (!l)
		return;
	if (strcmp(name, l->name))
		netfilter_touch(k);
	link_changed(k, l, is_new, &before);
}

static void link_gone(struct kvsd *k, struct link *l)
{
	struct link *lower = strcmp(l->kind, "vlan") ? NULL : link_get(&k->links, l->lower);

	if (l->port)
		port_remove(k, l);
	if (l->sw) {
		log_info("%s: the bridge is gone", l->name);
		switch_forget(k, l);
	}
	link_remove(&k->links, l);
	if (lower)
		port_sync(k, lower);
}

static void on_dellink(struct kvsd *k, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct link *l = link_get(&k->links, ifi->ifi_index);

	if (!l)
		return;
	if (ifi->ifi_family != AF_BRIDGE) {
		link_gone(k, l);
		return;
	}
	l->is_port = false;
	l->master = 0;
	port_sync(k, l);
}

static void tc_changed(struct kvsd *k, struct link *l)
{
	hook_tc_sync(k, l);
	hook_egress_check(k, l);
	others_look(k, l);
	port_sync(k, l);
}

static int on_root_qdisc(const struct nlattr *attr, void *data)
{
	struct link *l = data;

	if (mnl_attr_get_type(attr) == TCA_KIND)
		snprintf(l->qdisc, sizeof(l->qdisc), "%s", mnl_attr_get_str(attr));
	return MNL_CB_OK;
}

static void on_tc(struct kvsd *k, const struct nlmsghdr *nlh)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	struct link *l = link_get(&k->links, tc->tcm_ifindex);

	if (!l || !l->port)
		return;
	if (tc->tcm_parent == TC_H_ROOT && nlh->nlmsg_type == RTM_NEWQDISC)
		mnl_attr_parse(nlh, sizeof(*tc), on_root_qdisc, l);
	else if (tc->tcm_parent == TC_H_ROOT && nlh->nlmsg_type == RTM_DELQDISC)
		l->qdisc[0] = '\0'; /* the default one, of which nothing is said */
	tc_changed(k, l);
}

void event_message(const struct nlmsghdr *nlh, void *data)
{
	struct kvsd *k = data;

	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
		on_newlink(k, nlh);
		break;
	case RTM_DELLINK:
		on_dellink(k, nlh);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		if (k->load)
			fdb_message(k, nlh);
		break;
	case RTM_NEWVLAN:
	case RTM_DELVLAN:
		vlan_message(k, nlh);
		break;
	case RTM_NEWQDISC:
	case RTM_DELQDISC:
	case RTM_NEWTFILTER:
	case RTM_DELTFILTER:
		on_tc(k, nlh);
		break;
	}
}

static void on_dump(const struct nlmsghdr *nlh, void *data)
{
	struct kvsd *k = data;

	if (nlh->nlmsg_type == RTM_NEWLINK)
		link_update(&k->links, nlh);
}

int event_read_links(struct kvsd *k, struct err *err)
{
	int rc;

	do {
		char buf[64];
		struct nlmsghdr *nlh = nl_prepare(buf, RTM_GETLINK, NLM_F_DUMP);

		mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
		k->links.generation++;
		rc = nl_talk(k->nl, nlh, on_dump, k, err);
	} while (rc == -EINTR);
	return rc;
}

void event_resync(void *data)
{
	struct kvsd *k = data;
	struct err err;

	vlan_doubt(k);
	if (event_read_links(k, &err)) {
		log_err("cannot read the links: %s", err.text);
		return;
	}
	links_for_each(&k->links, l)
		if (l->seen != k->links.generation)
			link_gone(k, l);
	links_for_each(&k->links, l)
		if (link_is_bridge(l) && !l->sw)
			apply_adopt(k, l);
	netns_begin(&k->netns);
	links_for_each(&k->links, l) {
		port_sync(k, l);
		if (l->port)
			tc_changed(k, l);
	}
	netns_end(&k->netns);
	fdb_resync(k);
}

/* A station was heard on another port. The bridge says so in an event; where it did not move the
 * entry (its ports need not learn), the mark would stay for ever.
 */
static void check_moved(struct kvsd *k)
{
	uint64_t moved = load_state(k->load).moved;

	if (k->moved_pause) {
		k->moved_pause--;
		return;
	}
	if (moved == k->moved)
		return;
	k->moved = moved;
	k->moved_pause = MOVED_PAUSE;
	fdb_resync(k);
}

static int on_promiscuity(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == IFLA_PROMISCUITY)
		*(uint32_t *)data = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static void on_link(const struct nlmsghdr *nlh, void *data)
{
	mnl_attr_parse(nlh, sizeof(struct ifinfomsg), on_promiscuity, data);
}

/* The kernel says nothing when a device on top of a bridge, a macvlan say, makes it promiscuous. */
static void check_promiscuity(struct kvsd *k, struct link *bridge)
{
	char buf[64];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_GETLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	uint32_t now = bridge->promiscuity;

	ifi->ifi_index = bridge->ifindex;
	nl_talk(k->nl, nlh, on_link, &now, NULL);
	if (now == bridge->promiscuity)
		return;
	bridge->promiscuity = now;
	switch_sync_ports(k, bridge);
}

void event_tick(struct kvsd *k)
{
	if (!k->load)
		return;
	if (load_heartbeat(k->load))
		log_err("the heartbeat program does not run: the fast path steps aside in %d s",
			KVS_STALE_AFTER);
	links_for_each(&k->links, l) {
		if (l->port)
			hook_check(k, l);
		if (l->port)
			vlan_check(k, l);
		if (l->sw)
			check_promiscuity(k, l);
	}
	netfilter_tick(k);
	watch_tick(k);
	peer_check(k);
	check_moved(k);
	guard_tick(k);
	group_tick(k);
	admit_review(k);
	if (port_retry(k))
		fdb_resync(k);
	else
		fdb_retry(k);
}
