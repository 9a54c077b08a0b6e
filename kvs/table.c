// SPDX-License-Identifier: GPL-2.0-only
/* Tables for people, through libsmartcols. */
#include <errno.h>
#include <libsmartcols.h>
#include <string.h>

#include "table.h"
#include "util.h"

static void table_p(struct libscols_table **table)
{
	scols_unref_table(*table);
}

static char *value_text(const json_t *value)
{
	char *text = NULL;

	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "yes" : "no");
	if (json_is_integer(value) &&
	    asprintf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value)) < 0)
		return NULL;
	if (text)
		return text;
	return strdup(json_string_length(value) ? json_string_value(value) : "-");
}

static int add_columns(struct libscols_table *table, const struct column *columns)
{
	for (const struct column *c = columns; c->title; c++) {
		int flags = c->kind == COLUMN_NUMBER ? SCOLS_FL_RIGHT : 0;

		if (!scols_table_new_column(table, c->title, 0, flags))
			return -ENOMEM;
	}
	return 0;
}

static int add_row(struct libscols_table *table, const struct column *columns, const json_t *row)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; columns[i].title; i++) {
		char *text = value_text(json_object_get(row, columns[i].key));

		/* the line owns the text from here on */
		if (!text || scols_line_refer_data(line, i, text))
			return -ENOMEM;
	}
	return 0;
}

int table_print(FILE *out, const struct column *columns, const json_t *rows, struct err *err)
{
	_cleanup_(table_p) struct libscols_table *table = scols_new_table();

	if (!table || add_columns(table, columns))
		return err_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < json_array_size(rows); i++)
		if (add_row(table, columns, json_array_get(rows, i)))
			return err_set(err, -ENOMEM, "out of memory");
	scols_table_set_stream(table, out);
	if (scols_print_table(table))
		return err_set(err, -EIO, "cannot print the table");
	return 0;
}

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text && *text ? text : NULL;
}

void table_notes(FILE *out, const json_t *rows, const char *name_key, const char *key)
{
	const char *gap = "\n";

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const char *name = text_of(row, name_key), *text = text_of(row, key);

		if (!text)
			continue;
		fprintf(out, "%s%s: %s\n", gap, name ? name : "-", text);
		gap = "";
	}
}
