// SPDX-License-Identifier: GPL-2.0-only
/* kvs guard: what ports may send. */
#include <string.h>

#include "request.h"
#include "show.h"
#include "util.h"
#include "verbs.h"

#define SHOWN 2 /* entries of a list in a column; --json has them all */

static int guard_set(const struct cli *cli, struct err *err)
{
	_free_ char *url = request_path("/v1/guards", cli_value(cli, "IF"), NULL);

	return request_send_values(cli, "PUT", url, err);
}

static int guard_del(const struct cli *cli, struct err *err)
{
	_free_ char *url = request_path("/v1/guards", cli_value(cli, "IF"), NULL);

	return request_send(cli, "DELETE", url, NULL, err);
}

/* "a b +3", each with the mark behind it */
static void put_list(FILE *out, const json_t *list, const char *mark, size_t *n)
{
	for (size_t i = 0; i < json_array_size(list); i++, ++*n) {
		const char *text = json_string_value(json_array_get(list, i));

		if (*n < SHOWN)
			fprintf(out, "%s%s%s", *n ? " " : "", text ? text : "?", mark);
	}
}

static void set_column(json_t *row, const char *key, const char *learned)
{
	_free_ char *text = NULL;
	size_t n = 0, len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	put_list(out, json_object_get(row, key), "", &n);
	if (learned)
		put_list(out, json_object_get(row, learned), "*", &n);
	if (n > SHOWN)
		fprintf(out, " +%zu", n - SHOWN);
	fputs(n ? "" : "any", out);
	if (!fclose(out))
		json_object_set_new(row, key, json_string(text));
}

static void set_rate(json_t *row)
{
	const json_t *rate =
		json_object_get(json_object_get(json_object_get(row, "limits"), "rate"), "rate");

	json_object_set_new(row, "rate", json_string(json_string_value(rate) ?: "any"));
}

/* A * marks what was learned. */
static void derive(json_t *row)
{
	const char *state = json_string_value(json_object_get(row, "state"));

	if (state && !strcmp(state, "shut"))
		json_object_set_new(row, "mode", json_string("SHUT"));
	set_column(row, "macs", "learned");
	set_column(row, "addresses", NULL);
	set_rate(row);
}

static const struct column guard_columns[] = {
	{"PORT", "name", COLUMN_WORD},
	{"SWITCH", "switch", COLUMN_WORD},
	{"GUARD", "guard", COLUMN_WORD},
	{"MODE", "mode", COLUMN_WORD}, /* derived, as the next three */
	{"MACS", "macs", COLUMN_WORD},
	{"ADDRESSES", "addresses", COLUMN_WORD},
	{"RATE", "rate", COLUMN_WORD},
	{"REFUSED", "refused", COLUMN_NUMBER},
	{"AUDITED", "audited", COLUMN_NUMBER},
	{},
};

static const struct listing guard_listing = {"guards", guard_columns, derive, "reason"};

static int guard_show(const struct cli *cli, struct err *err)
{
	const char *name = cli_value(cli, "IF");
	_free_ char *url = NULL;

	if (!name)
		return show_list(cli, "/v1/guards", &guard_listing, err);
	url = request_path("/v1/guards", name, NULL);
	return show_url(cli, url, &guard_listing, err);
}

static const struct arg set_args[] = {
	{"IF", TYPE_PORT, ARG_REQUIRED, NULL, "the port"},
	{"--guard", TYPE_GUARD, ARG_SOME, "guard", "a preset, or a name of 'guards' in kvs.yaml"},
	{"--macs", TYPE_MACS, ARG_SOME, "macs", "it may send from these alone"},
	{"--addresses", TYPE_ADDRESSES, ARG_SOME, "addresses", "and from these alone"},
	{"--mode", TYPE_MODE, ARG_SOME, "mode", "audit counts, and lets pass"},
	{"--rate", TYPE_RATE, ARG_SOME, "rate", "bits/s like 100M, or frames/s like 50kpps"},
	{"--burst", TYPE_BURST, ARG_SOME, "burst", "at once: bytes like 256k, or frames"},
	{"--storm-broadcast", TYPE_STORM, ARG_SOME, "storm_broadcast", "frames/s to everybody"},
	{"--storm-multicast", TYPE_STORM, ARG_SOME, "storm_multicast", "frames/s to groups"},
	{"--storm-unknown", TYPE_STORM, ARG_SOME, "storm_unknown",
	 "frames/s to stations the switch does not know"},
	{"--egress-rate", TYPE_EGRESS, ARG_SOME, "egress_rate", "what it receives: bits/s"},
	{"--storm-burst", TYPE_BURST, ARG_SOME, "storm_burst", "frames of each at once"},
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

const struct command guard_commands[] = {
	{"set", guard_set, set_args, "Give a port a guard, or change it; what is not named stays.",
	 "kvs guard set tap0 --guard vm --addresses 192.0.2.5,2001:db8::5"},
	{"del", guard_del, del_args, "Let a port send what it likes.", "kvs guard del tap0"},
	{"show", guard_show, show_args,
	 "Show what ports may send, and how much was refused; * marks a learned MAC.",
	 "kvs guard show --switch br0"},
	{},
};
