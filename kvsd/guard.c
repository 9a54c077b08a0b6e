// SPDX-License-Identifier: GPL-2.0-only
/* What a port may send: given by the configuration or by hand, kept in force, or the port shut. */
#include <errno.h>
#include <linux/if_bridge.h>
#include <string.h>

#include "group.h"
#include "fdb.h"
#include "guard_left.h"
#include "guard_maps.h"
#include "guard_sweep.h"
#include "hook.h"
#include "settings.h"
#include "shape.h"
#include "stats.h"
#include "swap.h"

#define IDLE_MAX    10 /* seconds without a guard until the programs do without */
#define RETRY_PAUSE 5  /* seconds between two attempts to install what there was no room for */
#define RETRY_LOAD  60

static bool is_on(const struct kvsd *k)
{
	return k->load && (k->load->features & LOAD_GUARD);
}

bool guard_is_written(const struct kvsd *k, const struct link *l)
{
	return l->port->guard && is_on(k);
}

void guard_reserved(const struct kvsd *k, unsigned int *macs, unsigned int *addrs)
{
	*macs = *addrs = 0;
	links_for_each(&k->links, l) {
		const struct guard *g = l->port ? l->port->guard : NULL;

		if (!g)
			continue;
		*macs += g->policy.n_macs + g->policy.abi.max_macs;
		*addrs += g->policy.n_addrs;
	}
}

/* So that one port cannot use up what another was promised. */
static int check_room(const struct kvsd *k, const struct link *l, const struct policy *p,
		      struct err *err)
{
	const struct guard *g = l->port->guard;
	unsigned int macs, addrs;

	guard_reserved(k, &macs, &addrs);
	macs += p->n_macs + p->abi.max_macs;
	addrs += p->n_addrs;
	if (g) {
		macs -= g->policy.n_macs + g->policy.abi.max_macs;
		addrs -= g->policy.n_addrs;
	}
	if (macs <= k->load->guard_max && addrs <= k->load->guard_max)
		return 0;
	return err_set(
		err, -ENOSPC,
		"no room for its guard: limits.guard-entries is %u: raise it in kvs.yaml and restart kvsd",
		k->load->guard_max);
}

/* With limits, the hooks have to know the bridge's own addresses. Counters go on from where they
 * were. */
static int load_features(struct kvsd *k, unsigned int features, struct err *err)
{
	unsigned int more = features & ~k->load->features;
	int rc = swap_add(k, features, err);

	links_for_each(&k->links, l)
		if (!rc && l->port && (more & LOAD_GUARD))
			stats_go_on(k, l);
	if (!rc && (more & LOAD_LIMIT) && !k->is_starting)
		fdb_resync(k);
	return rc;
}

static int install(struct kvsd *k, struct link *l, const struct policy *policy, struct err *err)
{
	struct guard *g = l->port->guard;
	struct err why;
	int rc = check_room(k, l, policy, err);

	if (rc)
		return rc;
	rc = load_features(k, guard_maps_features(policy), &why)
		     ?: guard_maps_write(k->load, l->port->slot, g->is_written ? &g->policy : NULL,
					 policy, &why);
	return rc ? err_set(err, rc, "its guard could not be installed: %s", why.text) : 0;
}

static void open_hooks(struct kvsd *k, struct link *l)
{
	if (!l->port->is_shut)
		return;
	l->port->is_shut = false;
	hook_replace(k, l);
}

/* The port's flag is to follow. */
static int set(struct kvsd *k, struct link *l, const struct policy *policy, struct err *err)
{
	struct port *p = l->port;
	bool is_new = !p->guard;
	int rc;

	if (is_new)
		p->guard = calloc(1, sizeof(*p->guard));
	if (!p->guard)
		return err_set(err, -ENOMEM, "out of memory");
	rc = install(k, l, policy, err);
	if (rc && is_new) {
		free(p->guard);
		p->guard = NULL;
	}
	if (rc)
		return rc;
	p->guard->policy = *policy;
	p->guard->is_written = true;
	p->guard->error[0] = '\0';
	k->guard_idle = 0;
	return 0;
}

/* Nothing may pass where what may is not known: by the guard, or where there is none in the
 * programs, by others. */
static void shut(struct kvsd *k, struct link *l, const struct policy *policy, const char *why)
{
	struct port *p = l->port;
	struct guard *g = p->guard ?: calloc(1, sizeof(*g));

	log_err("%s: shut, it may send nothing: %s", l->name, why);
	if (g) {
		if (is_on(k))
			guard_maps_shut(k->load, p->slot, g->is_written ? &g->policy : NULL,
					policy);
		g->policy = *policy;
		g->is_written = false;
		snprintf(g->error, sizeof(g->error), "%s", why);
		p->guard = g;
	}
	if (is_on(k) && g)
		return;
	p->is_shut = true;
	hook_replace(k, l);
}

static void set_or_shut(struct kvsd *k, struct link *l, const struct policy *policy)
{
	struct err err;

	if (set(k, l, policy, &err))
		shut(k, l, policy, err.text);
	if (shape_set(k, l, policy->egress, &err))
		log_warn("%s: %s", l->name, err.text);
}

/* The port's flag is as the guard has it from here on. */
static void apply(struct kvsd *k, struct link *l)
{
	port_sync(k, l);
	if (!l->port->guard || l->port->guard->is_written)
		open_hooks(k, l);
}

int guard_set(struct kvsd *k, struct link *l, const struct policy *policy, struct err *err)
{
	struct err why;
	int rc = shape_set(k, l, policy->egress, &why) ?: set(k, l, policy, &why);

	if (rc) {
		if (l->port->guard)
			shape_set(k, l, l->port->guard->policy.egress, NULL);
		return err_set(err, rc, "%s: %s", l->name, why.text);
	}
	apply(k, l);
	return 0;
}

void guard_del(struct kvsd *k, struct link *l)
{
	struct guard *g = l->port->guard;

	if (!g)
		return;
	l->port->guard = NULL;
	shape_set(k, l, 0, NULL);
	apply(k, l);
	if (is_on(k))
		guard_maps_clear(k->load, l->port->slot, g->is_written ? &g->policy : NULL);
	free(g);
}

void guard_clear(struct kvsd *k, uint32_t slot)
{
	struct policy policy;

	if ((k->load->taken & LOAD_GUARD) && !guard_left_read(k, slot, &policy))
		guard_maps_clear(k->load, slot, &policy);
}

void guard_leave(struct kvsd *k, struct link *l)
{
	struct guard *g = l->port->guard;

	if (!g)
		return;
	l->port->guard = NULL;
	shape_set(k, l, 0, NULL);
	if (is_on(k))
		guard_maps_clear(k->load, l->port->slot, g->is_written ? &g->policy : NULL);
	free(g);
}

/* The file may have changed what the name stands for. One it does not know any more stays as it is.
 */
static bool rebuild(const struct kvsd *k, const struct guard *g, struct policy *out)
{
	*out = g->policy;
	return !config_guard_build(k->config, out, NULL) &&
	       (!g->is_written || memcmp(out, &g->policy, sizeof(*out)));
}

void guard_join(struct kvsd *k, struct link *l)
{
	struct guard *g = l->port->guard;
	struct policy want;

	switch (config_port_guard(k->config, l->name, &want)) {
	case ON:
		if (!g || !g->is_written || memcmp(&want, &g->policy, sizeof(want)))
			set_or_shut(k, l, &want);
		break;
	case OFF:
		guard_leave(k, l);
		break;
	case UNSET:
		if (g && rebuild(k, g, &want))
			set_or_shut(k, l, &want);
		break;
	}
}

void guard_reload(struct kvsd *k, struct link *l, const struct config *old)
{
	struct policy before = {}, now = {};
	bool had = config_port_guard(old, l->name, &before) == ON;
	bool has = config_port_guard(k->config, l->name, &now) == ON;
	struct guard *g = l->port->guard;

	if (has && (!had || memcmp(&now, &before, sizeof(now)) || (g && g->error[0])))
		set_or_shut(k, l, &now);
	else if (had && !has)
		guard_del(k, l);
	else if (g && rebuild(k, g, &now))
		set_or_shut(k, l, &now);
	else
		return;
	apply(k, l);
}

void guard_restore(struct kvsd *k, struct link *l, const struct kvs_port *found, uint32_t slot)
{
	unsigned int features;
	struct policy policy;
	bool is_same;
	struct guard *g;
	struct err err;

	if (!(found->flags & KVS_PORT_GUARD) || !is_on(k))
		return;
	if (guard_left_read(k, slot, &policy)) {
		shut(k, l, &policy, "its guard could not be read back");
		return;
	}
	shape_find(k, l, &policy);
	features = guard_maps_features(&policy);
	is_same = (k->load->taken & features) == features;
	g = l->port->guard = calloc(1, sizeof(*g));
	if (!g || policy.abi.flags & KVS_GUARD_SHUT) {
		shut(k, l, &policy,
		     "its guard could not be installed before kvsd was started anew");
		return;
	}
	if (!is_same && guard_maps_write(k->load, l->port->slot, NULL, &policy, &err)) {
		shut(k, l, &policy, err.text);
		return;
	}
	g->policy = policy;
	g->is_written = true;
	if (!is_same)
		guard_left_macs(k, slot, l->port->slot);
}

static bool lacks_hook(const struct kvsd *k, const struct link *l)
{
	struct policy policy;

	if (l->port && *group_error(l))
		return true;
	if (l->port)
		return l->port->guard && l->port->tc == HOOK_NONE && *l->port->tc_error;
	return l->is_refused && port_is_ours(k, l) &&
	       config_port_guard(k->config, l->name, &policy) == ON;
}

void guard_close(struct kvsd *k, struct link *l)
{
	bool wanted = lacks_hook(k, l);
	struct err err;

	if (wanted && (!l->is_closed || l->state != BR_STATE_DISABLED)) {
		if (settings_state(k, l, BR_STATE_DISABLED, &err))
			log_err("%s: its guard or group is not in force: %s", l->name, err.text);
		else if (!l->is_closed)
			log_err("%s: disabled, since its guard or group cannot be in force",
				l->name);
		l->is_closed = true;
	} else if (!wanted && l->is_closed) {
		l->is_closed = false;
		if (port_is_ours(k, l))
			settings_state(k, l, BR_STATE_FORWARDING, NULL);
	}
}

const char *guard_error(const struct link *l)
{
	if (l->port && *group_error(l))
		return group_error(l);
	if (l->port && l->is_closed)
		return l->port->tc_error;
	if (l->is_closed)
		return "no room for the port, and so for its guard: raise limits.ports in kvs.yaml and restart kvsd";
	return l->port && l->port->guard ? l->port->guard->error : "";
}

void guard_started(struct kvsd *k)
{
	guard_left_free(k);
}

/* By the ports that there are. */
static unsigned int features_wanted(const struct kvsd *k)
{
	unsigned int features = 0;

	links_for_each(&k->links, l)
		if (l->port && l->port->guard)
			features |= guard_maps_features(&l->port->guard->policy);
	return features;
}

/* The counts go with the map. */
static void keep_counts(struct kvsd *k)
{
	links_for_each(&k->links, l)
		if (l->port)
			stats_guard(k, l, &l->port->refused);
}

/* Others may have left room. Programs that the kernel refused are not tried as often. */
static void retry(struct kvsd *k)
{
	unsigned int pause = is_on(k) ? RETRY_PAUSE : RETRY_LOAD;

	if (++k->guard_retry < pause)
		return;
	k->guard_retry = 0;
	links_for_each(&k->links, l) {
		struct guard *g = l->port ? l->port->guard : NULL;
		struct policy policy;

		if (!g || g->is_written || !rebuild(k, g, &policy) ||
		    guard_set(k, l, &policy, NULL))
			continue;
		log_info("%s: its guard is in force now", l->name);
	}
}

void guard_tick(struct kvsd *k)
{
	unsigned int idle;

	retry(k);
	if (!is_on(k))
		return;
	guard_sweep(k);
	idle = k->load->features & (LOAD_GUARD | LOAD_LIMIT) & ~features_wanted(k);
	k->guard_idle = idle ? k->guard_idle + 1 : 0;
	if (k->guard_idle < IDLE_MAX)
		return;
	k->guard_idle = 0;
	if (idle & LOAD_GUARD)
		keep_counts(k);
	swap_drop(k, idle);
}
