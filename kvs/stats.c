// SPDX-License-Identifier: GPL-2.0-only
/* kvs stats: frames per port and the share of the fast path. */
#include "show.h"
#include "verbs.h"

static json_int_t count(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

static json_int_t drops(const json_t *row)
{
	json_int_t sum = 0;
	const char *reason;
	json_t *n;

	json_object_foreach(json_object_get(row, "drops"), reason, n) {
		sum += json_integer_value(n);
	}
	return sum;
}

/* In percent, rounded down: 100.0 means every frame. */
static json_t *share(const json_t *row)
{
	json_int_t all = count(row, "rx_packets");
	json_int_t fast = count(row, "fast_xdp") + count(row, "fast_tc");
	int permille = all > 0 ? (__int128)fast * 1000 / all : 0;

	if (all <= 0)
		return json_null();
	return json_sprintf("%d.%d", permille / 10, permille % 10);
}

static void derive(json_t *row)
{
	json_object_set_new(row, "fast_share", share(row));
	json_object_set_new(row, "drops", json_integer(drops(row)));
}

static const struct column stats_columns[] = {
	{"PORT", "name", COLUMN_WORD},
	{"SWITCH", "switch", COLUMN_WORD},
	{"RX-PACKETS", "rx_packets", COLUMN_NUMBER},
	{"RX-BYTES", "rx_bytes", COLUMN_NUMBER},
	{"FAST-XDP", "fast_xdp", COLUMN_NUMBER},
	{"FAST-TC", "fast_tc", COLUMN_NUMBER},
	{"SLOW", "slow", COLUMN_NUMBER},
	{"DROPS", "drops", COLUMN_NUMBER},
	{"FAST%", "fast_share", COLUMN_NUMBER},
	{"PATH", "path_now", COLUMN_WORD},
	{},
};

static const struct listing stats_listing = {"ports", stats_columns, derive, "path_reason"};

static int stats_show(const struct cli *cli, struct err *err)
{
	return show_list(cli, "/v1/stats", &stats_listing, err);
}

static const struct arg stats_args[] = {
	{"IF", TYPE_PORT, ARG_OPTIONAL, "port", "only this port"},
	{"--switch", TYPE_SWITCH, ARG_OPTIONAL, "switch", "only the ports of this switch"},
	{},
};

const struct command stats_commands[] = {
	{NULL, stats_show, stats_args,
	 "Count the frames each port received by what became of them; FAST% took the fast path.",
	 "kvs stats --switch br0"},
	{},
};
