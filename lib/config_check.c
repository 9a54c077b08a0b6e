// SPDX-License-Identifier: GPL-2.0-only
/* The tree of a configuration file against the schema: keys, types, ranges.
 *
 * libcyaml would find most of this, but tells key and line only to a log, and takes "300s" for a
 * number and any word for true.
 */
#include <string.h>

#include "config_parts.h"

struct words {
	const char *word[32];
	size_t n;
};

static int check_value(struct config_file *f, const yaml_node_t *node, const char *key,
		       const cyaml_schema_value_t *schema);

static struct words words_of_keys(const cyaml_schema_field_t *field)
{
	struct words words = {};

	for (; field->key && words.n < ARRAY_SIZE(words.word); field++)
		words.word[words.n++] = field->key;
	return words;
}

static struct words words_of_enum(const cyaml_schema_value_t *schema)
{
	struct words words = {};

	for (; words.n < schema->enumeration.count && words.n < ARRAY_SIZE(words.word); words.n++)
		words.word[words.n] = schema->enumeration.strings[words.n].str;
	return words;
}

static void join(const struct words *words, char *out, size_t size)
{
	*out = 0;
	for (size_t i = 0; i < words->n; i++) {
		size_t n = strlen(out);

		snprintf(out + n, size - n, "%s%s", i ? ", " : "", words->word[i]);
	}
}

/* what: "unknown key," or "'xpd' is". */
static int refuse_word(struct config_file *f, const yaml_node_t *node, const char *what,
		       const struct words *words)
{
	const char *near = suggest(config_file_text(node), words->word, words->n);
	char list[256];

	join(words, list, sizeof(list));
	if (!near)
		return config_file_refuse(f, node, "%s not one of %s", what, list);
	return config_file_refuse(f, node, "%s not one of %s: did you mean '%s'?", what, list,
				  near);
}

static int check_enum(struct config_file *f, const yaml_node_t *node,
		      const cyaml_schema_value_t *schema)
{
	struct words words = words_of_enum(schema);
	char what[64];

	for (size_t i = 0; i < words.n; i++) {
		if (!strcmp(words.word[i], config_file_text(node)))
			return 0;
	}
	snprintf(what, sizeof(what), "'%.40s' is", config_file_text(node));
	return refuse_word(f, node, what, &words);
}

/* Decimal digits only: "010" would be eight to libcyaml. */
static int check_number(struct config_file *f, const yaml_node_t *node, const char *key)
{
	const struct config_range *range = config_schema_range(key);
	const char *text = config_file_text(node);
	size_t digits = strspn(text, "0123456789");
	unsigned long n = strtoul(text, NULL, 10);

	if (!text[digits] && digits && (*text != '0' || digits == 1) && n >= range->min &&
	    n <= range->max)
		return 0;
	return config_file_refuse(f, node, "'%.40s' is not a whole number from %u to %u", text,
				  range->min, range->max);
}

static int check_string(struct config_file *f, const yaml_node_t *node,
			const cyaml_schema_value_t *schema)
{
	if (node->data.scalar.length <= schema->string.max)
		return 0;
	return config_file_refuse(f, node, "'%.40s' is too long: at most %u characters",
				  config_file_text(node), schema->string.max);
}

static int check_scalar(struct config_file *f, const yaml_node_t *node, const char *key,
			const cyaml_schema_value_t *schema)
{
	if (node->type != YAML_SCALAR_NODE)
		return config_file_refuse(f, node, "must be a single value, not a list or keys");
	if (strlen(config_file_text(node)) != node->data.scalar.length)
		return config_file_refuse(f, node, "has a NUL character: remove it");
	switch (schema->type) {
	case CYAML_ENUM:
		return check_enum(f, node, schema);
	case CYAML_STRING:
		return check_string(f, node, schema);
	default:
		return check_number(f, node, key);
	}
}

static int check_list(struct config_file *f, const yaml_node_t *node, const char *key,
		      const cyaml_schema_value_t *schema)
{
	const yaml_node_t *item;
	int ret = 0;

	if (node->type != YAML_SEQUENCE_NODE)
		return config_file_refuse(f, node, "must be a list: begin each entry with '- '");
	for (size_t i = 0; !ret && (item = config_file_item(f, node, i)); i++) {
		if (i == schema->sequence.max)
			return config_file_refuse(f, item, "more than %u entries: use patterns",
						  schema->sequence.max);
		ret = check_value(f, item, key, schema->sequence.entry);
	}
	return ret;
}

static const cyaml_schema_field_t *field_of(const cyaml_schema_field_t *field,
					    const yaml_node_t *key)
{
	for (; field->key; field++) {
		if (strlen(field->key) == key->data.scalar.length &&
		    !strcmp(field->key, config_file_text(key)))
			return field;
	}
	return NULL;
}

static int check_pair(struct config_file *f, const yaml_node_t *map, const yaml_node_pair_t *pair,
		      const cyaml_schema_field_t *fields)
{
	const yaml_node_t *key = yaml_document_get_node(&f->doc, pair->key);
	const yaml_node_t *value = yaml_document_get_node(&f->doc, pair->value), *first;
	const cyaml_schema_field_t *field;
	struct words words = words_of_keys(fields);

	if (key->type != YAML_SCALAR_NODE)
		return config_file_refuse(f, key, "a key must be a single word");
	field = field_of(fields, key);
	if (!field)
		return refuse_word(f, key, "unknown key,", &words);
	first = config_file_get(f, map, field->key);
	if (first != value)
		return config_file_refuse(f, key,
					  "given in line %zu already: remove one of the two",
					  first->start_mark.line + 1);
	return check_value(f, value, field->key, &field->value);
}

static int check_required(struct config_file *f, const yaml_node_t *map,
			  const cyaml_schema_field_t *field)
{
	for (; field->key; field++) {
		if (!(field->value.flags & CYAML_FLAG_OPTIONAL) &&
		    !config_file_get(f, map, field->key))
			return config_file_refuse(f, map, "has no '%s': add it", field->key);
	}
	return 0;
}

static int refuse_not_map(struct config_file *f, const yaml_node_t *node,
			  const cyaml_schema_field_t *fields)
{
	struct words words = words_of_keys(fields);
	char list[256];

	join(&words, list, sizeof(list));
	return config_file_refuse(f, node, "must be keys with values: use %s", list);
}

static int check_map(struct config_file *f, const yaml_node_t *node,
		     const cyaml_schema_value_t *schema)
{
	const cyaml_schema_field_t *fields = schema->mapping.fields;
	int ret = 0;

	if (node->type != YAML_MAPPING_NODE)
		return refuse_not_map(f, node, fields);
	for (yaml_node_pair_t *p = node->data.mapping.pairs.start;
	     !ret && p < node->data.mapping.pairs.top; p++)
		ret = check_pair(f, node, p, fields);
	return ret ? ret : check_required(f, node, fields);
}

static int check_value(struct config_file *f, const yaml_node_t *node, const char *key,
		       const cyaml_schema_value_t *schema)
{
	if (config_file_is_null(node))
		return config_file_refuse(f, node, "has no value: give one or remove it");
	switch (schema->type) {
	case CYAML_MAPPING:
		return check_map(f, node, schema);
	case CYAML_SEQUENCE:
		return check_list(f, node, key, schema);
	default:
		return check_scalar(f, node, key, schema);
	}
}

int config_check_tree(struct config_file *f)
{
	const yaml_node_t *root = config_file_root(f);

	return root ? check_value(f, root, "", &config_schema) : 0;
}
