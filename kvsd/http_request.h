/* SPDX-License-Identifier: GPL-2.0-only */
/* What a request asks for: its route, the names in its path, its fields. Private to the server. */
#pragma once

#include "http_reply.h"

#define HTTP_ALLOW_LEN 64

/* The route of a call, with the names of its path in arg. -ENOENT: no such path; -EINVAL: a bad
 * name in it; -EOPNOTSUPP: it takes other methods, which are then in allow.
 */
int http_request_route(const struct http_api *api, const struct http_call *call,
		       char arg[][HTTP_ARG_LEN], char allow[HTTP_ALLOW_LEN],
		       const struct http_route **route, struct err *err);

/* Adds a percent-encoded value of the query to object, as the type that fields wants for it. */
int http_request_query(json_t *object, const struct http_field *fields, const char *key,
		       const char *value, struct err *err);

/* The object that a body holds. An empty body is an empty object. */
int http_request_body(const char *text, size_t len, json_t **object, struct err *err);

/* Whether object has the keys and types that fields allows, and those it requires. */
int http_request_check(json_t *object, const struct http_field *fields, struct err *err);
