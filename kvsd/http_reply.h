/* SPDX-License-Identifier: GPL-2.0-only */
/* From a whole request to its answer. Private to the server. */
#pragma once

#include <microhttpd.h>
#include <sys/types.h>

#include "http.h"

struct http_api {
	const struct http_route *routes;
	size_t n;
	void *ctx;
};

struct http_call {
	const char *method, *url;
	uid_t uid;        /* who calls */
	const char *body; /* len may be more than HTTP_BODY_MAX: body is not looked at then */
	size_t len;
};

/* Calls the route that is meant and queues its answer, or the error. */
enum MHD_Result http_reply(const struct http_api *api, struct MHD_Connection *connection,
			   const struct http_call *call);
