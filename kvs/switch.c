// SPDX-License-Identifier: GPL-2.0-only
/* kvs switch and kvs release. */
#include "request.h"
#include "show.h"
#include "util.h"
#include "verbs.h"

static int switch_add(const struct cli *cli, struct err *err)
{
	return request_send_values(cli, "POST", "/v1/switches", err);
}

static int switch_del(const struct cli *cli, struct err *err)
{
	_free_ char *url = request_path("/v1/switches", cli_value(cli, "NAME"), NULL);

	return request_send(cli, "DELETE", url, NULL, err);
}

static int switch_adopt(const struct cli *cli, struct err *err)
{
	_free_ char *url = request_path("/v1/switches", cli_value(cli, "NAME"), "adopt");
	_json_ json_t *body = request_values(cli);

	return request_send(cli, "POST", url, json_object_size(body) ? body : NULL, err);
}

static int switch_set(const struct cli *cli, struct err *err)
{
	_free_ char *url = request_path("/v1/switches", cli_value(cli, "NAME"), NULL);

	return request_send_values(cli, "PATCH", url, err);
}

static int switch_release(const struct cli *cli, struct err *err)
{
	_free_ char *url = NULL;

	if (cli_value(cli, "--all"))
		return request_send(cli, "POST", "/v1/release", NULL, err);
	url = request_path("/v1/switches", cli_value(cli, "NAME"), "release");
	return request_send(cli, "POST", url, NULL, err);
}

static void derive(json_t *row)
{
	json_int_t age = json_integer_value(json_object_get(row, "ageing_s"));

	json_object_set_new(row, "ageing", json_sprintf("%" JSON_INTEGER_FORMAT " s", age));
	if (json_is_false(json_object_get(row, "adopted")))
		json_object_del(row, "reason"); /* the column ADOPTED says it */
}

static const struct column switch_columns[] = {
	{"SWITCH", "name", COLUMN_WORD},
	{"ADOPTED", "adopted", COLUMN_WORD},
	{"FAST-PATH", "fast_path", COLUMN_WORD},
	{"PORTS", "ports", COLUMN_NUMBER},
	{"UP", "up", COLUMN_WORD},
	{"STP", "stp", COLUMN_WORD},
	{"AGEING", "ageing", COLUMN_NUMBER},
	{"VLANS", "vlan_filtering", COLUMN_WORD},
	{"NETFILTER", "netfilter", COLUMN_WORD},
	{"MAC", "mac", COLUMN_WORD},
	{},
};

static const struct listing switch_listing = {"switches", switch_columns, derive, "reason"};

static int switch_show(const struct cli *cli, struct err *err)
{
	const char *name = cli_value(cli, "NAME");
	_free_ char *url = NULL;

	if (!name)
		return show_url(cli, "/v1/switches", &switch_listing, err);
	url = request_path("/v1/switches", name, NULL);
	return show_url(cli, url, &switch_listing, err);
}

#define NETFILTER(need)                                                              \
	{                                                                            \
		"--netfilter", TYPE_NETFILTER, need, "netfilter",                    \
			"the slow path while netfilter rules see its frames, or not" \
	}

static const struct arg add_args[] = {
	{"NAME", TYPE_DEVICE, ARG_REQUIRED, "name", "the bridge to make"},
	{"--stp", TYPE_ONOFF, ARG_OPTIONAL, "stp", "the spanning tree protocol (off)"},
	{"--ageing", TYPE_SECONDS, ARG_OPTIONAL, "ageing_s", "until a silent station is forgotten"},
	NETFILTER(ARG_OPTIONAL),
	{},
};

static const struct arg adopt_args[] = {
	{"NAME", TYPE_SWITCH, ARG_REQUIRED, NULL, "the bridge"},
	NETFILTER(ARG_OPTIONAL),
	{},
};

static const struct arg set_args[] = {
	{"NAME", TYPE_SWITCH, ARG_REQUIRED, NULL, "the switch"},
	NETFILTER(ARG_SOME),
	{},
};

static const struct arg name_args[] = {
	{"NAME", TYPE_SWITCH, ARG_REQUIRED, NULL, "the bridge"},
	{},
};

static const struct arg release_args[] = {
	{"NAME", TYPE_SWITCH, ARG_ONE_OF, NULL, "the bridge"},
	{"--all", TYPE_FLAG, ARG_ONE_OF, NULL, "every switch"},
	{},
};

static const struct arg show_args[] = {
	{"NAME", TYPE_SWITCH, ARG_OPTIONAL, NULL, "only this bridge"},
	{},
};

#define RELEASE_HELP \
	"Take KVS off a switch; the bridge and its ports work on as if it had never been there."

const struct command switch_commands[] = {
	{"add", switch_add, add_args, "Make a bridge and adopt it.", "kvs switch add br0 --stp on"},
	{"del", switch_del, name_args, "Release a switch and delete its bridge.",
	 "kvs switch del br0"},
	{"adopt", switch_adopt, adopt_args, "Put a running bridge on the fast path.",
	 "kvs switch adopt virbr0"},
	{"set", switch_set, set_args, "Change a switch's settings; those not named stay.",
	 "kvs switch set br0 --netfilter bypass"},
	{"release", switch_release, release_args, RELEASE_HELP, "kvs switch release br0"},
	{"show", switch_show, show_args, "Show the bridges, adopted or not.",
	 "kvs switch show --json"},
	{},
};

const struct command release_commands[] = {
	{NULL, switch_release, release_args, RELEASE_HELP, "kvs release --all"},
	{},
};
