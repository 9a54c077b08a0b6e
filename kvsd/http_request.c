// SPDX-License-Identifier: GPL-2.0-only
/* What a request asks for: its route, the names in its path, its fields. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "http_request.h"
#include "util.h"

#define FIELDS_MAX 16

static int hex_digit(unsigned char c)
{
	if (isdigit(c))
		return c - '0';
	return isxdigit(c) ? tolower(c) - 'a' + 10 : -1;
}

/* One character of percent-encoded text; -1 when it is none. *text moves behind it. */
static int decode_char(const char **text)
{
	const char *t = *text;
	int high, low;

	*text += 1;
	if (*t != '%')
		return (unsigned char)*t;
	high = hex_digit(t[1]);
	low = high < 0 ? -1 : hex_digit(t[2]);
	*text += 2;
	return low < 0 ? -1 : high << 4 | low;
}

/* Text that JSON cannot hold is refused, and so are control characters, which would garble a log.
 */
static int decode(const char *text, size_t len, char out[HTTP_ARG_LEN], struct err *err)
{
	_json_ json_t *check = NULL;
	const char *end = text + len;
	char name[HTTP_ARG_LEN];
	size_t n = 0;

	while (text < end) {
		int c = decode_char(&text);

		if (c < ' ' || c == 127)
			return err_set(err, -EINVAL, "a name has a bad character or %%-sequence");
		if (n == sizeof(name) - 1)
			return err_set(err, -EINVAL, "a name is longer than %zu bytes", n);
		name[n++] = c;
	}
	check = json_stringn(name, n);
	if (!check)
		return err_set(err, -EINVAL, "a name is not UTF-8");
	name[n] = '\0';
	memcpy(out, name, n + 1);
	return 0;
}

/* 1 when url is what path describes, 0 when not, -EINVAL for a name that cannot be decoded. */
static int match(const char *path, const char *url, char arg[][HTTP_ARG_LEN], struct err *err)
{
	for (int i = 0; *path; path++) {
		size_t len;

		if (strncmp(path, "{}", 2)) {
			if (*path != *url++)
				return 0;
			continue;
		}
		len = strcspn(url, "/");
		if (!len || i == HTTP_ARGS_MAX)
			return 0;
		if (decode(url, len, arg[i++], err))
			return -EINVAL;
		url += len;
		path++;
	}
	return *url == '\0';
}

static void allow_add(char allow[HTTP_ALLOW_LEN], const char *method)
{
	size_t len = strlen(allow);

	snprintf(allow + len, HTTP_ALLOW_LEN - len, "%s%s", len ? ", " : "", method);
}

int http_request_route(const struct http_api *api, const struct http_call *call,
		       char arg[][HTTP_ARG_LEN], char allow[HTTP_ALLOW_LEN],
		       const struct http_route **route, struct err *err)
{
	allow[0] = '\0';
	for (const struct http_route *r = api->routes; r < api->routes + api->n; r++) {
		int rc = match(r->path, call->url, arg, err);

		if (rc < 0)
			return rc;
		if (rc && !strcmp(r->method, call->method)) {
			*route = r;
			return 0;
		}
		if (rc)
			allow_add(allow, r->method);
	}
	if (allow[0])
		return err_set(err, -EOPNOTSUPP, "'%s' takes %s, not %s", call->url, allow,
			       call->method);
	return err_set(err, -ENOENT, "no '%s' in this API: see docs/api.md", call->url);
}

static const struct http_field *field_find(const struct http_field *fields, const char *name)
{
	for (; fields && fields->name; fields++) {
		if (!strcmp(fields->name, name))
			return fields;
	}
	return NULL;
}

static int unknown_key(const char *key, const struct http_field *fields, struct err *err)
{
	const char *names[FIELDS_MAX], *near;
	size_t n = 0;

	for (; fields && fields->name && n < FIELDS_MAX; fields++)
		names[n++] = fields->name;
	if (!n)
		return err_set(err, -EINVAL, "unknown key '%s': none is taken here", key);
	near = suggest(key, names, n);
	if (near)
		return err_set(err, -EINVAL, "unknown key '%s': did you mean '%s'?", key, near);
	return err_set(err, -EINVAL, "unknown key '%s': see docs/api.md for the known ones", key);
}

static bool is_list(const json_t *value)
{
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!json_is_string(json_array_get(value, i)))
			return false;
	return json_is_array(value);
}

static int check_value(const struct http_field *field, const json_t *value, struct err *err)
{
	static const char *const want[] = {
		[HTTP_STRING] = "a string",
		[HTTP_BOOL] = "true or false",
		[HTTP_INT] = "a whole number below 2^31",
		[HTTP_LIST] = "a list of strings",
	};
	json_int_t number = json_integer_value(value);
	bool fits = false;

	switch (field->type) {
	case HTTP_STRING:
		fits = json_is_string(value);
		break;
	case HTTP_BOOL:
		fits = json_is_boolean(value);
		break;
	case HTTP_INT:
		fits = json_is_integer(value) && number >= INT_MIN && number <= INT_MAX;
		break;
	case HTTP_LIST:
		fits = is_list(value);
		break;
	}
	return fits ? 0 : err_set(err, -EINVAL, "'%s' must be %s", field->name, want[field->type]);
}

int http_request_check(json_t *object, const struct http_field *fields, struct err *err)
{
	const char *key;
	json_t *value;
	int rc;

	json_object_foreach(object, key, value) {
		const struct http_field *field = field_find(fields, key);

		rc = field ? check_value(field, value, err) : unknown_key(key, fields, err);
		if (rc)
			return rc;
	}
	for (; fields && fields->name; fields++) {
		if (fields->required && !json_object_get(object, fields->name))
			return err_set(err, -EINVAL, "key '%s' is missing", fields->name);
	}
	return 0;
}

int http_request_query(json_t *object, const struct http_field *fields, const char *key,
		       const char *value, struct err *err)
{
	const struct http_field *field = field_find(fields, key);
	char text[HTTP_ARG_LEN];
	json_t *scalar = NULL;
	int rc;

	if (!field)
		return unknown_key(key, fields, err);
	if (json_object_get(object, key))
		return err_set(err, -EINVAL, "key '%s' is given twice", key);
	rc = decode(value, strlen(value), text, err);
	if (rc)
		return rc;
	if (field->type != HTTP_STRING)
		scalar = json_loads(text, JSON_DECODE_ANY, NULL);
	json_object_set_new(object, key, scalar ?: json_string(text));
	return 0;
}

int http_request_body(const char *text, size_t len, json_t **object, struct err *err)
{
	json_error_t bad;
	json_t *body;

	if (len > HTTP_BODY_MAX)
		return err_set(err, -EMSGSIZE, "the body is larger than %d bytes", HTTP_BODY_MAX);
	body = len ? json_loadb(text, len, JSON_REJECT_DUPLICATES, &bad) : json_object();
	if (!body)
		return err_set(err, -EINVAL, "the body is not JSON: line %d: %s", bad.line,
			       bad.text);
	if (!json_is_object(body)) {
		json_decref(body);
		return err_set(err, -EINVAL, "the body must be a JSON object");
	}
	*object = body;
	return 0;
}
