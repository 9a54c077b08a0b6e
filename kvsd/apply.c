// SPDX-License-Identifier: GPL-2.0-only
/* The configuration, applied: switches made and adopted, ports put into them. */
#include <errno.h>
#include <string.h>

#include "admit.h"
#include "apply.h"
#include "event.h"
#include "port.h"
#include "settings.h"
#include "switch.h"

static bool is_wanted(const struct kvsd *k, const struct config *config, const char *name)
{
	for (size_t i = 0; i < k->n_adopt; i++)
		if (name_matches(k->adopt[i], name))
			return true;
	for (size_t i = 0; i < config->n_switches; i++) {
		const struct config_switch *sw = &config->switches[i];

		if (sw->name ? !strcmp(sw->name, name) : name_matches(sw->adopt, name))
			return true;
	}
	return false;
}

static void join_all(struct kvsd *k, const struct link *bridge);

void apply_adopt(struct kvsd *k, struct link *bridge)
{
	struct err err;

	if (bridge->is_released || k->is_leaving || !is_wanted(k, k->config, bridge->name))
		return;
	if (switch_adopt(k, bridge, false, &err)) {
		log_warn("%s", err.text);
		bridge->is_released = true; /* said once; 'kvs switch adopt' tries again */
		return;
	}
	join_all(k, bridge);
}

/* The switch that config wants l in, when it is there and adopted. */
static struct link *home_of(const struct kvsd *k, const struct config *config, const struct link *l)
{
	struct port_settings set;
	const char *name;
	struct link *bridge;

	config_port_settings(config, l->name, &set, &name);
	bridge = name ? link_by_name(&k->links, name) : NULL;
	return bridge && bridge->sw && bridge != l ? bridge : NULL;
}

void apply_join(struct kvsd *k, struct link *l)
{
	struct link *bridge = home_of(k, k->config, l);
	struct err err;

	if (!bridge || l->master)
		return;
	if (settings_join(k, l, bridge, &err))
		log_warn("%s", err.text);
	else
		log_info("%s: put into %s", l->name, bridge->name);
}

static void join_all(struct kvsd *k, const struct link *bridge)
{
	links_for_each(&k->links, l)
		if (home_of(k, k->config, l) == bridge)
			apply_join(k, l);
}

static const struct config_switch *named(const struct config *config, const char *name)
{
	for (size_t i = 0; config && i < config->n_switches; i++)
		if (config->switches[i].name && !strcmp(config->switches[i].name, name))
			return &config->switches[i];
	return NULL;
}

static void keep_same(int *now, int before)
{
	if (*now == before)
		*now = UNSET;
}

/* Of a bridge that is there, only what the file says, and says differently from old, is set. */
static int apply_switch(struct kvsd *k, const struct config_switch *sw, const struct config *old,
			struct err *err)
{
	struct link *bridge = link_by_name(&k->links, sw->name);
	const struct config_switch *before = named(old, sw->name);
	int stp = sw->stp, ageing = sw->ageing, rc;

	if (!bridge)
		return switch_create(k, sw->name, sw->stp == ON, sw->ageing, err);
	if (before) {
		keep_same(&stp, before->stp);
		keep_same(&ageing, before->ageing);
	}
	rc = switch_adopt(k, bridge, false, err);
	if (rc || (stp == UNSET && ageing == UNSET))
		return rc;
	return switch_set(k, bridge->ifindex, stp, ageing, err);
}

/* Without an entry a switch follows the rules; one set by hand stays unless the file changed. */
static void apply_netfilter(struct kvsd *k, struct link *bridge, const struct config *old)
{
	int now = config_switch_netfilter(k->config, bridge->name);
	int before = old ? config_switch_netfilter(old, bridge->name) : UNSET;

	if (now == before)
		return;
	switch_set_netfilter(k, bridge, now == UNSET ? KVS_NETFILTER_FOLLOW : now);
}

/* old is the configuration before, or NULL at start. */
static int apply_switches(struct kvsd *k, const struct config *old, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < k->config->n_switches && !rc; i++)
		if (k->config->switches[i].name)
			rc = apply_switch(k, &k->config->switches[i], old, err);
	links_for_each(&k->links, l)
		if (link_is_bridge(l) && !l->sw)
			apply_adopt(k, l);
	links_for_each(&k->links, l)
		if (l->sw)
			apply_netfilter(k, l, old);
	links_for_each(&k->links, l)
		apply_join(k, l);
	return rc;
}

int apply_all(struct kvsd *k, struct err *err)
{
	return apply_switches(k, NULL, err);
}

/* What a setting is without the file: path auto, and the bridge's own defaults. */
static void fill(struct port_settings *set)
{
	set->path = set->path == UNSET ? KVS_PATH_AUTO : set->path;
	set->isolated = set->isolated == UNSET ? OFF : set->isolated;
	set->hairpin = set->hairpin == UNSET ? OFF : set->hairpin;
	set->learning = set->learning == UNSET ? ON : set->learning;
	set->group = set->group ?: GROUP_PROMISCUOUS;
}

/* Only what the file says differently now: what was set by hand since stays. */
static void apply_port_difference(struct kvsd *k, struct link *l, const struct config *old)
{
	struct port_settings before, now;
	const char *name;
	struct err err;

	config_port_settings(old, l->name, &before, &name);
	config_port_settings(k->config, l->name, &now, &name);
	fill(&before);
	fill(&now);
	keep_same(&now.path, before.path);
	keep_same((int *)&now.isolated, before.isolated);
	keep_same((int *)&now.hairpin, before.hairpin);
	keep_same((int *)&now.learning, before.learning);
	if (!strcmp(now.group, before.group))
		now.group = NULL;
	if (settings_set(k, l, &now, &err))
		log_warn("%s", err.text);
	guard_reload(k, l, old);
}

static void apply_difference(struct kvsd *k, const struct config *old)
{
	links_for_each(&k->links, l)
		if (l->sw && is_wanted(k, old, l->name) && !is_wanted(k, k->config, l->name))
			switch_release(k, l);
	links_for_each(&k->links, l)
		if (link_is_bridge(l) && !is_wanted(k, old, l->name))
			l->is_released = false;
	links_for_each(&k->links, l)
		if (l->port)
			apply_port_difference(k, l, old);
	if (memcmp(&old->limits, &k->config->limits, sizeof(old->limits)))
		log_warn("limits: the new ones hold from the next start of kvsd on");
}

int apply_reload(struct kvsd *k, struct err *err)
{
	struct config *old = k->config, *new = NULL;
	struct config_limits limits = old->limits;
	int rc = config_load(k->config_path, &new, err);

	if (rc == -ENOENT && k->config_is_default) {
		new = config_defaults();
		rc = new ? 0 : rc;
	}
	if (rc)
		return rc;
	k->config = new;
	apply_difference(k, old);
	k->config->limits = limits;
	rc = apply_switches(k, old, err);
	admit_review(k);
	config_free(old);
	return rc;
}
