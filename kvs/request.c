// SPDX-License-Identifier: GPL-2.0-only
/* From the words of the command line to a request. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "http.h"
#include "request.h"
#include "util.h"

json_t *request_values(const struct cli *cli)
{
	const struct arg *list = cli->args.command->args;
	json_t *values = json_object();

	for (size_t i = 0; list[i].name; i++) {
		const char *value = cli->args.values[i];

		if (!list[i].key || !value)
			continue;
		if (json_object_set_new(values, list[i].key, type_get(list[i].type)->json(value))) {
			json_decref(values);
			return NULL;
		}
	}
	return values;
}

/* RFC 3986: all but the unreserved characters are encoded. */
static void put_encoded(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("-._~", *text))
			fputc(*text, out);
		else
			fprintf(out, "%%%02X", (unsigned char)*text);
	}
}

char *request_path(const char *folder, const char *name, const char *action)
{
	char *path = NULL;
	size_t len;
	FILE *out = open_memstream(&path, &len);

	if (!out)
		return NULL;
	fprintf(out, "%s/", folder);
	put_encoded(out, name);
	if (action)
		fprintf(out, "/%s", action);
	return fclose(out) ? NULL : path;
}

static void put_value(FILE *out, const json_t *value)
{
	if (json_is_integer(value))
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		put_encoded(out, json_string_value(value));
}

char *request_query(const struct cli *cli, const char *path)
{
	_json_ json_t *values = request_values(cli);
	char *url = NULL, mark = '?';
	const char *key;
	json_t *value;
	size_t len;
	FILE *out;

	out = values ? open_memstream(&url, &len) : NULL;
	if (!out)
		return NULL;
	fputs(path, out);
	json_object_foreach(values, key, value) {
		fprintf(out, "%c%s=", mark, key);
		put_value(out, value);
		mark = '&';
	}
	return fclose(out) ? NULL : url;
}

int request_send(const struct cli *cli, const char *method, const char *url, const json_t *body,
		 struct err *err)
{
	return http_request(cli->run_dir, method, url, body, NULL, err);
}

int request_send_values(const struct cli *cli, const char *method, const char *url, struct err *err)
{
	_json_ json_t *body = request_values(cli);

	return body ? request_send(cli, method, url, body, err) : -ENOMEM;
}

int request_get(const struct cli *cli, const char *url, json_t **answer, struct err *err)
{
	return http_request(cli->run_dir, "GET", url, NULL, answer, err);
}

int request_bridges(const struct cli *cli, json_t **out, struct err *err)
{
	_json_ json_t *answer = NULL, *names = json_object();
	const json_t *list;
	int r = request_get(cli, "/v1/switches", &answer, err);

	if (r)
		return r;
	list = json_object_get(answer, "switches");
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *row = json_array_get(list, i);
		const char *name = json_string_value(json_object_get(row, "name"));

		if (name && json_object_set(names, name, row))
			return -ENOMEM;
	}
	*out = json_incref(names);
	return 0;
}
