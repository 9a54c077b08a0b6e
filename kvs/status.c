// SPDX-License-Identifier: GPL-2.0-only
/* kvs status: the daemon, its memory, its switches. */
#include "show.h"
#include "util.h"
#include "verbs.h"

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "-";
}

static void put_bytes(FILE *out, const char *label, json_int_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB"};
	double n = bytes;
	size_t i = 0;

	for (; n >= 1024 && i + 1 < ARRAY_SIZE(units); i++)
		n /= 1024;
	fprintf(out, "%s %.*f %s", label, i ? 1 : 0, n, units[i]);
}

static void put_uptime(FILE *out, json_int_t s)
{
	if (s < 60)
		fprintf(out, "%lld s", s);
	else if (s < 3600)
		fprintf(out, "%lld min %lld s", s / 60, s % 60);
	else if (s < 86400)
		fprintf(out, "%lld h %lld min", s / 3600, s / 60 % 60);
	else
		fprintf(out, "%lld d %lld h", s / 86400, s / 3600 % 24);
}

static void put_limits(FILE *out, const json_t *limits)
{
	json_int_t ports = number(limits, "ports_refused"), fdb = number(limits, "fdb_refused");

	fprintf(out, "\nlimits  ports %lld of %lld, stations %lld", number(limits, "ports_used"),
		number(limits, "ports"), number(limits, "fdb"));
	if (ports || fdb)
		fprintf(out,
			"; refused, and on the slow path: ports %lld, stations %lld (kvs.yaml: limits)",
			ports, fdb);
}

static void put_guards(FILE *out, const json_t *guards)
{
	const json_t *shut = json_object_get(guards, "shut");

	if (!number(guards, "ports") && !json_array_size(shut))
		return;
	fprintf(out, "\nguards  ports %lld, MACs %lld and addresses %lld of %lld",
		number(guards, "ports"), number(guards, "macs"), number(guards, "addresses"),
		number(guards, "entries"));
	for (size_t i = 0; i < json_array_size(shut); i++)
		fprintf(out, "\nSHUT    %s: %s", text(json_array_get(shut, i), "name"),
			text(json_array_get(shut, i), "reason"));
}

static void put_daemon(FILE *out, const json_t *status)
{
	const json_t *memory = json_object_get(status, "memory");

	fprintf(out, "kvsd    %s, pid %lld, up ", text(status, "version"), number(status, "pid"));
	put_uptime(out, number(status, "uptime_s"));
	fprintf(out, "\nkernel  %s\nmemory  ", text(status, "kernel"));
	put_bytes(out, "kvsd", number(memory, "rss_bytes"));
	put_bytes(out, ", maps", number(memory, "maps_bytes"));
	put_bytes(out, ", programs", number(memory, "programs_bytes"));
	put_limits(out, json_object_get(status, "limits"));
	put_guards(out, json_object_get(status, "guards"));
	fputs("\n\n", out);
}

static const struct column status_columns[] = {
	{"SWITCH", "name", COLUMN_WORD},
	{"PORTS", "ports", COLUMN_NUMBER},
	{"FAST-PATH", "fast_path", COLUMN_WORD},
	{},
};

static const struct listing status_listing = {"switches", status_columns, NULL, "reason"};

static int status_show(const struct cli *cli, struct err *err)
{
	_json_ json_t *answer = NULL;
	json_t *switches;
	int r = show_get(cli, "/v1/status", &answer, err);

	if (r || !answer)
		return r;
	put_daemon(cli->out, answer);
	switches = json_object_get(answer, "switches");
	if (json_array_size(switches))
		return show_rows(cli, switches, &status_listing, err);
	fputs("No switch yet: 'kvs switch add NAME' makes one, 'kvs switch adopt NAME' takes a "
	      "running bridge.\n",
	      cli->out);
	return 0;
}

static const struct arg status_args[] = {{}};

const struct command status_commands[] = {
	{NULL, status_show, status_args,
	 "Show the daemon, its memory and its switches, and why one is off the fast path.",
	 "kvs status"},
	{},
};
