// SPDX-License-Identifier: GPL-2.0-only
/* Ports of adopted switches: their place in the maps, their hooks. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <string.h>

#include "admit.h"
#include "group.h"
#include "hook.h"
#include "netfilter.h"
#include "others.h"
#include "peer.h"
#include "pin.h"
#include "port.h"
#include "settings.h"
#include "stats.h"
#include "switch.h"
#include "vlan.h"

#define VLAN_HLEN         4
#define FORWARD_DELAY_MIN 200 /* 1/100 s */
#define REFRESH_PER_AGE   10  /* how often the bridge hears a talking station while an entry ages */

static struct sw *switch_of(const struct kvsd *k, const struct link *l)
{
	const struct link *master = l->is_port ? link_get(&k->links, l->master) : NULL;

	return master ? master->sw : NULL;
}

/* The place of a device in kvs_ports: where it is already, or the first free one. -ENOSPC: none. */
static int find_slot(const struct load *load, int ifindex, uint32_t *slot, struct kvs_port *port)
{
	int rc = -ENOSPC;

	for (uint32_t i = 0; i < KVS_PORT_PROBES; i++) {
		uint32_t at = (ifindex + i) & (load->slots - 1);
		struct kvs_port there;

		if (bpf_map_lookup_elem(load->ports, &at, &there))
			continue;
		if (there.ifindex != (uint32_t)ifindex && (there.ifindex || !rc))
			continue;
		*slot = at;
		*port = there;
		rc = 0;
		if (there.ifindex)
			break;
	}
	return rc;
}

static int refuse_limit(struct link *l, const char *what)
{
	if (!l->is_refused)
		log_warn("%s: stays on the slow path: %s", l->name, what);
	l->is_refused = true;
	return -ENOSPC;
}

/* From a daemon before this one. */
static bool has_xdp(const struct kvsd *k, const struct link *l)
{
	_close_ int link = pin_link_get(k->pin_dir, l->ifindex, "xdp");

	return link >= 0;
}

static int port_add(struct kvsd *k, struct link *l)
{
	struct kvs_port found = {};
	uint32_t slot = 0, was, ifindex = l->ifindex;
	struct port *p;

	if (find_slot(k->load, l->ifindex, &slot, &found))
		return refuse_limit(
			l, "no room in kvs_ports: raise limits.ports in kvs.yaml and restart kvsd");
	if (!found.ifindex && switch_ports(k) >= k->config->limits.ports)
		return refuse_limit(
			l, "limits.ports is reached: raise it in kvs.yaml and restart kvsd");
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	if (!found.ifindex) {
		stats_zero(k->load, slot);
		pin_port(k->pin_dir, l->ifindex, &found, &was);
		found.ifindex = 0; /* so that it is written */
	}
	bpf_map_update_elem(k->load->devmap, &slot, &ifindex,
			    0); /* the kernel may have emptied it */
	p->slot = slot;
	p->abi = found;
	was = found.ifindex ? slot : was;
	p->tc_link = p->xdp_link = p->egress_link = -1;
	/* without the feature nothing is there to be taken off */
	p->is_egress_seen = !(k->load->features & LOAD_EGRESS);
	p->group = found.group;
	p->has_clsact = found.flags & KVS_PORT_CLSACT;
	p->has_no_addr = found.flags & KVS_PORT_NO_ADDR;
	p->gro = found.flags & KVS_PORT_PEER_GRO ? GRO_KVS : GRO_UNKNOWN;
	p->is_peer_ready = found.flags & KVS_PORT_XDP_TX;
	p->tags = found.flags & (KVS_PORT_TAGS_CTAG | KVS_PORT_TAGS_STAG);
	p->vlans_of = -1; /* those that a daemon before left */
	p->path = found.path;
	watch_start(&p->watch, p->path == KVS_PATH_AUTO && has_xdp(k, l));
	l->port = p;
	l->is_refused = false;
	guard_restore(k, l, &found, was);
	return 0;
}

/* A topology change makes the bridge forget within the forward delay of the root, which may set the
 * shortest at any time: no event tells. */
static uint32_t refresh_of(const struct link *bridge)
{
	uint32_t age = bridge->ageing;

	if (bridge->stp && age > FORWARD_DELAY_MIN)
		age = FORWARD_DELAY_MIN;
	return load_jiffies(age) / REFRESH_PER_AGE;
}

static void port_write(struct kvsd *k, struct link *l, const struct link *bridge)
{
	struct port *p = l->port;
	struct kvs_port now = {
		.ifindex = l->ifindex,
		.bridge = bridge->ifindex,
		.max_frame = l->mtu + ETH_HLEN + VLAN_HLEN,
		.flags = port_flags(k, l, bridge),
		.refresh = refresh_of(bridge),
		.path = p->path,
		.group = p->group,
	};

	if (!memcmp(&now, &p->abi, sizeof(now)))
		return;
	bpf_map_update_elem(k->load->ports, &p->slot, &now, 0);
	load_changed(k->load);
	p->abi = now;
}

static bool wants_xdp(const struct port *p)
{
	if (p->tc == HOOK_NONE)
		return false;
	return p->path == KVS_PATH_XDP || (p->path == KVS_PATH_AUTO && p->watch.state.xdp);
}

static void port_update(struct kvsd *k, struct link *l)
{
	struct link *bridge = link_get(&k->links, l->master);
	struct port *p = l->port;

	if (bridge->sw->is_created)
		settings_addr_gen(l, true);
	vlan_sync(k, l);
	port_write(k, l, bridge); /* the hooks find it there from their first frame on */
	if (p->tc == HOOK_NONE) {
		hook_tc_sync(k, l);
		others_look(k, l);
		admit_port(k, l);
	}
	hook_egress_sync(k, l, group_wants_egress(k, l));
	hook_xdp_sync(k, l, wants_xdp(p));
	peer_sync(k, l);
	port_write(k, l, bridge);
	guard_close(k, l);
}

void port_sync(struct kvsd *k, struct link *l)
{
	struct sw *sw = switch_of(k, l);

	if (l->port && (!sw || k->is_leaving)) {
		port_remove(k, l);
		return;
	}
	if (!sw)
		l->is_refused = false;
	if (!sw || k->is_leaving || (!l->port && port_add(k, l))) {
		guard_close(k, l);
		return;
	}
	if (!l->port->is_config_done) {
		guard_join(k, l);
		group_join(k, l);
	}
	port_update(k, l);
	switch_review(k, sw);
	if (!l->port->is_config_done)
		settings_apply(k, l);
}

static void port_free(struct kvsd *k, struct link *l)
{
	static const struct kvs_port nobody;
	struct port *p = l->port;

	bpf_map_delete_elem(k->load->devmap, &p->slot);
	bpf_map_update_elem(k->load->ports, &p->slot, &nobody, 0);
	bpf_map_delete_elem(k->load->vlans, &p->slot);
	load_changed(k->load);
	guard_leave(k, l);
	close_p(&p->tc_link);
	close_p(&p->xdp_link);
	close_p(&p->egress_link);
	free(p);
	l->port = NULL;
}

void port_remove(struct kvsd *k, struct link *l)
{
	struct link *bridge = link_get(&k->links, l->port->abi.bridge);

	hook_xdp_sync(k, l, false);
	hook_egress_sync(k, l, false);
	hook_tc_detach(k, l);
	peer_restore(k, l);
	settings_addr_gen(l, false);
	port_free(k, l);
	if (bridge && bridge->sw)
		switch_review(k, bridge->sw);
}

/* It left its bridge, or the bridge went, while nobody watched: what was done to it is undone. */
static void sweep_one(const struct kvs_port *abi, void *data)
{
	struct kvsd *k = data;
	struct link *l = link_get(&k->links, abi->ifindex);

	if (!l || l->port || port_add(k, l))
		return;
	hook_tc_find(k, l);
	port_remove(k, l);
}

void port_sweep(struct kvsd *k)
{
	static const struct kvs_port nobody;
	struct kvs_port abi;

	pin_ports(k->pin_dir, sweep_one, k);
	for (uint32_t slot = 0; slot < k->load->slots; slot++) {
		if (bpf_map_lookup_elem(k->load->ports, &slot, &abi) || !abi.ifindex)
			continue;
		if (link_get(&k->links, abi.ifindex))
			continue;
		bpf_map_delete_elem(k->load->devmap, &slot);
		bpf_map_update_elem(k->load->ports, &slot, &nobody, 0);
		bpf_map_delete_elem(k->load->vlans, &slot);
		guard_clear(k, slot);
		load_changed(k->load);
	}
}

unsigned int port_refused(const struct kvsd *k)
{
	unsigned int n = 0;

	links_for_each(&k->links, l)
		n += l->is_refused && !l->port && port_is_ours(k, l);
	return n;
}

bool port_retry(struct kvsd *k)
{
	int room = (int)k->config->limits.ports - (int)switch_ports(k);
	bool any = false;

	links_for_each(&k->links, l) {
		if (room <= 0 || !l->is_refused || l->port)
			continue;
		port_sync(k, l);
		room -= !!l->port;
		any |= !!l->port;
	}
	return any;
}

bool port_uses_xdp(const struct port *p)
{
	return p->xdp_link >= 0 || (p->path == KVS_PATH_AUTO && p->watch.changes);
}

void port_set_path(struct kvsd *k, struct link *l, enum kvs_path path)
{
	if (l->port->path != path)
		watch_start(&l->port->watch, false);
	l->port->path = path;
	port_sync(k, l);
}
