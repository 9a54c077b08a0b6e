/* SPDX-License-Identifier: GPL-2.0-only */
/* The handlers of /v1, by noun; docs/api.md describes them, api.c lists them. */
#pragma once

#include "http.h"

#define API_HANDLER(name) int name(struct http_request *rq, json_t **answer, struct err *err)

struct kvsd;

extern const struct http_field switch_add_fields[], switch_set_fields[];
extern const struct http_field port_show_fields[], port_add_fields[], port_set_fields[];
extern const struct http_field fdb_show_fields[], fdb_add_fields[], fdb_del_fields[],
	fdb_flush_fields[];
extern const struct http_field vlan_show_fields[], vlan_add_fields[], vlan_del_fields[];
extern const struct http_field guard_show_fields[], guard_set_fields[];
extern const struct http_field stats_fields[];

API_HANDLER(switch_show);
API_HANDLER(switch_show_one);
API_HANDLER(switch_add);
API_HANDLER(switch_do_set);
API_HANDLER(switch_del);
API_HANDLER(switch_do_adopt);
API_HANDLER(switch_do_release);
API_HANDLER(switch_do_release_all);
API_HANDLER(port_show);
API_HANDLER(port_show_one);
API_HANDLER(port_add_one);
API_HANDLER(port_set);
API_HANDLER(port_del);
API_HANDLER(fdb_show);
API_HANDLER(fdb_add);
API_HANDLER(fdb_del);
API_HANDLER(fdb_flush);
API_HANDLER(vlan_show);
API_HANDLER(vlan_add);
API_HANDLER(vlan_del);
API_HANDLER(guard_show);
API_HANDLER(guard_show_one);
API_HANDLER(guard_put);
API_HANDLER(guard_delete);
API_HANDLER(stats_show);
API_HANDLER(drops_show);
API_HANDLER(status_show);
API_HANDLER(reload_now);

/* Starts the server on RUN/kvs.sock. */
int api_start(struct kvsd *k, struct http **out, struct err *err);

/* Order objects by their "name". */
void api_sort(json_t *list);

/* Whether a port passes the request's ?switch= and ?port=. */
struct link;
bool api_wants(const struct http_request *rq, const struct link *l);

/* -ENOENT when ?switch= or ?port= names what is not there. */
int api_check_filter(struct http_request *rq, struct err *err);
