// SPDX-License-Identifier: GPL-2.0-only
/* kvsd/http_request.c: any body and query is taken, with the types its fields have, or refused with
 * a reason.
 *
 * An input is a query's key, its value, and a body, each ended by a line feed but the last.
 */
#include "http_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct http_field fields[] = {
	{"name", HTTP_STRING, true},
	{"stp", HTTP_BOOL, false},
	{"vlan", HTTP_INT, false},
	{"macs", HTTP_LIST, false},
	{},
};

static void check(json_t *object)
{
	const struct http_request rq = {.fields = object};
	struct err err = {};
	int rc = http_request_check(object, fields, &err);

	if (rc ? !err.text[0] : !http_string(&rq, "name"))
		abort();
	http_int(&rq, "vlan", -1);
	http_int(&rq, "stp", -1);
}

static char *line(char **rest)
{
	char *from = *rest, *end = strchr(from, '\n');

	*rest = end ? end + 1 : from + strlen(from);
	if (end)
		*end = '\0';
	return from;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *rest = text, *key, *value;
	json_t *query = json_object(), *body = NULL;
	struct err err = {};

	if (!text || !query)
		abort();
	key = line(&rest);
	value = line(&rest);
	if (!http_request_query(query, fields, key, value, &err))
		check(query);
	if (!http_request_body(rest, strlen(rest), &body, &err))
		check(body);
	json_decref(query);
	json_decref(body);
	free(text);
	return 0;
}
