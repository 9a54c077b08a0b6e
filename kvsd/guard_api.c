// SPDX-License-Identifier: GPL-2.0-only
/* /v1/guards: what ports may send, see docs/api.md. */
#include <errno.h>
#include <string.h>

#include "api.h"
#include "limit.h"
#include "guard_maps.h"
#include "port.h"
#include "stats.h"

const struct http_field guard_show_fields[] = {
	{"switch", HTTP_STRING, false}, {"port", HTTP_STRING, false}, {}};
const struct http_field guard_set_fields[] = {{"guard", HTTP_STRING, false},
					      {"mode", HTTP_STRING, false},
					      {"macs", HTTP_LIST, false},
					      {"addresses", HTTP_LIST, false},
					      {"rate", HTTP_STRING, false},
					      {"burst", HTTP_STRING, false},
					      {"storm_broadcast", HTTP_STRING, false},
					      {"storm_multicast", HTTP_STRING, false},
					      {"storm_unknown", HTTP_STRING, false},
					      {"storm_burst", HTTP_STRING, false},
					      {"egress_rate", HTTP_STRING, false},
					      {}};

struct learned {
	struct kvs_guard_mac *macs;
	size_t n;
};

static json_t *texts_of_macs(const struct policy *p)
{
	json_t *list = json_array();
	char text[MAC_STR_LEN];

	for (unsigned int i = 0; i < p->n_macs; i++)
		json_array_append_new(list, json_string(mac_format(p->macs[i], text)));
	return list;
}

static json_t *texts_of_addrs(const struct policy *p)
{
	json_t *list = json_array();
	char text[POLICY_TEXT_LEN];

	for (unsigned int i = 0; i < p->n_addrs; i++)
		json_array_append_new(list, json_string(policy_addr_format(&p->addrs[i], text)));
	return list;
}

static json_t *texts_of_types(const struct kvs_guard *abi)
{
	json_t *list = json_array();
	char text[POLICY_TEXT_LEN];

	for (int i = 0; i < KVS_GUARD_TYPES && abi->types[i]; i++)
		json_array_append_new(list, json_string(policy_type_format(abi->types[i], text)));
	if (!json_array_size(list))
		json_array_append_new(list, json_string("any"));
	return list;
}

static json_t *texts_of_learned(const struct learned *learned, uint32_t slot)
{
	json_t *list = json_array();
	char text[MAC_STR_LEN];

	for (size_t i = 0; learned->macs && i < learned->n; i++)
		if (learned->macs[i].slot == slot)
			json_array_append_new(list,
					      json_string(mac_format(learned->macs[i].mac, text)));
	return list;
}

static json_t *settings_of(const struct kvs_guard *abi)
{
	__u32 flags = abi->flags;

	return json_pack("{s:b s:b s:b s:b s:b s:I s:o}", "tags", !(flags & KVS_GUARD_TAGS),
			 "link_local", !(flags & KVS_GUARD_LINK_LOCAL), "sticky",
			 !!(flags & KVS_GUARD_STICKY), "router", !(flags & KVS_GUARD_ROUTER),
			 "dhcp_server", !(flags & KVS_GUARD_DHCP), "max_macs",
			 (json_int_t)abi->max_macs, "ethertypes", texts_of_types(abi));
}

/* Those there are. */
static json_t *limits_of(const struct policy *p)
{
	const struct kvs_limit *limit = &p->limit;
	json_t *limits = json_object();
	char rate[LIMIT_TEXT_LEN], burst[LIMIT_TEXT_LEN];

	for (int i = 0; i < KVS_LIMIT_MAX; i++)
		if (limit->of[i].mult)
			json_object_set_new(limits, limit_name(i),
					    json_pack("{s:s s:s}", "rate",
						      limit_format(&limit->of[i], rate), "burst",
						      limit_burst_format(&limit->of[i], burst)));
	if (p->egress)
		json_object_set_new(
			limits, "egress_rate",
			json_pack("{s:s}", "rate", limit_egress_format(p->egress, rate)));
	return limits;
}

static json_t *to_json(struct kvsd *k, struct link *l, const struct learned *learned)
{
	const struct policy *p = &l->port->guard->policy;
	const char *error = guard_error(l);
	struct stats_total all;

	stats_total(k, l, &all);
	return json_pack(
		"{s:s s:s s:s s:s s:s s:s s:o s:o s:o s:o s:o s:I s:I}", "name", l->name, "switch",
		link_get(&k->links, l->master)->name, "guard", p->abi.name, "mode",
		policy_mode_name(p->abi.flags & KVS_GUARD_AUDIT ? POLICY_AUDIT : POLICY_ENFORCE),
		"state", *error ? "shut" : "on", "reason", error, "macs", texts_of_macs(p),
		"learned", texts_of_learned(learned, l->port->slot), "addresses", texts_of_addrs(p),
		"settings", settings_of(&p->abi), "limits", limits_of(p), "refused",
		(json_int_t)all.refused, "audited", (json_int_t)all.audited);
}

static struct learned read_learned(const struct kvsd *k)
{
	struct learned learned = {};

	if (k->load && (k->load->features & LOAD_GUARD))
		learned.macs = guard_maps_learned(k->load->guard_macs, &learned.n);
	return learned;
}

int guard_show(struct http_request *rq, json_t **answer, struct err *err)
{
	struct kvsd *k = rq->ctx;
	struct learned learned;
	json_t *list;
	int rc;

	nl_drain(k->nl);
	rc = api_check_filter(rq, err);
	if (rc)
		return rc;
	list = json_array();
	learned = read_learned(k);
	links_for_each(&k->links, l)
		if (l->port && l->port->guard && api_wants(rq, l))
			json_array_append_new(list, to_json(k, l, &learned));
	free(learned.macs);
	api_sort(list);
	*answer = json_pack("{s:o}", "guards", list);
	return 0;
}

static int find(struct http_request *rq, struct link **out, struct err *err)
{
	struct kvsd *k = rq->ctx;
	int rc;

	nl_drain(k->nl);
	rc = port_find(k, rq->arg[0], out, err);
	if (!rc && !(*out)->port)
		return err_set(err, -EBUSY, "%s has no place on the fast path: raise limits.ports",
			       (*out)->name);
	return rc;
}

static int find_guarded(struct http_request *rq, struct link **out, struct err *err)
{
	int rc = find(rq, out, err);

	if (!rc && !(*out)->port->guard)
		return err_set(err, -ENOENT,
			       "%s has no guard: 'kvs guard set %s --guard vm' gives it one",
			       (*out)->name, (*out)->name);
	return rc;
}

int guard_show_one(struct http_request *rq, json_t **answer, struct err *err)
{
	struct learned learned;
	struct link *l;
	int rc = find_guarded(rq, &l, err);

	if (rc)
		return rc;
	learned = read_learned(rq->ctx);
	*answer = to_json(rq->ctx, l, &learned);
	free(learned.macs);
	return 0;
}

static int read_list(const struct http_request *rq, const char *key, struct policy *p,
		     int (*take)(struct policy *, const char *, struct err *), struct err *err)
{
	const json_t *list = json_object_get(rq->fields, key);
	int rc = 0;

	for (size_t i = 0; i < json_array_size(list) && !rc; i++)
		rc = take(p, json_string_value(json_array_get(list, i)), err);
	return rc;
}

static int read_lists(const struct http_request *rq, struct policy *p, struct err *err)
{
	if (json_object_get(rq->fields, "macs")) {
		memset(p->macs, 0, sizeof(p->macs));
		p->n_macs = 0;
	}
	if (json_object_get(rq->fields, "addresses")) {
		memset(p->addrs, 0, sizeof(p->addrs));
		p->n_addrs = 0;
	}
	return read_list(rq, "macs", p, policy_add_mac, err)
		       ?: read_list(rq, "addresses", p, policy_add_addr, err);
}

static int read_name(const struct http_request *rq, struct policy *p, struct err *err)
{
	const char *guard = http_string(rq, "guard");

	if (guard && !strcmp(guard, "none"))
		return err_set(err, -EINVAL,
			       "guard 'none': DELETE takes a guard off ('kvs guard del')");
	if (guard && strlen(guard) >= sizeof(p->abi.name))
		return err_set(err, -EINVAL, "no guard named '%.40s'", guard);
	if (guard)
		strcpy(memset(p->abi.name, 0, sizeof(p->abi.name)), guard);
	if (!*p->abi.name)
		return err_set(err, -EINVAL, "%s has no guard yet: name one, as in 'guard: vm'",
			       rq->arg[0]);
	return 0;
}

static int read_mode(const struct http_request *rq, struct policy *p, struct err *err)
{
	const char *text = http_string(rq, "mode");
	enum policy_mode mode;

	if (!text)
		return 0;
	if (policy_mode_parse(text, &mode))
		return err_set(err, -EINVAL, "mode '%.40s' is not one of enforce, audit", text);
	p->mode = mode;
	return 0;
}

static int read_limit(const struct http_request *rq, enum kvs_limit_kind kind, struct policy *p,
		      struct err *err)
{
	const char *text = http_string(rq, limit_name(kind));
	int rc = 0;

	if (!text)
		return 0;
	if (!strcmp(text, "guard")) {
		p->own_limits &= ~(1 << kind);
		return 0;
	}
	rc = limit_parse(kind, text, &p->limit.of[kind], err);
	p->own_limits |= 1 << kind;
	return rc;
}

/* Of the limits as they are now. */
static int read_burst(const struct http_request *rq, enum kvs_limit_kind kind, struct policy *p,
		      struct err *err)
{
	const char *key = kind == KVS_LIMIT_RATE ? "burst" : "storm_burst";
	const char *text = http_string(rq, key);

	if (!text || (!p->limit.of[kind].mult && kind != KVS_LIMIT_RATE))
		return 0;
	if (!p->limit.of[kind].mult)
		return err_set(err, -EINVAL, "burst without a rate: give one, as in 'rate: 100M'");
	p->own_limits |= 1 << kind;
	return limit_burst_parse(text, &p->limit.of[kind], err);
}

static int read_egress(const struct http_request *rq, struct policy *p, struct err *err)
{
	const char *text = http_string(rq, "egress_rate");

	if (!text)
		return 0;
	p->own_limits &= ~POLICY_OWN_EGRESS;
	if (!strcmp(text, "guard"))
		return 0;
	p->own_limits |= POLICY_OWN_EGRESS;
	return limit_egress_parse(text, &p->egress, err);
}

static int read_limits(const struct http_request *rq, const struct config *config, struct policy *p,
		       struct err *err)
{
	int rc = read_egress(rq, p, err);

	for (int i = 0; i < KVS_LIMIT_MAX && !rc; i++)
		rc = read_limit(rq, i, p, err);
	rc = rc ?: config_guard_build(config, p, err);
	for (int i = 0; i < KVS_LIMIT_MAX && !rc; i++)
		rc = read_burst(rq, i, p, err);
	return rc;
}

int guard_put(struct http_request *rq, json_t **answer, struct err *err)
{
	struct kvsd *k = rq->ctx;
	struct policy policy;
	struct link *l;
	int rc = find(rq, &l, err);

	if (rc)
		return rc;
	memset(&policy, 0, sizeof(policy));
	policy.mode = UNSET;
	if (l->port->guard)
		policy = l->port->guard->policy;
	rc = read_name(rq, &policy, err) ?: read_mode(rq, &policy, err) ?:
	     read_lists(rq, &policy, err) ?: read_limits(rq, k->config, &policy, err);
	return rc ?: guard_set(k, l, &policy, err);
}

int guard_delete(struct http_request *rq, json_t **answer, struct err *err)
{
	struct link *l;
	int rc = find_guarded(rq, &l, err);

	if (!rc)
		guard_del(rq->ctx, l);
	return rc;
}
