// SPDX-License-Identifier: GPL-2.0-only
/* The configuration file: what kvsd and kvs call. */
#include <fnmatch.h>
#include <string.h>

#include "config_parts.h"

bool name_matches(const char *pattern, const char *name)
{
	return fnmatch(pattern, name, 0) == 0;
}

int config_load(const char *path, struct config **out, struct err *err)
{
	_cleanup_(config_file_free) struct config_file f = {};
	_config_ struct config *config = NULL;
	int ret;

	ret = config_file_read(&f, path, err);
	ret = ret ?: config_check_tree(&f);
	ret = ret ?: config_schema_load(&f, &config);
	ret = ret ?: config_rules_check(&f, config);
	if (ret)
		return ret;
	*out = config;
	config = NULL;
	return 0;
}

static void merge(struct port_settings *to, const struct port_settings *from)
{
	if (from->path != UNSET)
		to->path = from->path;
	if (from->isolated != UNSET)
		to->isolated = from->isolated;
	if (from->hairpin != UNSET)
		to->hairpin = from->hairpin;
	if (from->learning != UNSET)
		to->learning = from->learning;
	if (from->group)
		to->group = from->group;
}

void config_port_settings(const struct config *config, const char *name, struct port_settings *out,
			  const char **switch_out)
{
	*out = (struct port_settings){UNSET, UNSET, UNSET, UNSET, NULL};
	*switch_out = NULL;
	for (size_t i = 0; i < config->n_ports; i++) {
		const struct config_port *port = &config->ports[i];

		if (!name_matches(port->match, name))
			continue;
		merge(out, &port->set);
		if (port->switch_)
			*switch_out = port->switch_;
	}
}

int config_switch_netfilter(const struct config *config, const char *name)
{
	int netfilter = UNSET;

	for (size_t i = 0; i < config->n_switches; i++) {
		const struct config_switch *sw = &config->switches[i];

		if (sw->netfilter != UNSET &&
		    (sw->name ? !strcmp(sw->name, name) : name_matches(sw->adopt, name)))
			netfilter = sw->netfilter;
	}
	return netfilter;
}
