/* SPDX-License-Identifier: GPL-2.0-only */
/* What the show verbs print: kvsd's answer as it came, or a table. */
#pragma once

#include "cli.h"
#include "table.h"

struct listing {
	const char *rows;             /* where the answer has the array */
	const struct column *columns; /* the first names the row */
	void (*derive)(json_t *row);  /* adds what columns need beyond the answer, or NULL */
	const char *note;             /* what of a row is said below the table, or NULL */
};

/* Ask for url. With --json print the answer and leave the out-parameter as it was. */
int show_get(const struct cli *cli, const char *url, json_t **answer, struct err *err);

/* Print an array of objects as a table. */
int show_rows(const struct cli *cli, json_t *rows, const struct listing *listing, struct err *err);

/* Ask for url and print what it lists; an answer that lists nothing is itself the one row. */
int show_url(const struct cli *cli, const char *url, const struct listing *listing,
	     struct err *err);

/* The same with the filters of the command line. */
int show_list(const struct cli *cli, const char *path, const struct listing *listing,
	      struct err *err);
