/* SPDX-License-Identifier: GPL-2.0-only */
/* The API's server: HTTP and JSON on a unix socket, in the event loop, by a table of routes. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "err.h"

#define HTTP_BODY_MAX 65536
#define HTTP_ARGS_MAX 2
#define HTTP_ARG_LEN  128 /* an interface's alternative name, with its NUL */

enum http_type { HTTP_STRING, HTTP_BOOL, HTTP_INT, HTTP_LIST };

/* What a route may be given: in the query of GET and DELETE, in the body of the other methods. */
struct http_field {
	const char *name;
	enum http_type type;
	bool required;
};

struct http_request {
	const char *method;
	char arg[HTTP_ARGS_MAX][HTTP_ARG_LEN]; /* what stood for each {} of the path, decoded */
	json_t *fields; /* an object, never NULL; keys and types are those of the route's fields */
	void *ctx;
};

/* fn returns 0, with or without an answer (an object, which becomes the server's), or -errno with
 * the text: -ENOENT and -ENODEV are told as 404, -EEXIST, -EBUSY and -EOPNOTSUPP 409, -EINVAL and
 * -ERANGE 400, -EPERM and -EACCES 403, -E2BIG and -EMSGSIZE 413, anything else 500.
 */
struct http_route {
	const char *method, *path; /* "POST", "/v1/switches/{}/adopt" */
	int (*fn)(struct http_request *rq, json_t **answer, struct err *err);
	const struct http_field *fields; /* ends with an empty one; NULL: takes none */
	int success;                     /* status of success; 0: 200 */
};

struct http;

/* Listens on socket_path (mode 0660, group kvs where there is one; a stale socket gives way) and
 * serves routes, which must outlive it. ctx is handed to them. The caller ignores SIGPIPE.
 */
int http_start(sd_event *event, const char *socket_path, const struct http_route *routes, size_t n,
	       void *ctx, struct http **out, struct err *err);

/* Ends every connection and removes the socket. NULL is fine. */
void http_stop(struct http *http);

/* A field of a request, or NULL. */
static inline const char *http_string(const struct http_request *rq, const char *name)
{
	return json_string_value(json_object_get(rq->fields, name));
}

/* A number or boolean of a request, or what is given for an absent one, as in http_int(rq, "stp",
 * -1). */
static inline int http_int(const struct http_request *rq, const char *name, int absent)
{
	const json_t *value = json_object_get(rq->fields, name);

	if (json_is_integer(value))
		return json_integer_value(value);
	return json_is_boolean(value) ? json_is_true(value) : absent;
}
