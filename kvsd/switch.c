// SPDX-License-Identifier: GPL-2.0-only
/* Switches: bridges that KVS has adopted. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "admit.h"
#include "bpffs.h"
#include "fdb.h"
#include "instance.h"
#include "netfilter.h"
#include "pin.h"
#include "port.h"
#include "switch.h"

#define links_for_each_port(k, bridge, l) \
	links_for_each(&(k)->links, l)    \
		if (l->is_port && l->master == (bridge)->ifindex)

unsigned int switch_ports(const struct kvsd *k)
{
	unsigned int n = 0;

	links_for_each(&k->links, l)
		n += !!l->port;
	return n;
}

void switch_remember(struct kvsd *k, const struct sw *sw)
{
	struct kvs_switch value = {.abi = KVS_ABI};
	uint32_t key = sw->link->ifindex;

	if (sw->is_created)
		value.flags |= KVS_SWITCH_CREATED;
	if (sw->netfilter == KVS_NETFILTER_BYPASS)
		value.flags |= KVS_SWITCH_BYPASS;
	if (sw->admits)
		value.flags |= KVS_SWITCH_ADMITS;
	if (sw->has_clsact)
		value.flags |= KVS_SWITCH_CLSACT;
	memcpy(value.name, sw->link->name, sizeof(value.name));
	bpf_map_update_elem(k->load->switches, &key, &value, 0);
}

int switch_take_pins(struct kvsd *k, struct err *err)
{
	int rc;

	if (k->pin_lock >= 0)
		return 0;
	rc = bpffs_prepare(k->pin_want, k->pin_dir, sizeof(k->pin_dir), err);
	if (rc)
		return rc;
	rc = instance_lock_pin(k->pin_dir, err);
	if (rc < 0)
		return rc;
	k->pin_lock = rc;
	return 0;
}

void switch_unload(struct kvsd *k)
{
	pin_remove_all(k->pin_dir);
	load_close(k->load);
	k->load = NULL;
	close_p(&k->pin_lock);
	k->pin_lock = -1;
}

int switch_load(struct kvsd *k, struct err *err)
{
	int rc;

	if (k->load)
		return 0;
	rc = switch_take_pins(k, err) ?: load_open(k->pin_dir, &k->config->limits, &k->load, err);
	if (rc || k->is_starting)
		return rc; /* at start, what is pinned is still needed: see start.c */
	rc = load_pin(k->load, k->pin_dir, err);
	if (rc)
		switch_unload(k);
	return rc;
}

static void unload_last(struct kvsd *k)
{
	links_for_each(&k->links, l)
		if (l->sw)
			return;
	if (!k->is_starting)
		switch_unload(k);
}

static int check_adoptable(const struct link *bridge, struct err *err)
{
	if (!link_is_bridge(bridge))
		return err_set(err, -EINVAL,
			       "%s is not a bridge: make one with 'kvs switch add NAME'",
			       bridge->name);
	return 0;
}

/* Also those that are none yet, or no more. */
static void sync_all(struct kvsd *k, const struct link *bridge)
{
	netns_begin(&k->netns);
	links_for_each_port(k, bridge, l)
		port_sync(k, l);
	netns_end(&k->netns);
}

int switch_adopt(struct kvsd *k, struct link *bridge, bool is_created, struct err *err)
{
	struct sw *sw;
	int rc;

	if (bridge->sw)
		return 0;
	rc = check_adoptable(bridge, err) ?: switch_load(k, err);
	if (rc)
		return rc;
	sw = calloc(1, sizeof(*sw));
	if (!sw)
		return err_set(err, -ENOMEM, "out of memory");
	sw->claim = instance_claim(bridge->name, bridge->ifindex, err);
	if (sw->claim < 0) {
		rc = sw->claim;
		free(sw);
		unload_last(k);
		return rc;
	}
	sw->link = bridge;
	sw->is_created = is_created;
	sw->netfilter = config_switch_netfilter(k->config, bridge->name) == KVS_NETFILTER_BYPASS;
	bridge->sw = sw;
	bridge->is_released = false;
	sw->admit_link[0] = sw->admit_link[1] = -1;
	admit_restore(k, bridge);
	switch_remember(k, sw);
	netfilter_look(k);
	sync_all(k, bridge);
	admit_review(k);
	if (!k->is_starting)
		fdb_resync(k);
	log_info("%s: adopted with %u %s", bridge->name, sw->n_ports,
		 sw->n_ports == 1 ? "port" : "ports");
	netfilter_say(k, bridge);
	return 0;
}

void switch_forget(struct kvsd *k, struct link *bridge)
{
	uint32_t key = bridge->ifindex;
	struct sw *sw = bridge->sw;

	if (!sw)
		return;
	admit_leave(k, bridge);
	fdb_forget(k, bridge->ifindex);
	bpf_map_delete_elem(k->load->switches, &key);
	bridge->sw = NULL;
	sync_all(k, bridge);
	close_p(&sw->claim);
	free(sw);
	unload_last(k);
}

void switch_release(struct kvsd *k, struct link *bridge)
{
	log_info("%s: released", bridge->name);
	switch_forget(k, bridge);
	bridge->is_released = true;
}

void switch_release_all(struct kvsd *k)
{
	links_for_each(&k->links, l)
		if (l->sw)
			switch_release(k, l);
}

void switch_review(struct kvsd *k, struct sw *sw)
{
	unsigned int n_ports = 0, n_xdp = 0;
	bool has_suppress = false, changed;

	links_for_each_port(k, sw->link, l) {
		n_ports += !!l->port;
		n_xdp += l->port && port_uses_xdp(l->port);
		has_suppress |= l->brport & LINK_SUPPRESS;
	}
	changed = has_suppress != sw->has_suppress || !n_xdp != !sw->n_xdp;
	sw->n_ports = n_ports;
	sw->n_xdp = n_xdp;
	sw->has_suppress = has_suppress;
	if (changed)
		switch_sync_ports(k, sw->link);
}

void switch_sync_ports(struct kvsd *k, const struct link *bridge)
{
	netns_begin(&k->netns);
	links_for_each_port(k, bridge, l)
		if (l->port)
			port_sync(k, l);
	netns_end(&k->netns);
}

void switch_set_netfilter(struct kvsd *k, struct link *bridge, enum kvs_netfilter netfilter)
{
	if (bridge->sw->netfilter == netfilter)
		return;
	bridge->sw->netfilter = netfilter;
	switch_remember(k, bridge->sw);
	switch_sync_ports(k, bridge);
}

const char *switch_reason(const struct kvsd *k, const struct link *bridge)
{
	if (!(bridge->flags & IFF_UP))
		return "the bridge is down";
	if (bridge->mst)
		return "the bridge has a spanning tree per VLAN (mst_enabled), which the fast path does not follow";
	if (bridge->vlan_filtering && bridge->vlan_stats)
		return "the bridge counts frames by VLAN (vlan_stats_enabled), which the fast path does not";
	if (bridge->promiscuity)
		return "the bridge device is promiscuous: whoever listens there sees every frame";
	if (bridge->sw && bridge->sw->netfilter == KVS_NETFILTER_FOLLOW)
		return netfilter_of_bridge(k, bridge);
	return "";
}

int switch_find(struct kvsd *k, const char *name, struct link **out, struct err *err)
{
	struct link *found = link_by_name(&k->links, name);
	const char *names[256], *like;
	size_t n = 0;

	if (found && found->sw) {
		*out = found;
		return 0;
	}
	if (link_is_bridge(found))
		return err_set(err, -ENOENT,
			       "%s is a bridge, but not adopted: 'kvs switch adopt %s'", name,
			       name);
	links_for_each(&k->links, l)
		if (l->sw && n < ARRAY_SIZE(names))
			names[n++] = l->name;
	like = suggest(name, names, n);
	return err_set(err, -ENOENT, "no bridge named '%s'%s%s%s", name,
		       like ? ": did you mean '" : "", like ?: "",
		       like ? "'?" : "; 'kvs switch show' lists them");
}
