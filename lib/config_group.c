// SPDX-License-Identifier: GPL-2.0-only
/* Groups of ports in the configuration. */
#include <string.h>

#include "config_parts.h"

bool group_is_name(const char *text)
{
	return config_is_word(text) && strlen(text) < KVS_NAME_MAX && strcmp(text, "none");
}

int config_group_check(struct config_file *f, size_t i)
{
	const yaml_node_t *group = config_file_find(f, "ports", i, "group");

	if (!group || group_is_name(config_file_text(group)))
		return 0;
	return config_file_refuse(f, group, "'%s' is no group: " GROUP_RULE,
				  config_file_text(group));
}
