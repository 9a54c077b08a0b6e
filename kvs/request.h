/* SPDX-License-Identifier: GPL-2.0-only */
/* From the words of the command line to a request. */
#pragma once

#include <jansson.h>

#include "cli.h"

/* The words and options that have a name in the API, as an object; NULL without memory. */
json_t *request_values(const struct cli *cli);

/* "/v1/ports/tap0", "/v1/ports/tap0/ACTION"; action may be NULL. To be freed; NULL without memory.
 */
char *request_path(const char *folder, const char *name, const char *action);

/* "/v1/fdb?switch=br0", with the values of the command line. To be freed; NULL without memory. */
char *request_query(const struct cli *cli, const char *path);

/* Have kvsd do it; body may be NULL. */
int request_send(const struct cli *cli, const char *method, const char *url, const json_t *body,
		 struct err *err);

/* The same with the values of the command line as the body. */
int request_send_values(const struct cli *cli, const char *method, const char *url,
			struct err *err);

/* Ask for something. */
int request_get(const struct cli *cli, const char *url, json_t **answer, struct err *err);

/* Every bridge kvsd sees, adopted or not, as an object whose keys are their names. */
int request_bridges(const struct cli *cli, json_t **out, struct err *err);
