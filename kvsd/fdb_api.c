// SPDX-License-Identifier: GPL-2.0-only
/* /v1/fdb: see docs/api.md. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "api.h"
#include "neigh.h"
#include "port.h"
#include "switch.h"

const struct http_field fdb_show_fields[] = {
	{"switch", HTTP_STRING, false}, {"port", HTTP_STRING, false}, {}};
const struct http_field fdb_add_fields[] = {
	{"mac", HTTP_STRING, true}, {"port", HTTP_STRING, true}, {"vlan", HTTP_INT, false}, {}};
const struct http_field fdb_del_fields[] = {
	{"mac", HTTP_STRING, true}, {"port", HTTP_STRING, true}, {"vlan", HTTP_INT, false}, {}};
const struct http_field fdb_flush_fields[] = {
	{"switch", HTTP_STRING, false}, {"port", HTTP_STRING, false}, {}};

struct showing {
	struct http_request *rq;
	json_t *list;
};

static bool is_fast(const struct kvsd *k, const struct neigh *n)
{
	struct kvs_fdb_key key = {.vlan = n->vlan, .bridge = n->bridge};
	struct kvs_fdb value;

	memcpy(key.mac, n->mac, sizeof(key.mac));
	return k->load && !bpf_map_lookup_elem(k->load->fdb, &key, &value) &&
	       !(value.flags & KVS_FDB_MOVED);
}

static void show_one(const struct nlmsghdr *nlh, void *data)
{
	static const char *const kinds[] = {"learned", "static", "extern", "local"};
	struct showing *s = data;
	struct kvsd *k = s->rq->ctx;
	struct link *bridge, *l;
	struct neigh n;
	char mac[MAC_STR_LEN];

	if (!neigh_parse(nlh, &n))
		return;
	bridge = link_get(&k->links, n.bridge);
	l = link_get(&k->links, n.ifindex);
	if (!bridge || !bridge->sw || !l || !api_wants(s->rq, l))
		return;
	json_array_append_new(s->list,
			      json_pack("{s:s s:s s:s s:i s:s s:I s:b}", "mac",
					mac_format(n.mac, mac), "switch", bridge->name, "port",
					l->name, "vlan", n.vlan, "state", kinds[n.kind], "age_s",
					(json_int_t)n.age / 100, "fast", is_fast(k, &n)));
}

int fdb_show(struct http_request *rq, json_t **answer, struct err *err)
{
	struct kvsd *k = rq->ctx;
	struct showing s = {rq, NULL};
	int rc;

	nl_drain(k->nl);
	rc = api_check_filter(rq, err);
	if (rc)
		return rc;
	do {
		json_decref(s.list);
		s.list = json_array();
		rc = neigh_dump(k->nl, show_one, &s, err);
	} while (rc == -EINTR);
	if (rc)
		json_decref(s.list);
	else
		*answer = json_pack("{s:o}", "fdb", s.list);
	return rc;
}

static int read_entry(struct http_request *rq, struct neigh *n, struct err *err)
{
	const char *mac = http_string(rq, "mac");
	int vlan = http_int(rq, "vlan", 0), rc;
	struct link *l;

	if (mac_parse(mac, n->mac))
		return err_set(err, -EINVAL, "mac '%s' is not of the form aa:bb:cc:dd:ee:ff", mac);
	if (n->mac[0] & 1)
		return err_set(err, -EINVAL,
			       "mac %s is a group address: those are for 'bridge mdb'", mac);
	if (json_object_get(rq->fields, "vlan") && (vlan < 1 || vlan > 4094))
		return err_set(err, -ERANGE, "vlan: %d is not within 1 and 4094", vlan);
	rc = port_find(rq->ctx, http_string(rq, "port"), &l, err);
	if (rc)
		return rc;
	n->vlan = vlan;
	n->ifindex = l->ifindex;
	return 0;
}

static int change(struct http_request *rq, bool add, struct err *err)
{
	struct kvsd *k = rq->ctx;
	struct err kernel;
	struct neigh n = {};
	int rc = read_entry(rq, &n, err);

	if (rc)
		return rc;
	rc = neigh_change(k->nl, add, &n, &kernel);
	nl_drain(k->nl);
	if (rc == -ENOENT)
		return err_set(err, rc, "%s has no entry for %s", http_string(rq, "port"),
			       http_string(rq, "mac"));
	return rc ? err_set(err, rc, "the kernel refused the entry: %s", kernel.text) : 0;
}

int fdb_add(struct http_request *rq, json_t **answer, struct err *err)
{
	return change(rq, true, err);
}

int fdb_del(struct http_request *rq, json_t **answer, struct err *err)
{
	return change(rq, false, err);
}

int fdb_flush(struct http_request *rq, json_t **answer, struct err *err)
{
	const char *port = http_string(rq, "port"), *bridge = http_string(rq, "switch");
	struct kvsd *k = rq->ctx;
	struct err kernel;
	struct link *l;
	int rc;

	if (!port == !bridge)
		return err_set(err, -EINVAL, "flush takes either a switch or a port");
	rc = port ? port_find(k, port, &l, err) : switch_find(k, bridge, &l, err);
	if (rc)
		return rc;
	rc = neigh_flush(k->nl, l->ifindex, bridge, &kernel);
	nl_drain(k->nl);
	return rc ? err_set(err, rc, "%s: the kernel refused to flush: %s", l->name, kernel.text)
		  : 0;
}
