/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests to kvsd: HTTP over its unix socket. */
#pragma once

#include <jansson.h>

#include "err.h"

/* One request to the kvsd of run_dir; body may be NULL, answer too where it does not matter.
 * 0 and the answer, an object, which the caller releases; or -errno, with kvsd's own text where it
 * refused.
 */
int http_request(const char *run_dir, const char *method, const char *url, const json_t *body,
		 json_t **answer, struct err *err);
