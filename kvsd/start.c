// SPDX-License-Identifier: GPL-2.0-only
/* From nothing, or from what a daemon before this one left, to a switch that is followed. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "admit.h"
#include "apply.h"
#include "event.h"
#include "fdb.h"
#include "hook.h"
#include "netfilter.h"
#include "pin.h"
#include "port.h"
#include "start.h"
#include "switch.h"

static void adopt_pinned(int ifindex, const struct kvs_switch *sw, void *data)
{
	struct kvsd *k = data;
	struct link *l = link_get(&k->links, ifindex);
	struct err err;

	if (!link_is_bridge(l))
		return;
	if (switch_adopt(k, l, sw->flags & KVS_SWITCH_CREATED, &err))
		log_warn("%s: not taken over: %s", l->name, err.text);
	else if (sw->flags & KVS_SWITCH_BYPASS)
		switch_set_netfilter(k, l, KVS_NETFILTER_BYPASS);
}

static bool is_pattern(const char *name)
{
	return strpbrk(name, "*?[");
}

/* Before anything is touched. */
static int check_wanted(const struct kvsd *k, struct err *err)
{
	for (size_t i = 0; i < k->n_adopt; i++) {
		const char *name = k->adopt[i];
		const struct link *l = is_pattern(name) ? NULL : link_by_name(&k->links, name);

		if (is_pattern(name) || link_is_bridge(l))
			continue;
		return err_set(
			err, -ENOENT,
			l ? "--adopt %s: not a bridge"
			  : "--adopt %s: no such bridge in this network namespace; 'ip link show type bridge' lists them",
			name);
	}
	return 0;
}

/* Adopted now, or known to be gone. */
static void forget_switches(struct kvsd *k)
{
	uint32_t key, next;
	bool more = !bpf_map_get_next_key(k->load->switches, NULL, &key);

	while (more) {
		const struct link *l = link_get(&k->links, key);

		more = !bpf_map_get_next_key(k->load->switches, &key, &next);
		if (!l || !l->sw)
			bpf_map_delete_elem(k->load->switches, &key);
		key = next;
	}
}

static bool is_port(int ifindex, void *data)
{
	const struct kvsd *k = data;
	const struct link *l = link_get(&k->links, ifindex);

	return l && (l->port || l->sw);
}

static bool is_used(const struct kvsd *k)
{
	links_for_each(&k->links, l)
		if (l->sw)
			return true;
	return false;
}

/* Adopt what was adopted; with pins, the programs are loaded also where that is nothing, to clear
 * up. */
static int take_over(struct kvsd *k, struct err *err)
{
	if (!pin_is_used(k->pin_dir))
		return 0;
	pin_switches(k->pin_dir, adopt_pinned, k);
	return switch_load(k, err);
}

static int finish(struct kvsd *k, struct err *err)
{
	if (k->load) {
		port_sweep(k);
		forget_switches(k);
		fdb_resync(k);
		event_tick(k); /* now that it is true again, the fast path may go on */
	}
	guard_started(k);
	pin_sweep_links(k->pin_dir, is_port, k);
	if (is_used(k))
		return load_pin(k->load, k->pin_dir, err);
	switch_unload(k);
	return 0;
}

static int read_all(struct kvsd *k, struct err *err)
{
	return switch_take_pins(k, err) ?: pin_check_namespace(k->pin_dir, err) ?:
	       nl_open(k->event, event_message, event_resync, k, &k->nl, err) ?: event_read_links(k, err);
}

int start_all(struct kvsd *k, struct err *err)
{
	int rc = read_all(k, err) ?: check_wanted(k, err) ?: netfilter_start(k, err);
	bool was_used;

	if (rc)
		return rc;
	was_used = pin_is_used(k->pin_dir);
	k->is_starting = true;
	rc = take_over(k, err) ?: apply_all(k, err) ?: finish(k, err);
	k->is_starting = false;
	if (!rc)
		admit_review(k);
	if (rc && !was_used)
		switch_release_all(
			k); /* nothing is left half done; what was at work before goes on */
	return rc;
}

int start_release_all(struct kvsd *k, struct err *err)
{
	int rc = read_all(k, err);

	if (rc)
		return rc;
	k->is_starting = true;
	rc = take_over(k, err) ?: finish(k, err);
	k->is_starting = false;
	switch_release_all(k);
	return rc;
}
