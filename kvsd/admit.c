// SPDX-License-Identifier: GPL-2.0-only
/* Admission: on which switches, and in which order its parts come and go. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>

#include "admit.h"
#include "hook_bridge.h"
#include "port.h"
#include "settings.h"
#include "swap.h"
#include "switch.h"

static bool is_on(const struct kvsd *k)
{
	return k->load && (k->load->features & LOAD_ADMIT);
}

/* Whether a port may be given a guard or a group as it joins. */
static bool is_wanted(const struct kvsd *k)
{
	for (size_t i = 0; i < k->config->n_ports; i++) {
		const struct config_port *port = &k->config->ports[i];

		if (port->guard && strcmp(port->guard, "none"))
			return true;
		if (port->set.group && strcmp(port->set.group, GROUP_PROMISCUOUS))
			return true;
	}
	return false;
}

static bool has_vlans(const struct kvsd *k, const struct link *port)
{
	links_for_each(&k->links, l)
		if (l->lower == port->ifindex && !strcmp(l->kind, "vlan"))
			return true;
	return false;
}

/* What a VLAN device on the port sends may be routed, and no hook has seen it. */
bool admit_is_at(const struct kvsd *k, const struct link *l)
{
	const struct link *bridge = link_get(&k->links, l->master);

	return is_on(k) && bridge && bridge->sw && bridge->sw->admits && !has_vlans(k, l);
}

void admit_port(struct kvsd *k, struct link *l)
{
	if (admit_is_at(k, l) && !k->is_starting)
		settings_flush(k, l);
}

uint64_t admit_refused(const struct kvsd *k, const struct link *bridge)
{
	int n_cpus = libbpf_num_possible_cpus();
	_free_ uint64_t *each = calloc(n_cpus, sizeof(*each));
	uint32_t key = bridge->ifindex;
	uint64_t sum = 0;

	if (!is_on(k) || !each || bpf_map_lookup_elem(k->load->admit_counters, &key, each))
		return 0;
	for (int cpu = 0; cpu < n_cpus; cpu++)
		sum += each[cpu];
	return sum;
}

static void count_from(struct kvsd *k, const struct link *bridge)
{
	_free_ uint64_t *zero = calloc(libbpf_num_possible_cpus(), sizeof(*zero));
	uint32_t key = bridge->ifindex;

	if (zero)
		bpf_map_update_elem(k->load->admit_counters, &key, zero, BPF_NOEXIST);
}

/* All hooks mark by now; so nothing is refused that was not before. */
static void begin(struct kvsd *k, struct link *bridge)
{
	bridge->sw->admits = true;
	switch_remember(k, bridge->sw);
	count_from(k, bridge);
	switch_sync_ports(k, bridge);
	hook_bridge_sync(k, bridge, true);
}

/* At once at all ports: in what follows some have hooks, and some have none. */
static void clear_flags(struct kvsd *k, const struct link *bridge)
{
	links_for_each(&k->links, l) {
		struct port *p = l->port;

		if (!p || p->abi.bridge != (uint32_t)bridge->ifindex)
			continue;
		p->abi.flags &= ~KVS_PORT_ADMIT;
		bpf_map_update_elem(k->load->ports, &p->slot, &p->abi, 0);
	}
}

void admit_leave(struct kvsd *k, struct link *bridge)
{
	uint32_t key = bridge->ifindex;

	if (!bridge->sw->admits)
		return;
	hook_bridge_sync(k, bridge, false);
	bridge->sw->admits = false;
	clear_flags(k, bridge);
	switch_remember(k, bridge->sw);
	switch_sync_ports(k, bridge);
	bpf_map_delete_elem(k->load->admit_counters, &key);
}

void admit_restore(struct kvsd *k, struct link *bridge)
{
	uint32_t key = bridge->ifindex;
	struct kvs_switch was;

	if (bpf_map_lookup_elem(k->load->switches, &key, &was))
		return;
	bridge->sw->has_clsact = was.flags & KVS_SWITCH_CLSACT;
	bridge->sw->admits = (was.flags & KVS_SWITCH_ADMITS) && is_on(k);
	if (bridge->sw->admits)
		hook_bridge_sync(k, bridge, true);
}

static void stop(struct kvsd *k)
{
	links_for_each(&k->links, l)
		if (l->sw)
			admit_leave(k, l);
	swap_drop(k, LOAD_ADMIT | (k->load->features & LOAD_GROUP ? 0 : LOAD_EGRESS));
}

void admit_review(struct kvsd *k)
{
	struct err err;

	if (!k->load || k->is_starting || k->is_leaving)
		return;
	if (!is_wanted(k)) {
		if (is_on(k))
			stop(k);
		return;
	}
	if (!is_on(k) && swap_add(k, LOAD_ADMIT | LOAD_EGRESS, &err)) {
		if (!k->is_admit_said)
			log_err("a port that joins can send before its guard or group is in place: %s",
				err.text);
		k->is_admit_said = true;
		return;
	}
	links_for_each(&k->links, l)
		if (l->sw && !l->sw->admits)
			begin(k, l);
		else if (l->sw)
			hook_bridge_sync(k, l, true);
}
