// SPDX-License-Identifier: GPL-2.0-only
/* kvs vlan: the VLANs of the ports. */
#include "request.h"
#include "show.h"
#include "util.h"
#include "verbs.h"

static int vlan_add(const struct cli *cli, struct err *err)
{
	return request_send_values(cli, "POST", "/v1/vlans", err);
}

static int vlan_del(const struct cli *cli, struct err *err)
{
	_free_ char *url = request_query(cli, "/v1/vlans");

	return request_send(cli, "DELETE", url, NULL, err);
}

static const struct column vlan_columns[] = {
	{"PORT", "port", COLUMN_WORD},
	{"SWITCH", "switch", COLUMN_WORD},
	{"VID", "vid", COLUMN_NUMBER}, /* 1 to 4094 */
	{"PVID", "pvid", COLUMN_WORD},
	{"UNTAGGED", "untagged", COLUMN_WORD},
	{},
};

static const struct listing vlan_listing = {"vlans", vlan_columns, NULL, NULL};

static int vlan_show(const struct cli *cli, struct err *err)
{
	return show_list(cli, "/v1/vlans", &vlan_listing, err);
}

static const struct arg add_args[] = {
	{"IF", TYPE_PORT, ARG_REQUIRED, "port", "the port"},
	{"VID", TYPE_VID, ARG_REQUIRED, "vid", "the VLAN, 1 to 4094"},
	{"--pvid", TYPE_FLAG, ARG_OPTIONAL, "pvid", "untagged frames that come in belong to it"},
	{"--untagged", TYPE_FLAG, ARG_OPTIONAL, "untagged", "its frames leave without the tag"},
	{},
};

static const struct arg del_args[] = {
	{"IF", TYPE_PORT, ARG_REQUIRED, "port", "the port"},
	{"VID", TYPE_VID, ARG_REQUIRED, "vid", "the VLAN, 1 to 4094"},
	{},
};

static const struct arg show_args[] = {
	{"--switch", TYPE_SWITCH, ARG_OPTIONAL, "switch", "only this switch"},
	{"--port", TYPE_PORT, ARG_OPTIONAL, "port", "only this port"},
	{},
};

const struct command vlan_commands[] = {
	{"add", vlan_add, add_args, "Put a port into a VLAN.",
	 "kvs vlan add tap0 10 --pvid --untagged"},
	{"del", vlan_del, del_args, "Take a port out of a VLAN.", "kvs vlan del tap0 10"},
	{"show", vlan_show, show_args, "Show the VLANs of the ports.", "kvs vlan show --port tap0"},
	{},
};
