// SPDX-License-Identifier: GPL-2.0-only
/* The API's table of contents; docs/api.md describes it. */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "apply.h"
#include "port.h"
#include "switch.h"

int reload_now(struct http_request *rq, json_t **answer, struct err *err)
{
	return apply_reload(rq->ctx, err);
}

static const struct http_route routes[] = {
	{"GET", "/v1/status", status_show, NULL, 0},
	{"GET", "/v1/stats", stats_show, stats_fields, 0},
	{"GET", "/v1/drops", drops_show, stats_fields, 0},
	{"GET", "/v1/switches", switch_show, NULL, 0},
	{"GET", "/v1/switches/{}", switch_show_one, NULL, 0},
	{"POST", "/v1/switches", switch_add, switch_add_fields, 201},
	{"PATCH", "/v1/switches/{}", switch_do_set, switch_set_fields, 0},
	{"DELETE", "/v1/switches/{}", switch_del, NULL, 0},
	{"POST", "/v1/switches/{}/adopt", switch_do_adopt, switch_set_fields, 0},
	{"POST", "/v1/switches/{}/release", switch_do_release, NULL, 0},
	{"POST", "/v1/release", switch_do_release_all, NULL, 0},
	{"GET", "/v1/ports", port_show, port_show_fields, 0},
	{"GET", "/v1/ports/{}", port_show_one, NULL, 0},
	{"POST", "/v1/ports", port_add_one, port_add_fields, 201},
	{"PATCH", "/v1/ports/{}", port_set, port_set_fields, 0},
	{"DELETE", "/v1/ports/{}", port_del, NULL, 0},
	{"GET", "/v1/fdb", fdb_show, fdb_show_fields, 0},
	{"POST", "/v1/fdb", fdb_add, fdb_add_fields, 201},
	{"DELETE", "/v1/fdb", fdb_del, fdb_del_fields, 0},
	{"POST", "/v1/fdb/flush", fdb_flush, fdb_flush_fields, 0},
	{"GET", "/v1/vlans", vlan_show, vlan_show_fields, 0},
	{"POST", "/v1/vlans", vlan_add, vlan_add_fields, 201},
	{"DELETE", "/v1/vlans", vlan_del, vlan_del_fields, 0},
	{"GET", "/v1/guards", guard_show, guard_show_fields, 0},
	{"GET", "/v1/guards/{}", guard_show_one, NULL, 0},
	{"PUT", "/v1/guards/{}", guard_put, guard_set_fields, 0},
	{"DELETE", "/v1/guards/{}", guard_delete, NULL, 0},
	{"POST", "/v1/reload", reload_now, NULL, 0},
};

int api_start(struct kvsd *k, struct http **out, struct err *err)
{
	char path[KVSD_DIR_MAX + 16];

	snprintf(path, sizeof(path), "%s/kvs.sock", k->run_dir);
	return http_start(k->event, path, routes, ARRAY_SIZE(routes), k, out, err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(json_string_value(json_object_get(*(json_t *const *)a, "name")),
		      json_string_value(json_object_get(*(json_t *const *)b, "name")));
}

void api_sort(json_t *list)
{
	size_t n = json_array_size(list);
	_free_ json_t **items = calloc(n + 1, sizeof(*items));

	if (!items)
		return;
	for (size_t i = 0; i < n; i++)
		items[i] = json_incref(json_array_get(list, i));
	qsort(items, n, sizeof(*items), by_name);
	for (size_t i = 0; i < n; i++)
		json_array_set_new(list, i, items[i]);
}

bool api_wants(const struct http_request *rq, const struct link *l)
{
	const char *port = http_string(rq, "port"), *bridge = http_string(rq, "switch");
	struct kvsd *k = rq->ctx;
	const struct link *master = link_get(&k->links, l->master) ?: l;

	return (!port || !strcmp(port, l->name)) && (!bridge || !strcmp(bridge, master->name));
}

int api_check_filter(struct http_request *rq, struct err *err)
{
	const char *port = http_string(rq, "port"), *bridge = http_string(rq, "switch");
	struct link *l;
	int rc = bridge ? switch_find(rq->ctx, bridge, &l, err) : 0;

	if (!rc && port)
		rc = port_find(rq->ctx, port, &l, err);
	return rc;
}
