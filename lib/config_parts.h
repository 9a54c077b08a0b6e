/* SPDX-License-Identifier: GPL-2.0-only */
/* What the config*.c files share: a file as text and tree, and the steps from there to a config. */
#pragma once

#include <cyaml/cyaml.h>
#include <yaml.h>

#include "config.h"

/* libcyaml keeps no line numbers: hence libyaml's tree beside it. */
struct config_file {
	const char *path;
	struct err *err;
	char *text;
	size_t len;
	yaml_document_t doc;
};

/* Also on failure, the file is to be freed. */
int config_file_read(struct config_file *f, const char *path, struct err *err);
void config_file_free(struct config_file *f);

/* The top of the tree; NULL when the file says nothing. */
yaml_node_t *config_file_root(struct config_file *f);

/* The value of a key of map, or the i-th entry of list. NULL when there is none, or no such node.
 */
yaml_node_t *config_file_get(struct config_file *f, const yaml_node_t *map, const char *key);
yaml_node_t *config_file_item(struct config_file *f, const yaml_node_t *list, size_t i);

/* The i-th entry of the list called so at the top, or the value of one of its keys. */
const yaml_node_t *config_file_find(struct config_file *f, const char *list, size_t i,
				    const char *key);

/* The text of a key or of a single value. */
const char *config_file_text(const yaml_node_t *node);

/* Plain nothing, "~" or "null". */
bool config_file_is_null(const yaml_node_t *node);

/* -EINVAL, and "FILE:LINE: KEY: " before the text. */
int config_file_refuse(struct config_file *f, const yaml_node_t *node, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

extern const cyaml_schema_value_t config_schema;

/* Guards that are there without an entry. */
enum guard_preset { GUARD_VM, GUARD_ROUTER, GUARD_TRUNK, GUARD_PRESETS };

extern const cyaml_strval_t config_presets[GUARD_PRESETS];

struct config_range {
	const char *key;
	unsigned int min, max;
};

/* The range of a key that takes a number. */
const struct config_range *config_schema_range(const char *key);

/* For a file that passed config_check_tree: all that can fail is memory. */
int config_schema_load(struct config_file *f, struct config **out);

/* Keys, types and ranges, against the schema. */
int config_check_tree(struct config_file *f);

/* What no schema can say: names, duplicates, contradictions. */
int config_rules_check(struct config_file *f, const struct config *config);

/* The same of guards, and of the guard of ports[i]. */
int config_guard_check(struct config_file *f, const struct config *config);
int config_guard_check_port(struct config_file *f, const struct config *config, size_t i);

/* The group of ports[i]. */
int config_group_check(struct config_file *f, size_t i);

/* A word, which a command line and a table take as it is. */
bool config_is_word(const char *name);

/* -EINVAL, for two entries that are the same. */
int config_rules_twice(struct config_file *f, const yaml_node_t *node, const yaml_node_t *first);
