/* SPDX-License-Identifier: GPL-2.0-only */
/* The verbs of kvs, each from the file of its noun. */
#pragma once

#include "args.h"

extern const struct verb verbs_table[];

extern const struct command status_commands[];
extern const struct command switch_commands[];
extern const struct command port_commands[];
extern const struct command fdb_commands[];
extern const struct command vlan_commands[];
extern const struct command guard_commands[];
extern const struct command stats_commands[];
extern const struct command drops_commands[];
extern const struct command release_commands[];
extern const struct command reload_commands[];
extern const struct command check_commands[];
