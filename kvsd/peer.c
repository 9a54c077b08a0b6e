// SPDX-License-Identifier: GPL-2.0-only
/* GRO at the other end of a veth: without it, frames that XDP redirects to the veth vanish. */
#include <string.h>

#include "offload.h"
#include "peer.h"
#include "peerns.h"
#include "switch.h"

static bool is_veth(const struct link *l)
{
	return !strcmp(l->kind, "veth");
}

/* What KVS switched on stays KVS's. */
static void look(struct kvsd *k, struct link *l)
{
	enum peer_gro on_is = l->port->gro == GRO_KVS ? GRO_KVS : GRO_ON;
	bool on;

	if (peer_gro(&k->netns, l->lower, l->lower_nsid, PEER_GRO_GET, &on, NULL))
		l->port->gro = GRO_UNKNOWN;
	else
		l->port->gro = on ? on_is : GRO_OFF;
}

/* Since 6.3 the driver allows redirects when GRO is switched on at a peer that is up, not when a
 * peer that has it on comes up: so here it is switched, off first where it was on.
 */
static int switch_gro(struct kvsd *k, struct link *l, struct err *err)
{
	bool off = false, on = true;
	int rc = 0;

	if (l->port->gro == GRO_ON)
		rc = peer_gro(&k->netns, l->lower, l->lower_nsid, PEER_GRO_SET, &off, err);
	return rc ?: peer_gro(&k->netns, l->lower, l->lower_nsid, PEER_GRO_SET, &on, err);
}

static void switch_on(struct kvsd *k, struct link *l)
{
	struct err err;

	look(k, l);
	if (switch_gro(k, l, &err)) {
		if (l->port->gro != GRO_UNKNOWN || !l->port->is_peer_warned)
			log_warn("%s: XDP does not send to it: %s", l->name, err.text);
		l->port->is_peer_warned = true;
		return;
	}
	if (l->port->gro != GRO_ON)
		l->port->gro = GRO_KVS;
	l->port->is_peer_ready = true;
}

void peer_restore(struct kvsd *k, struct link *l)
{
	struct err err;
	bool on = false;

	l->port->is_peer_ready = false;
	if (l->port->gro != GRO_KVS)
		return;
	l->port->gro = GRO_UNKNOWN;
	if (peer_gro(&k->netns, l->lower, l->lower_nsid, PEER_GRO_SET, &on, &err))
		log_warn("%s: GRO of its peer stays on: %s", l->name, err.text);
	else
		l->port->gro = GRO_OFF;
}

void peer_sync(struct kvsd *k, struct link *l)
{
	const struct link *bridge = link_get(&k->links, l->master);
	bool wanted = bridge && bridge->sw && bridge->sw->n_xdp;

	if (!is_veth(l))
		return;
	if (!wanted)
		peer_restore(k, l);
	else if (!l->port->is_peer_ready && (l->flags & LINK_LOWER_UP))
		switch_on(k, l);
}

/* Its namespace sends us no events. */
void peer_check(struct kvsd *k)
{
	struct link *next = NULL;

	links_for_each(&k->links, l) {
		bool is_used = l->port && l->port->is_peer_ready && is_veth(l);

		if (is_used && l->ifindex > k->peer_checked &&
		    (!next || l->ifindex < next->ifindex))
			next = l;
	}
	k->peer_checked = next ? next->ifindex : 0;
	if (!next)
		return;
	offload_check(k, next);
	look(k, next);
	if (next->port->gro == GRO_ON || next->port->gro == GRO_KVS)
		return;
	next->port->is_peer_ready = false;
	log_warn("%s: GRO of its peer was switched off, which XDP needs: switching it on",
		 next->name);
	port_sync(k, next);
}

const char *peer_state(struct kvsd *k, struct link *l)
{
	static const char *const names[] = {"none", "unknown", "off", "on", "kvs"};

	if (!is_veth(l))
		return names[GRO_NONE];
	if (!l->port)
		return names[GRO_UNKNOWN];
	if (l->port->gro == GRO_UNKNOWN)
		look(k, l);
	return names[l->port->gro];
}
