// SPDX-License-Identifier: GPL-2.0-only
/* /v1/switches: see docs/api.md. */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "event.h"
#include "netfilter.h"
#include "port.h"
#include "switch.h"

const struct http_field switch_add_fields[] = {
	{"name", HTTP_STRING, true},
	{"stp", HTTP_BOOL, false},
	{"ageing_s", HTTP_INT, false},
	{"netfilter", HTTP_STRING, false},
	{},
};

const struct http_field switch_set_fields[] = {{"netfilter", HTTP_STRING, false}, {}};

static unsigned int count_ports(const struct kvsd *k, const struct link *bridge)
{
	unsigned int n = 0;

	links_for_each(&k->links, l)
		n += l->is_port && l->master == bridge->ifindex;
	return n;
}

static json_t *to_json(const struct kvsd *k, const struct link *l)
{
	const char *reason = l->sw ? switch_reason(k, l) : "not adopted";
	enum kvs_netfilter mode = l->sw ? l->sw->netfilter : KVS_NETFILTER_FOLLOW;

	return json_pack("{s:s s:i s:b s:b s:s s:i s:b s:b s:i s:b s:s s:s s:s}", "name", l->name,
			 "ifindex", l->ifindex, "adopted", !!l->sw, "fast_path", !*reason, "reason",
			 reason, "ports", count_ports(k, l), "up", l->flags & IFF_UP, "stp", l->stp,
			 "ageing_s", l->ageing / 100, "vlan_filtering", l->vlan_filtering, "mac",
			 l->mac, "netfilter", netfilter_name(mode), "netfilter_rules",
			 netfilter_of_bridge(k, l));
}

int switch_show(struct http_request *rq, json_t **answer, struct err *err)
{
	struct kvsd *k = rq->ctx;
	json_t *list = json_array();

	links_for_each(&k->links, l)
		if (link_is_bridge(l))
			json_array_append_new(list, to_json(k, l));
	api_sort(list);
	*answer = json_pack("{s:o}", "switches", list);
	return 0;
}

/* Any bridge, adopted or not. */
static int find_bridge(struct kvsd *k, const char *name, struct link **out, struct err *err)
{
	struct link *l = link_by_name(&k->links, name);

	if (link_is_bridge(l)) {
		*out = l;
		return 0;
	}
	if (l)
		return err_set(err, -EINVAL,
			       "%s is not a bridge: make one with 'kvs switch add NAME'", name);
	return switch_find(k, name, out, err);
}

int switch_show_one(struct http_request *rq, json_t **answer, struct err *err)
{
	struct link *l;
	int rc = find_bridge(rq->ctx, rq->arg[0], &l, err);

	if (!rc)
		*answer = to_json(rq->ctx, l);
	return rc;
}

/* UNSET where the request does not say. */
static int read_netfilter(const struct http_request *rq, int *out, struct err *err)
{
	const char *text = http_string(rq, "netfilter");
	enum kvs_netfilter mode;

	*out = UNSET;
	if (!text)
		return 0;
	if (netfilter_parse(text, &mode))
		return err_set(err, -EINVAL, "netfilter '%s' is not one of follow, bypass", text);
	*out = mode;
	return 0;
}

static void set_netfilter(struct kvsd *k, const char *name, int mode)
{
	struct link *l = link_by_name(&k->links, name);

	if (mode != UNSET && l && l->sw)
		switch_set_netfilter(k, l, mode);
}

int switch_add(struct http_request *rq, json_t **answer, struct err *err)
{
	int ageing = http_int(rq, "ageing_s", -1), mode, rc = read_netfilter(rq, &mode, err);

	if (rc)
		return rc;
	if (json_object_get(rq->fields, "ageing_s") && (ageing < 0 || ageing > 1000000))
		return err_set(err, -ERANGE, "ageing_s: %d is not within 0 and 1000000", ageing);
	rc = switch_create(rq->ctx, http_string(rq, "name"), http_int(rq, "stp", 0), ageing, err);
	if (!rc)
		set_netfilter(rq->ctx, http_string(rq, "name"), mode);
	return rc;
}

int switch_do_set(struct http_request *rq, json_t **answer, struct err *err)
{
	struct link *l;
	int mode, rc = read_netfilter(rq, &mode, err) ?: switch_find(rq->ctx, rq->arg[0], &l, err);

	if (!rc)
		set_netfilter(rq->ctx, l->name, mode);
	return rc;
}

int switch_del(struct http_request *rq, json_t **answer, struct err *err)
{
	struct kvsd *k = rq->ctx;
	struct link *l;
	int ifindex, rc = switch_find(k, rq->arg[0], &l, err);

	if (rc)
		return rc;
	ifindex = l->ifindex;
	switch_release(k, l);
	rc = switch_destroy(k, rq->arg[0], ifindex, err);
	nl_drain(k->nl);
	return rc;
}

int switch_do_adopt(struct http_request *rq, json_t **answer, struct err *err)
{
	struct kvsd *k = rq->ctx;
	struct link *l;
	int mode, rc = read_netfilter(rq, &mode, err);

	if (rc)
		return rc;
	nl_drain(k->nl); /* it may have been made a moment ago */
	rc = find_bridge(k, rq->arg[0], &l, err) ?: switch_adopt(k, l, false, err);
	if (!rc)
		set_netfilter(k, l->name, mode);
	return rc;
}

int switch_do_release(struct http_request *rq, json_t **answer, struct err *err)
{
	struct link *l;
	int rc = switch_find(rq->ctx, rq->arg[0], &l, err);

	if (!rc)
		switch_release(rq->ctx, l);
	return rc;
}

int switch_do_release_all(struct http_request *rq, json_t **answer, struct err *err)
{
	switch_release_all(rq->ctx);
	return 0;
}
