// SPDX-License-Identifier: GPL-2.0-only
/* The verbs of kvs; the first is what kvs does when none is given. */
#include "verbs.h"

const struct verb verbs_table[] = {
	{"status", status_commands, "the daemon, its memory, its switches"},
	{"switch", switch_commands, "make switches, adopt running bridges, release them"},
	{"port", port_commands, "the devices of a switch and the path of their frames"},
	{"fdb", fdb_commands, "the forwarding database: which station is where"},
	{"vlan", vlan_commands, "the VLANs of the ports"},
	{"guard", guard_commands, "what ports may send"},
	{"stats", stats_commands, "frames per port and how many took the fast path"},
	{"drops", drops_commands, "dropped, audited and slow frames per port, by reason"},
	{"release", release_commands, "take KVS off a switch; the bridge works on"},
	{"reload", reload_commands, "have kvsd read its configuration again"},
	{"check", check_commands, "check a configuration file; needs no daemon"},
	{},
};
