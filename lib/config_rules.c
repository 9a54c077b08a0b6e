// SPDX-License-Identifier: GPL-2.0-only
/* What a configuration file must not say although each key and type is right. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "config_parts.h"

#define GLOB "*?["

int config_rules_twice(struct config_file *f, const yaml_node_t *node, const yaml_node_t *first)
{
	return config_file_refuse(f, node, "'%s' is in line %zu already: make one entry of the two",
				  config_file_text(node), first->start_mark.line + 1);
}

/* The kernel's dev_valid_name, without '%', which it fills in, and '\', which patterns take. */
static bool is_clean(const char *name)
{
	return *name && strcmp(name, ".") && strcmp(name, "..") &&
	       !strpbrk(name, "/:%\\ \t\n\v\f\r");
}

static int check_pattern(struct config_file *f, const yaml_node_t *node)
{
	static const char rule[] = "at most 15 characters, no white space, none of / : % \\";
	const char *pattern = config_file_text(node);

	if (is_clean(pattern) && (strpbrk(pattern, GLOB) || strlen(pattern) < IFNAMSIZ))
		return 0;
	return config_file_refuse(f, node, "no device can be called '%s': %s", pattern, rule);
}

static int check_name(struct config_file *f, const yaml_node_t *node)
{
	const char *name = config_file_text(node);

	if (strpbrk(name, GLOB))
		return config_file_refuse(f, node, "'%s' is a pattern: give one name", name);
	return check_pattern(f, node);
}

static int check_kind(struct config_file *f, size_t i)
{
	static const char help[] = "'name' is for a switch that KVS makes, 'adopt' for others'";
	const yaml_node_t *name = config_file_find(f, "switches", i, "name");
	const yaml_node_t *adopt = config_file_find(f, "switches", i, "adopt");

	if (name && adopt)
		return config_file_refuse(f, adopt, "next to 'name': keep one, %s", help);
	if (!name && !adopt)
		return config_file_refuse(f, config_file_find(f, "switches", i, NULL),
					  "neither 'name' nor 'adopt': add one, %s", help);
	return name ? check_name(f, name) : check_pattern(f, adopt);
}

static int check_options(struct config_file *f, size_t i)
{
	static const char *const options[] = {"stp", "ageing"};

	if (config_file_find(f, "switches", i, "name"))
		return 0;
	for (size_t k = 0; k < ARRAY_SIZE(options); k++) {
		const yaml_node_t *node = config_file_find(f, "switches", i, options[k]);

		if (node)
			return config_file_refuse(f, node,
						  "next to 'adopt': remove it, or use 'name'");
	}
	return 0;
}

static const char *name_of(const struct config_switch *sw)
{
	return sw->name ?: sw->adopt;
}

static const yaml_node_t *name_node(struct config_file *f, size_t i)
{
	return config_file_find(f, "switches", i, "name")
		       ?: config_file_find(f, "switches", i, "adopt");
}

static int check_switch(struct config_file *f, const struct config *config, size_t i)
{
	const char *name = name_of(&config->switches[i]);
	int ret;

	ret = check_kind(f, i);
	if (ret)
		return ret;
	for (size_t j = 0; j < i; j++) {
		if (!strcmp(name, name_of(&config->switches[j])))
			return config_rules_twice(f, name_node(f, i), name_node(f, j));
	}
	return check_options(f, i);
}

static bool could_exist(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_switches; i++) {
		if (name_matches(name_of(&config->switches[i]), name))
			return true;
	}
	return false;
}

static bool is_switch(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_switches; i++) {
		if (!strcmp(name_of(&config->switches[i]), name))
			return true;
	}
	return false;
}

static int refuse_unknown(struct config_file *f, const struct config *config,
			  const yaml_node_t *node)
{
	_free_ const char **names = calloc(config->n_switches + 1, sizeof(*names));
	const char *typed = config_file_text(node), *near;
	size_t n = 0;

	if (!names)
		return err_set(f->err, -ENOMEM, "%s: out of memory", f->path);
	for (size_t i = 0; i < config->n_switches; i++) {
		if (config->switches[i].name)
			names[n++] = config->switches[i].name;
	}
	near = suggest(typed, names, n);
	if (near)
		return config_file_refuse(f, node,
					  "no entry of 'switches' is for '%s': did you mean '%s'?",
					  typed, near);
	return config_file_refuse(f, node, "no entry of 'switches' is for '%s': add one", typed);
}

static int check_joins(struct config_file *f, const struct config *config, size_t i)
{
	const yaml_node_t *node = config_file_find(f, "ports", i, "switch");
	const struct config_port *port = &config->ports[i];
	int ret;

	if (!node)
		return 0;
	ret = check_name(f, node);
	if (ret)
		return ret;
	if (is_switch(config, port->match))
		return config_file_refuse(
			f, node, "'%s' is a switch itself, which no switch can take", port->match);
	return could_exist(config, port->switch_) ? 0 : refuse_unknown(f, config, node);
}

static int check_port(struct config_file *f, const struct config *config, size_t i)
{
	const yaml_node_t *match = config_file_find(f, "ports", i, "match");
	int ret;

	ret = check_pattern(f, match);
	if (ret)
		return ret;
	for (size_t j = 0; j < i; j++) {
		if (!strcmp(config->ports[i].match, config->ports[j].match))
			return config_rules_twice(f, match,
						  config_file_find(f, "ports", j, "match"));
	}
	return check_joins(f, config, i) ?: config_group_check(f, i)
		       ?: config_guard_check_port(f, config, i);
}

/* Without a gap between them, a port in it would change at each look. */
static int check_auto(struct config_file *f, const struct config *config)
{
	const yaml_node_t *all = config_file_get(f, config_file_root(f), "auto");
	const yaml_node_t *small = config_file_get(f, all, "small");
	const yaml_node_t *large = config_file_get(f, all, "large");
	const struct config_auto *a = &config->auto_;

	if (a->small < a->large)
		return 0;
	if (large)
		return config_file_refuse(f, large, "%u is not above 'small', which is %u%s",
					  a->large, a->small, small ? "" : " without the key");
	return config_file_refuse(f, small, "%u is not below 'large', which is %u without the key",
				  a->small, a->large);
}

int config_rules_check(struct config_file *f, const struct config *config)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < config->n_switches; i++)
		ret = check_switch(f, config, i);
	for (size_t i = 0; !ret && i < config->n_ports; i++)
		ret = check_port(f, config, i);
	return ret ?: config_guard_check(f, config) ?: check_auto(f, config);
}
