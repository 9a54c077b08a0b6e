// SPDX-License-Identifier: GPL-2.0-only
/* kvs drops: dropped, audited and slow frames per port, by reason. */
#include <errno.h>

#include "request.h"
#include "show.h"
#include "util.h"
#include "verbs.h"

/* A row for each reason that frames of a port met. */
static int add_reasons(json_t *rows, const char *port, const char *what, json_t *counts,
		       const json_t *texts)
{
	const char *reason;
	json_t *n;

	json_object_foreach(counts, reason, n) {
		const char *text = json_string_value(json_object_get(texts, reason));
		json_t *row;

		if (!json_integer_value(n))
			continue;
		row = json_pack("{s:s?, s:s, s:s, s:O, s:s?}", "port", port, "what", what, "reason",
				reason, "count", n, "text", text);
		if (json_array_append_new(rows, row))
			return -ENOMEM;
	}
	return 0;
}

static int add_port(json_t *rows, const json_t *port, const json_t *answer)
{
	const char *name = json_string_value(json_object_get(port, "name"));
	int r = add_reasons(rows, name, "drop", json_object_get(port, "drops"),
			    json_object_get(answer, "drop_reasons"));

	if (!r)
		r = add_reasons(rows, name, "audit", json_object_get(port, "audited"),
				json_object_get(answer, "drop_reasons"));
	if (r)
		return r;
	r = add_reasons(rows, name, "slow", json_object_get(port, "slow"),
			json_object_get(answer, "slow_reasons"));
	return r
		       ?: add_reasons(rows, name, "egress", json_object_get(port, "egress_drops"),
				      json_object_get(answer, "drop_reasons"));
}

static int add_bridge(json_t *rows, const json_t *bridge, const json_t *answer)
{
	return add_reasons(rows, json_string_value(json_object_get(bridge, "name")), "host",
			   json_object_get(bridge, "drops"),
			   json_object_get(answer, "drop_reasons"));
}

static int flatten(const json_t *answer, json_t *rows)
{
	const json_t *ports = json_object_get(answer, "ports");
	const json_t *bridges = json_object_get(answer, "bridges");
	int r = 0;

	for (size_t i = 0; !r && i < json_array_size(ports); i++)
		r = add_port(rows, json_array_get(ports, i), answer);
	for (size_t i = 0; !r && i < json_array_size(bridges); i++)
		r = add_bridge(rows, json_array_get(bridges, i), answer);
	return r;
}

static const struct column drops_columns[] = {
	{"PORT", "port", COLUMN_WORD},
	{"WHAT", "what", COLUMN_WORD},
	{"REASON", "reason", COLUMN_WORD},
	{"COUNT", "count", COLUMN_NUMBER},
	{"EXPLANATION", "text", COLUMN_WORD}, /* of the reason */
	{},
};

static const struct listing drops_listing = {"ports", drops_columns, NULL, NULL};

static int drops_show(const struct cli *cli, struct err *err)
{
	_free_ char *url = request_query(cli, "/v1/drops");
	_json_ json_t *answer = NULL, *rows = NULL;
	int r = show_get(cli, url, &answer, err);

	if (r || !answer)
		return r;
	rows = json_array();
	r = flatten(answer, rows);
	return r ? r : show_rows(cli, rows, &drops_listing, err);
}

static const struct arg drops_args[] = {
	{"IF", TYPE_PORT, ARG_OPTIONAL, "port", "only this port"},
	{"--switch", TYPE_SWITCH, ARG_OPTIONAL, "switch", "only the ports of this switch"},
	{},
};

const struct command drops_commands[] = {
	{NULL, drops_show, drops_args,
	 "Show why frames were dropped, would be (audit), or went to the bridge (slow).",
	 "kvs drops tap0"},
	{},
};
