// SPDX-License-Identifier: GPL-2.0-only
/* The keys of a configuration file, and where libcyaml stores them. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "config_parts.h"

#define PATTERN_MAX 63
#define ENTRIES_MAX 4096

static const cyaml_strval_t paths[] = {
	{"auto", KVS_PATH_AUTO},
	{"xdp", KVS_PATH_XDP},
	{"tc", KVS_PATH_TC},
	{"slow", KVS_PATH_SLOW},
};

static const cyaml_strval_t netfilters[] = {
	{"follow", KVS_NETFILTER_FOLLOW},
	{"bypass", KVS_NETFILTER_BYPASS},
};

/* Not CYAML_BOOL, to which every other word is true. */
static const cyaml_strval_t switched[] = {
	{"true", ON}, {"false", OFF}, {"yes", ON}, {"no", OFF}, {"on", ON}, {"off", OFF},
};

static const cyaml_strval_t modes[] = {
	{"enforce", POLICY_ENFORCE},
	{"audit", POLICY_AUDIT},
};

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define STRICT   (CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT)

#define SWITCHED(key, type, member) \
	CYAML_FIELD_ENUM(key, STRICT, type, member, switched, ARRAY_SIZE(switched))
#define LIST(key, member, entry)                                                              \
	CYAML_FIELD_SEQUENCE_COUNT(key, OPTIONAL | CYAML_FLAG_POINTER, struct config, member, \
				   n_##member, &entry, 0, ENTRIES_MAX)

#define LIMIT(key, member) \
	CYAML_FIELD_STRING_PTR(key, OPTIONAL, struct config_guard, member, 0, PATTERN_MAX)

#define TEXTS(key, type, member)                                                                 \
	CYAML_FIELD_SEQUENCE_COUNT(key, OPTIONAL | CYAML_FLAG_POINTER, type, member, n_##member, \
				   &text_entry, 0, POLICY_LIST_MAX)

static const cyaml_schema_value_t text_entry = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, PATTERN_MAX),
};

static const cyaml_schema_field_t switch_fields[] = {
	CYAML_FIELD_STRING_PTR("name", OPTIONAL, struct config_switch, name, 0, IFNAMSIZ - 1),
	CYAML_FIELD_STRING_PTR("adopt", OPTIONAL, struct config_switch, adopt, 0, PATTERN_MAX),
	SWITCHED("stp", struct config_switch, stp),
	CYAML_FIELD_INT("ageing", OPTIONAL, struct config_switch, ageing),
	CYAML_FIELD_ENUM("netfilter", STRICT, struct config_switch, netfilter, netfilters,
			 ARRAY_SIZE(netfilters)),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t port_fields[] = {
	CYAML_FIELD_STRING_PTR("match", CYAML_FLAG_DEFAULT, struct config_port, match, 0,
			       PATTERN_MAX),
	CYAML_FIELD_STRING_PTR("switch", OPTIONAL, struct config_port, switch_, 0, IFNAMSIZ - 1),
	CYAML_FIELD_ENUM("path", STRICT, struct config_port, set.path, paths, ARRAY_SIZE(paths)),
	SWITCHED("isolated", struct config_port, set.isolated),
	SWITCHED("hairpin", struct config_port, set.hairpin),
	SWITCHED("learning", struct config_port, set.learning),
	CYAML_FIELD_STRING_PTR("group", OPTIONAL, struct config_port, set.group, 0,
			       KVS_NAME_MAX - 1),
	CYAML_FIELD_STRING_PTR("guard", OPTIONAL, struct config_port, guard, 0, KVS_NAME_MAX - 1),
	TEXTS("macs", struct config_port, macs),
	TEXTS("addresses", struct config_port, addresses),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t guard_fields[] = {
	CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_DEFAULT, struct config_guard, name, 0,
			       KVS_NAME_MAX - 1),
	CYAML_FIELD_ENUM("preset", STRICT, struct config_guard, preset, config_presets,
			 GUARD_PRESETS),
	CYAML_FIELD_ENUM("mode", STRICT, struct config_guard, mode, modes, ARRAY_SIZE(modes)),
	SWITCHED("tags", struct config_guard, tags),
	SWITCHED("link-local", struct config_guard, link_local),
	TEXTS("ethertypes", struct config_guard, ethertypes),
	CYAML_FIELD_INT("max-macs", OPTIONAL, struct config_guard, max_macs),
	SWITCHED("sticky", struct config_guard, sticky),
	SWITCHED("router", struct config_guard, router),
	SWITCHED("dhcp-server", struct config_guard, dhcp_server),
	LIMIT("rate", limits[KVS_LIMIT_RATE]),
	LIMIT("burst", burst),
	LIMIT("storm-broadcast", limits[KVS_LIMIT_BROADCAST]),
	LIMIT("storm-multicast", limits[KVS_LIMIT_MULTICAST]),
	LIMIT("storm-unknown", limits[KVS_LIMIT_UNKNOWN]),
	LIMIT("storm-burst", storm_burst),
	LIMIT("egress-rate", egress_rate),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t limit_fields[] = {
	CYAML_FIELD_UINT("ports", OPTIONAL, struct config_limits, ports),
	CYAML_FIELD_UINT("fdb", OPTIONAL, struct config_limits, fdb),
	CYAML_FIELD_UINT("guard-entries", OPTIONAL, struct config_limits, guard_entries),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t auto_fields[] = {
	CYAML_FIELD_UINT("rate", OPTIONAL, struct config_auto, rate),
	CYAML_FIELD_UINT("small", OPTIONAL, struct config_auto, small),
	CYAML_FIELD_UINT("large", OPTIONAL, struct config_auto, large),
	CYAML_FIELD_UINT("stay", OPTIONAL, struct config_auto, stay),
	CYAML_FIELD_END,
};

static const struct config_range ranges[] = {
	{"ageing", 0, 1000000},
	{"ports", 1, 16384},
	{"fdb", 64, 1048576},
	{"rate", 1, 100000000},
	{"small", 60, 65535},
	{"large", 61, 65536},
	{"stay", 1, 3600},
	{"max-macs", 0, POLICY_MACS_MAX},
	{"guard-entries", 64, 1048576},
};

static const cyaml_schema_value_t switch_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_switch, switch_fields),
};

static const cyaml_schema_value_t port_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_port, port_fields),
};

static const cyaml_schema_value_t guard_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct config_guard, guard_fields),
};

static const cyaml_schema_field_t top_fields[] = {
	LIST("switches", switches, switch_entry),
	LIST("guards", guards, guard_entry),
	LIST("ports", ports, port_entry),
	CYAML_FIELD_MAPPING("auto", OPTIONAL, struct config, auto_, auto_fields),
	CYAML_FIELD_MAPPING("limits", OPTIONAL, struct config, limits, limit_fields),
	CYAML_FIELD_END,
};

const cyaml_schema_value_t config_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER_NULL_STR, struct config, top_fields),
};

static const cyaml_config_t loader = {
	.mem_fn = cyaml_mem,
	.flags = CYAML_CFG_NO_ALIAS,
};

static const char *word_of(const cyaml_strval_t *words, size_t n, int value)
{
	for (size_t i = 0; i < n; i++)
		if (words[i].val == value)
			return words[i].str;
	return NULL;
}

/* The value of a word, or -EINVAL. */
static int value_of(const cyaml_strval_t *words, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(words[i].str, text))
			return words[i].val;
	return -EINVAL;
}

const char *path_name(enum kvs_path path)
{
	return word_of(paths, ARRAY_SIZE(paths), path);
}

int path_parse(const char *text, enum kvs_path *out)
{
	int value = value_of(paths, ARRAY_SIZE(paths), text);

	if (value < 0)
		return value;
	*out = value;
	return 0;
}

const char *netfilter_name(enum kvs_netfilter netfilter)
{
	return word_of(netfilters, ARRAY_SIZE(netfilters), netfilter);
}

int netfilter_parse(const char *text, enum kvs_netfilter *out)
{
	int value = value_of(netfilters, ARRAY_SIZE(netfilters), text);

	if (value < 0)
		return value;
	*out = value;
	return 0;
}

const struct config_range *config_schema_range(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (!strcmp(ranges[i].key, key))
			return &ranges[i];
	}
	return NULL;
}

/* libcyaml leaves what an entry does not give at zero, which is a value here. */
static void unset_missing(struct config_file *f, const yaml_node_t *entry,
			  const cyaml_schema_field_t *field, void *data)
{
	const int unset = UNSET;

	for (; field->key; field++) {
		if (field->value.type != CYAML_STRING && field->value.type != CYAML_SEQUENCE &&
		    !config_file_get(f, entry, field->key))
			memcpy((char *)data + field->data_offset, &unset, sizeof(unset));
	}
}

static void set_default(unsigned int *number, unsigned int value)
{
	if (!*number)
		*number = value;
}

/* None of these is ever zero. */
static void default_numbers(struct config *config)
{
	set_default(&config->limits.ports, 512);
	set_default(&config->limits.fdb, 65536);
	set_default(&config->limits.guard_entries, 16384);
	set_default(&config->auto_.rate, 50000);
	set_default(&config->auto_.small, 256);
	set_default(&config->auto_.large, 512);
	set_default(&config->auto_.stay, 5);
}

static void unset_all(struct config_file *f, const char *list, const cyaml_schema_field_t *fields,
		      void *entries, size_t n, size_t size)
{
	for (size_t i = 0; i < n; i++)
		unset_missing(f, config_file_find(f, list, i, NULL), fields,
			      (char *)entries + i * size);
}

static void add_defaults(struct config_file *f, struct config *config)
{
	unset_all(f, "switches", switch_fields, config->switches, config->n_switches,
		  sizeof(*config->switches));
	unset_all(f, "guards", guard_fields, config->guards, config->n_guards,
		  sizeof(*config->guards));
	unset_all(f, "ports", port_fields, config->ports, config->n_ports, sizeof(*config->ports));
	default_numbers(config);
}

struct config *config_defaults(void)
{
	struct config *config = calloc(1, sizeof(*config));

	if (config)
		default_numbers(config);
	return config;
}

int config_schema_load(struct config_file *f, struct config **out)
{
	cyaml_data_t *data = NULL;
	cyaml_err_t fault;

	fault = cyaml_load_data((uint8_t *)f->text, f->len, &loader, &config_schema, &data, NULL);
	if (!fault && !data)
		data = config_defaults();
	if (!data)
		return err_set(f->err, -ENOMEM, "%s: out of memory (libcyaml: %s)", f->path,
			       cyaml_strerror(fault));
	*out = data;
	add_defaults(f, *out);
	return 0;
}

void config_free(struct config *config)
{
	if (config)
		cyaml_free(&loader, &config_schema, config, 0);
}
