/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for people, through libsmartcols. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "err.h"

enum column_kind {
	COLUMN_WORD,
	COLUMN_NUMBER, /* to the right */
};

struct column {
	const char *title;
	const char *key; /* of the row: a string, number or boolean */
	enum column_kind kind;
};

/* Print rows, an array of objects; columns go up to one without a title. Nothing without rows. */
int table_print(FILE *out, const struct column *columns, const json_t *rows, struct err *err);

/* Print "NAME: TEXT" for the rows whose key holds text; name_key holds the name. */
void table_notes(FILE *out, const json_t *rows, const char *name_key, const char *key);
