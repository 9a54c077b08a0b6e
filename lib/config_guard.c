// SPDX-License-Identifier: GPL-2.0-only
/* Guards of the configuration: presets, what they come to, what must not be said of them. */
#include <errno.h>
#include <string.h>

#include "config_parts.h"
#include "limit.h"

#define NONE "none"
#define ANY  "any"

const cyaml_strval_t config_presets[GUARD_PRESETS] = {
	{"vm", GUARD_VM},
	{"router", GUARD_ROUTER},
	{"trunk", GUARD_TRUNK},
};

static const char *const host_types[] = {"ipv4", "arp", "ipv6", "rarp"};
static const char *const any_type[] = {ANY};

#define STORMS(broadcast, multicast, unknown)                 \
	.limits = {[KVS_LIMIT_BROADCAST] = (char *)broadcast, \
		   [KVS_LIMIT_MULTICAST] = (char *)multicast, \
		   [KVS_LIMIT_UNKNOWN] = (char *)unknown}
#define TYPES(list) .ethertypes = (char **)(list), .n_ethertypes = ARRAY_SIZE(list)

/* Listed in kvs-guard(8). */
static const struct config_guard presets[GUARD_PRESETS] = {
	[GUARD_VM] = {.mode = POLICY_ENFORCE,
		      .tags = OFF,
		      .link_local = OFF,
		      .sticky = ON,
		      .router = OFF,
		      .dhcp_server = OFF,
		      .max_macs = 1,
		      STORMS("1000", "5000", "1000"),
		      TYPES(host_types)},
	[GUARD_ROUTER] = {.mode = POLICY_ENFORCE,
			  .tags = OFF,
			  .link_local = OFF,
			  .sticky = ON,
			  .router = ON,
			  .dhcp_server = ON,
			  .max_macs = 16,
			  STORMS("1000", "none", "10000"),
			  TYPES(any_type)},
	[GUARD_TRUNK] = {.mode = POLICY_ENFORCE,
			 .tags = ON,
			 .link_local = OFF,
			 .sticky = ON,
			 .router = OFF,
			 .dhcp_server = OFF,
			 .max_macs = 0,
			 STORMS("10000", "none", "100000"),
			 TYPES(any_type)},
};

/* What an entry says without a preset: nothing is looked at. */
static const struct config_guard nothing = {.mode = POLICY_ENFORCE,
					    .tags = ON,
					    .link_local = ON,
					    .sticky = OFF,
					    .router = ON,
					    .dhcp_server = ON,
					    .max_macs = 0,
					    TYPES(any_type)};

static const struct config_guard *preset_of(const char *name)
{
	for (size_t i = 0; i < GUARD_PRESETS; i++)
		if (!strcmp(config_presets[i].str, name))
			return &presets[i];
	return NULL;
}

static const struct config_guard *entry_of(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_guards; i++)
		if (!strcmp(config->guards[i].name, name))
			return &config->guards[i];
	return NULL;
}

static void overlay(int *to, int from)
{
	if (from != UNSET)
		*to = from;
}

static struct config_guard complete(const struct config_guard *entry)
{
	struct config_guard g = entry->preset == UNSET ? nothing : presets[entry->preset];

	overlay(&g.mode, entry->mode);
	overlay((int *)&g.tags, entry->tags);
	overlay((int *)&g.link_local, entry->link_local);
	overlay((int *)&g.sticky, entry->sticky);
	overlay((int *)&g.router, entry->router);
	overlay((int *)&g.dhcp_server, entry->dhcp_server);
	overlay(&g.max_macs, entry->max_macs);
	if (entry->n_ethertypes) {
		g.ethertypes = entry->ethertypes;
		g.n_ethertypes = entry->n_ethertypes;
	}
	for (int i = 0; i < KVS_LIMIT_MAX; i++)
		g.limits[i] = entry->limits[i] ?: g.limits[i];
	g.burst = entry->burst;
	g.storm_burst = entry->storm_burst;
	g.egress_rate = entry->egress_rate;
	return g;
}

/* Of a limit that the guard has; the texts were checked. */
static struct kvs_bucket bucket_of(const struct config_guard *g, enum kvs_limit_kind kind)
{
	const char *burst = kind == KVS_LIMIT_RATE ? g->burst : g->storm_burst;
	struct kvs_bucket b;

	limit_parse(kind, g->limits[kind] ?: LIMIT_NONE, &b, NULL);
	if (burst && b.mult)
		limit_burst_parse(burst, &b, NULL);
	return b;
}

/* What the port has for itself stays. */
static void set_limits(struct policy *policy, const struct config_guard *g)
{
	for (int i = 0; i < KVS_LIMIT_MAX; i++) {
		if (!(policy->own_limits & 1 << i))
			policy->limit.of[i] = bucket_of(g, i);
		if (policy->limit.of[i].mult)
			policy->abi.flags |= i == KVS_LIMIT_RATE ? KVS_GUARD_RATE : KVS_GUARD_STORM;
	}
	if (!(policy->own_limits & POLICY_OWN_EGRESS))
		limit_egress_parse(g->egress_rate ?: LIMIT_NONE, &policy->egress, NULL);
}

static __u32 flags_of(const struct config_guard *g, const struct policy *policy)
{
	int mode = policy->mode == UNSET ? g->mode : policy->mode;

	return (mode == POLICY_AUDIT ? KVS_GUARD_AUDIT : 0) |
	       (g->tags == OFF ? KVS_GUARD_TAGS : 0) |
	       (g->link_local == OFF ? KVS_GUARD_LINK_LOCAL : 0) |
	       (policy->n_macs ? KVS_GUARD_MACS : 0) | (g->sticky == ON ? KVS_GUARD_STICKY : 0) |
	       (policy->n_addrs ? KVS_GUARD_ADDRESSES : 0) |
	       (g->router == OFF ? KVS_GUARD_ROUTER : 0) |
	       (g->dhcp_server == OFF ? KVS_GUARD_DHCP : 0);
}

static void set_types(struct kvs_guard *abi, const struct config_guard *g)
{
	memset(abi->types, 0, sizeof(abi->types));
	if (!strcmp(g->ethertypes[0], ANY))
		return;
	for (size_t i = 0; i < g->n_ethertypes && i < KVS_GUARD_TYPES; i++)
		policy_type_parse(g->ethertypes[i], &abi->types[i], NULL);
}

static int refuse_unknown(const struct config *config, const char *name, struct err *err)
{
	_free_ const char **names = calloc(config->n_guards + GUARD_PRESETS, sizeof(*names));
	const char *near;
	size_t n = 0;

	if (!names)
		return err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < GUARD_PRESETS; i++)
		names[n++] = config_presets[i].str;
	for (size_t i = 0; i < config->n_guards; i++)
		names[n++] = config->guards[i].name;
	near = suggest(name, names, n);
	return err_set(err, -ENOENT, "no guard named '%.40s'%s%s%s", name,
		       near ? ": did you mean '" : ": ",
		       near ?: "vm, router, trunk, or a name of 'guards'", near ? "'?" : "");
}

int config_guard_build(const struct config *config, struct policy *policy, struct err *err)
{
	const struct config_guard *preset = preset_of(policy->abi.name);
	const struct config_guard *entry = preset ? NULL : entry_of(config, policy->abi.name);
	struct config_guard g;

	if (!preset && !entry)
		return refuse_unknown(config, policy->abi.name, err);
	g = preset ? *preset : complete(entry);
	policy->abi.flags = flags_of(&g, policy);
	policy->abi.max_macs = policy->n_macs ? 0 : g.max_macs;
	set_types(&policy->abi, &g);
	set_limits(policy, &g);
	return 0;
}

enum tristate config_port_guard(const struct config *config, const char *name, struct policy *out)
{
	const struct config_port *macs = NULL, *addresses = NULL;
	const char *guard = NULL;

	for (size_t i = 0; i < config->n_ports; i++) {
		const struct config_port *port = &config->ports[i];

		if (!name_matches(port->match, name))
			continue;
		if (port->guard)
			guard = port->guard;
		macs = port->n_macs ? port : macs;
		addresses = port->n_addresses ? port : addresses;
	}
	if (!guard || !strcmp(guard, NONE))
		return guard ? OFF : UNSET;
	memset(out, 0, sizeof(*out));
	out->mode = UNSET;
	strncpy(out->abi.name, guard, sizeof(out->abi.name) - 1);
	for (unsigned int i = 0; macs && i < macs->n_macs; i++)
		policy_add_mac(out, macs->macs[i], NULL);
	for (unsigned int i = 0; addresses && i < addresses->n_addresses; i++)
		policy_add_addr(out, addresses->addresses[i], NULL);
	config_guard_build(config, out, NULL); /* its name was checked */
	return ON;
}

/* Whether some entry gives a guard to the devices of this one. A pattern is looked up as if it were
 * a name, which those that are wider match. */
static bool has_guard(const struct config *config, size_t i)
{
	for (size_t j = 0; j < config->n_ports; j++)
		if (config->ports[j].guard && strcmp(config->ports[j].guard, NONE) &&
		    name_matches(config->ports[j].match, config->ports[i].match))
			return true;
	return config->ports[i].guard && strcmp(config->ports[i].guard, NONE);
}

static int check_texts(struct config_file *f, const yaml_node_t *list,
		       int (*take)(struct policy *, const char *, struct err *))
{
	struct policy seen = {};
	const yaml_node_t *node;
	struct err err;

	if (list && !config_file_item(f, list, 0))
		return config_file_refuse(f, list, "is empty: list what is allowed, or remove it");
	for (size_t i = 0; (node = config_file_item(f, list, i)); i++)
		if (take(&seen, config_file_text(node), &err))
			return config_file_refuse(f, node, "%s", err.text);
	return 0;
}

int config_guard_check_port(struct config_file *f, const struct config *config, size_t i)
{
	const yaml_node_t *macs = config_file_find(f, "ports", i, "macs");
	const yaml_node_t *addresses = config_file_find(f, "ports", i, "addresses");
	const yaml_node_t *guard = config_file_find(f, "ports", i, "guard");
	const char *name = config->ports[i].guard;
	struct err err;
	int rc = check_texts(f, macs, policy_add_mac) ?: check_texts(f, addresses, policy_add_addr);

	if (rc)
		return rc;
	if (guard && strcmp(name, NONE) && !preset_of(name) && !entry_of(config, name)) {
		refuse_unknown(config, name, &err);
		return config_file_refuse(f, guard, "%s", err.text);
	}
	if ((macs || addresses) && !has_guard(config, i))
		return config_file_refuse(f, macs ?: addresses,
					  "no guard looks at it: add 'guard: vm', or another");
	return 0;
}

static int check_types(struct config_file *f, const yaml_node_t *list)
{
	__be16 seen[KVS_GUARD_TYPES];
	const yaml_node_t *node;
	struct err err;

	if (list && !config_file_item(f, list, 0))
		return config_file_refuse(f, list, "is empty: list what is allowed, or remove it");
	for (size_t i = 0; (node = config_file_item(f, list, i)); i++) {
		const char *text = config_file_text(node);

		if (!i && !strcmp(text, ANY) && !config_file_item(f, list, 1))
			return 0;
		if (i == KVS_GUARD_TYPES)
			return config_file_refuse(f, node, "more than %d ethertypes: use any",
						  KVS_GUARD_TYPES);
		if (policy_type_parse(text, &seen[i], &err))
			return config_file_refuse(f, node, "%s", err.text);
		for (size_t j = 0; j < i; j++)
			if (seen[j] == seen[i])
				return config_file_refuse(f, node, "'%s' is given twice", text);
	}
	return 0;
}

bool config_is_word(const char *name)
{
	size_t n =
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return n && !name[n] && *name != '-';
}

static const char *const limit_keys[KVS_LIMIT_MAX] = {"rate", "storm-broadcast", "storm-multicast",
						      "storm-unknown"};

static int check_burst(struct config_file *f, size_t i, const char *key, struct kvs_bucket *b)
{
	const yaml_node_t *node = config_file_find(f, "guards", i, key);
	struct err err;

	if (!node)
		return 0;
	if (!b->mult && !strcmp(key, "burst"))
		return config_file_refuse(f, node, "has no 'rate' that it is of: add it");
	return limit_burst_parse(config_file_text(node), b, &err)
		       ? config_file_refuse(f, node, "%s", err.text)
		       : 0;
}

static int check_egress(struct config_file *f, size_t i)
{
	const yaml_node_t *node = config_file_find(f, "guards", i, "egress-rate");
	struct err err;
	uint64_t rate;

	return node && limit_egress_parse(config_file_text(node), &rate, &err)
		       ? config_file_refuse(f, node, "%s", err.text)
		       : 0;
}

static int check_limits(struct config_file *f, size_t i)
{
	struct kvs_bucket b, rate = {}, frames = {.unit = KVS_LIMIT_FRAMES};

	for (int kind = 0; kind < KVS_LIMIT_MAX; kind++) {
		const yaml_node_t *node = config_file_find(f, "guards", i, limit_keys[kind]);
		struct err err;

		if (node && limit_parse(kind, config_file_text(node), &b, &err))
			return config_file_refuse(f, node, "%s", err.text);
		if (node && kind == KVS_LIMIT_RATE)
			rate = b;
	}
	return check_burst(f, i, "burst", &rate) ?: check_burst(f, i, "storm-burst", &frames) ?: check_egress(f, i);
}

static int check_guard(struct config_file *f, const struct config *config, size_t i)
{
	const yaml_node_t *name = config_file_find(f, "guards", i, "name");
	const char *text = config->guards[i].name;

	if (!config_is_word(text))
		return config_file_refuse(f, name, "'%s' is no name: letters, digits, and _ . -",
					  text);
	if (preset_of(text) || !strcmp(text, NONE))
		return config_file_refuse(f, name, "'%s' is there already: give another name",
					  text);
	for (size_t j = 0; j < i; j++)
		if (!strcmp(text, config->guards[j].name))
			return config_rules_twice(f, name,
						  config_file_find(f, "guards", j, "name"));
	return check_types(f, config_file_find(f, "guards", i, "ethertypes")) ?: check_limits(f, i);
}

int config_guard_check(struct config_file *f, const struct config *config)
{
	int rc = 0;

	for (size_t i = 0; i < config->n_guards && !rc; i++)
		rc = check_guard(f, config, i);
	return rc;
}
