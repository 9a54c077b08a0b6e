// SPDX-License-Identifier: GPL-2.0-only
/* kvs fdb: the forwarding database. */
#include <string.h>

#include "request.h"
#include "show.h"
#include "util.h"
#include "verbs.h"

static int fdb_add(const struct cli *cli, struct err *err)
{
	return request_send_values(cli, "POST", "/v1/fdb", err);
}

static int fdb_del(const struct cli *cli, struct err *err)
{
	_free_ char *url = request_query(cli, "/v1/fdb");

	return request_send(cli, "DELETE", url, NULL, err);
}

static int flush_named(const struct cli *cli, const char *name, struct err *err)
{
	_json_ json_t *bridges = NULL, *body = NULL;
	int r = request_bridges(cli, &bridges, err);

	if (r)
		return r;
	body = json_pack("{s:s}", json_object_get(bridges, name) ? "switch" : "port", name);
	return request_send(cli, "POST", "/v1/fdb/flush", body, err);
}

static int fdb_flush(const struct cli *cli, struct err *err)
{
	const char *name = cli_value(cli, "NAME");

	if (name)
		return flush_named(cli, name, err);
	return request_send_values(cli, "POST", "/v1/fdb/flush", err);
}

/* 0 is no VLAN; only what was learned has an age. */
static void derive(json_t *row)
{
	const char *state = json_string_value(json_object_get(row, "state"));
	json_int_t age = json_integer_value(json_object_get(row, "age_s"));

	if (!json_integer_value(json_object_get(row, "vlan")))
		json_object_del(row, "vlan");
	if (state && !strcmp(state, "learned"))
		json_object_set_new(row, "age", json_sprintf("%" JSON_INTEGER_FORMAT " s", age));
}

static const struct column fdb_columns[] = {
	{"MAC", "mac", COLUMN_WORD},     {"VLAN", "vlan", COLUMN_NUMBER},
	{"PORT", "port", COLUMN_WORD},   {"SWITCH", "switch", COLUMN_WORD},
	{"STATE", "state", COLUMN_WORD}, {"AGE", "age", COLUMN_NUMBER}, /* derived */
	{"FAST", "fast", COLUMN_WORD},   {},
};

static const struct listing fdb_listing = {"fdb", fdb_columns, derive, NULL};

static int fdb_show(const struct cli *cli, struct err *err)
{
	return show_list(cli, "/v1/fdb", &fdb_listing, err);
}

static const struct arg show_args[] = {
	{"--switch", TYPE_SWITCH, ARG_OPTIONAL, "switch", "only this switch"},
	{"--port", TYPE_PORT, ARG_OPTIONAL, "port", "only this port"},
	{},
};

static const struct arg entry_args[] = {
	{"MAC", TYPE_MAC, ARG_REQUIRED, "mac", "the station"},
	{"IF", TYPE_PORT, ARG_REQUIRED, "port", "the port it is behind"},
	{"--vlan", TYPE_VID, ARG_OPTIONAL, "vlan", "in this VLAN"},
	{},
};

static const struct arg flush_args[] = {
	{"NAME", TYPE_DEVICE, ARG_ONE_OF, NULL, "a switch or a port"},
	{"--switch", TYPE_SWITCH, ARG_ONE_OF, "switch", "a switch"},
	{"--port", TYPE_PORT, ARG_ONE_OF, "port", "a port"},
	{},
};

const struct command fdb_commands[] = {
	{"add", fdb_add, entry_args, "Add a static entry.", "kvs fdb add 02:00:00:00:00:01 tap0"},
	{"del", fdb_del, entry_args, "Delete an entry.", "kvs fdb del 02:00:00:00:00:01 tap0"},
	{"flush", fdb_flush, flush_args, "Forget the learned entries of a switch or a port.",
	 "kvs fdb flush --port tap0"},
	{"show", fdb_show, show_args, "Show the entries, as the kernel has them.",
	 "kvs fdb show --switch br0"},
	{},
};
