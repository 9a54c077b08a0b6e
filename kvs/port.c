// SPDX-License-Identifier: GPL-2.0-only
/* kvs port: the devices of a switch and the path of their frames. */
#include <errno.h>
#include <string.h>

#include "config.h"
#include "request.h"
#include "show.h"
#include "util.h"
#include "verbs.h"

/* Both orders of words are in use: ip says the port first, brctl the bridge. */
static int order_names(const struct cli *cli, json_t *body, struct err *err)
{
	const char *port = cli_value(cli, "IF"), *bridge = cli_value(cli, "SWITCH");
	_json_ json_t *bridges = NULL;
	int r = request_bridges(cli, &bridges, err);

	if (r || !json_object_get(bridges, port) || json_object_get(bridges, bridge))
		return r;
	json_object_set_new(body, "name", json_string(bridge));
	json_object_set_new(body, "switch", json_string(port));
	return 0;
}

static int port_add(const struct cli *cli, struct err *err)
{
	_json_ json_t *body = request_values(cli);
	int r = body ? order_names(cli, body, err) : -ENOMEM;

	return r ? r : request_send(cli, "POST", "/v1/ports", body, err);
}

static int port_del(const struct cli *cli, struct err *err)
{
	_free_ char *url = request_path("/v1/ports", cli_value(cli, "IF"), NULL);

	return request_send(cli, "DELETE", url, NULL, err);
}

static int port_set(const struct cli *cli, struct err *err)
{
	_free_ char *url = request_path("/v1/ports", cli_value(cli, "IF"), NULL);

	return request_send_values(cli, "PATCH", url, err);
}

static bool is(const json_t *row, const char *key, bool value)
{
	const json_t *flag = json_object_get(row, key);

	return json_is_boolean(flag) && json_is_true(flag) == value;
}

/* The bridge's flags that differ from its defaults, and the group. */
static void derive(json_t *row)
{
	const char *words[] = {
		is(row, "isolated", true) ? " isolated" : "",
		is(row, "hairpin", true) ? " hairpin" : "",
		is(row, "learning", false) ? " nolearning" : "",
	};
	const char *group = json_string_value(json_object_get(row, "group"));
	bool has_group = group && strcmp(group, GROUP_PROMISCUOUS);
	char flags[64];

	snprintf(flags, sizeof(flags), "%s%s%s%s%s", words[0], words[1], words[2],
		 has_group ? " group=" : "", has_group ? group : "");
	json_object_set_new(row, "flags", json_string(flags + (flags[0] == ' ')));
}

static const struct column port_columns[] = {
	{"PORT", "name", COLUMN_WORD},
	{"SWITCH", "switch", COLUMN_WORD},
	{"KIND", "kind", COLUMN_WORD},
	{"STATE", "state", COLUMN_WORD},
	{"MTU", "mtu", COLUMN_NUMBER},
	{"WANTED", "path", COLUMN_WORD},
	{"PATH", "path_now", COLUMN_WORD},
	{"CHANGES", "path_changes", COLUMN_NUMBER},
	{"TC", "hook_tc", COLUMN_WORD},
	{"XDP", "hook_xdp", COLUMN_WORD},
	{"PEER-GRO", "peer_gro", COLUMN_WORD},
	{"FLAGS", "flags", COLUMN_WORD}, /* derived */
	{},
};

static const struct listing port_listing = {"ports", port_columns, derive, "path_reason"};

static int port_show(const struct cli *cli, struct err *err)
{
	const char *name = cli_value(cli, "IF");
	_free_ char *url = NULL;

	if (!name)
		return show_list(cli, "/v1/ports", &port_listing, err);
	url = request_path("/v1/ports", name, NULL);
	return show_url(cli, url, &port_listing, err);
}

/* clang-format off */
#define SETTINGS(need) \
	{"--path", TYPE_PATH, need, "path", "where its frames are forwarded"}, \
	{"--isolated", TYPE_ONOFF, need, "isolated", "no frames to other isolated ports"}, \
	{"--hairpin", TYPE_ONOFF, need, "hairpin", "frames may leave where they came in"}, \
	{"--learning", TYPE_ONOFF, need, "learning", "learn the stations behind it"}, \
	{"--group", TYPE_GROUP, need, "group", "which ports it may talk to"}
/* clang-format on */

static const struct arg add_args[] = {
	{"IF", TYPE_DEVICE, ARG_REQUIRED, "name", "the device"},
	{"SWITCH", TYPE_SWITCH, ARG_REQUIRED, "switch", "its switch"},
	SETTINGS(ARG_OPTIONAL),
	{},
};

static const struct arg set_args[] = {
	{"IF", TYPE_PORT, ARG_REQUIRED, NULL, "the port"},
	SETTINGS(ARG_SOME),
	{},
};

static const struct arg del_args[] = {
	{"IF", TYPE_PORT, ARG_REQUIRED, NULL, "the port"},
	{},
};

static const struct arg show_args[] = {
	{"IF", TYPE_PORT, ARG_AT_MOST_ONE, NULL, "only this port"},
	{"--switch", TYPE_SWITCH, ARG_AT_MOST_ONE, "switch", "only the ports of this switch"},
	{},
};

const struct command port_commands[] = {
	{"add", port_add, add_args, "Put a device into a switch.", "kvs port add tap0 br0"},
	{"del", port_del, del_args, "Take a port out of its switch.", "kvs port del tap0"},
	{"set", port_set, set_args, "Change a port's settings; those not named stay.",
	 "kvs port set tap0 --path xdp"},
	{"show", port_show, show_args, "Show the ports, their paths and hooks.",
	 "kvs port show --switch br0"},
	{},
};
