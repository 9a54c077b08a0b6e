// SPDX-License-Identifier: GPL-2.0-only
/* What the show verbs print: kvsd's answer as it came, or a table. */
#include "request.h"
#include "show.h"
#include "util.h"

int show_get(const struct cli *cli, const char *url, json_t **answer, struct err *err)
{
	_json_ json_t *got = NULL;
	int r = request_get(cli, url, &got, err);

	if (r)
		return r;
	if (!cli_value(cli, "--json")) {
		*answer = json_incref(got);
		return 0;
	}
	/* a failed write is noticed when the output is flushed */
	json_dumpf(got, cli->out, JSON_INDENT(2));
	fputc('\n', cli->out);
	return 0;
}

int show_rows(const struct cli *cli, json_t *rows, const struct listing *listing, struct err *err)
{
	int r;

	for (size_t i = 0; listing->derive && i < json_array_size(rows); i++)
		listing->derive(json_array_get(rows, i));
	r = table_print(cli->out, listing->columns, rows, err);
	if (!r && listing->note)
		table_notes(cli->out, rows, listing->columns[0].key, listing->note);
	return r;
}

int show_url(const struct cli *cli, const char *url, const struct listing *listing, struct err *err)
{
	_json_ json_t *answer = NULL, *one = NULL;
	json_t *rows;
	int r = show_get(cli, url, &answer, err);

	if (r || !answer)
		return r;
	rows = json_object_get(answer, listing->rows);
	if (!rows)
		rows = one = json_pack("[O]", answer);
	return show_rows(cli, rows, listing, err);
}

int show_list(const struct cli *cli, const char *path, const struct listing *listing,
	      struct err *err)
{
	_free_ char *url = request_query(cli, path);

	return show_url(cli, url, listing, err);
}
