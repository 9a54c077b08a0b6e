// SPDX-License-Identifier: GPL-2.0-only
/* /v1/stats and /v1/drops: the ports' counters. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>

#include "admit.h"
#include "api.h"
#include "port.h"
#include "reason.h"
#include "stats.h"
#include "switch.h"

const struct http_field stats_fields[] = {
	{"switch", HTTP_STRING, false}, {"port", HTTP_STRING, false}, {}};

void stats_zero(const struct load *load, uint32_t slot)
{
	const size_t size = sizeof(struct kvs_counters) + sizeof(struct kvs_guard_counters);
	_free_ void *zero = calloc(libbpf_num_possible_cpus(), size);

	if (!zero)
		return;
	bpf_map_update_elem(load->counters, &slot, zero, 0);
	if (load->features & LOAD_GUARD)
		bpf_map_update_elem(load->guard_counters, &slot, zero, 0);
	if (load->features & LOAD_EGRESS)
		bpf_map_update_elem(load->egress_counters, &slot, zero, 0);
}

/* Of all CPUs; zero for a port without a slot. */
static struct kvs_counters read_counters(const struct kvsd *k, const struct link *l)
{
	int n_cpus = libbpf_num_possible_cpus();
	_free_ struct kvs_counters *each = calloc(n_cpus, sizeof(*each));
	struct kvs_counters sum = {};

	if (!l->port || !each || bpf_map_lookup_elem(k->load->counters, &l->port->slot, each))
		return sum;
	for (int cpu = 0; cpu < n_cpus; cpu++) {
		const uint64_t *from = (const uint64_t *)&each[cpu];

		for (size_t i = 0; i < sizeof(sum) / sizeof(uint64_t); i++)
			((uint64_t *)&sum)[i] += from[i];
	}
	return sum;
}

static void add_counts(const struct kvsd *k, const struct link *l, struct kvs_guard_counters *sum)
{
	int n_cpus = libbpf_num_possible_cpus();
	_free_ struct kvs_guard_counters *each = calloc(n_cpus, sizeof(*each));

	if (!each || bpf_map_lookup_elem(k->load->guard_counters, &l->port->slot, each))
		return;
	for (int cpu = 0; cpu < n_cpus; cpu++)
		for (size_t i = 0; i < KVS_GUARD_DROPS; i++) {
			sum->drop[i] += each[cpu].drop[i];
			sum->audit[i] += each[cpu].audit[i];
		}
}

void stats_guard(const struct kvsd *k, const struct link *l, struct kvs_guard_counters *out)
{
	struct kvs_guard_counters sum = {};

	if (l->port)
		sum = l->port->refused;
	if (l->port && (k->load->features & LOAD_GUARD))
		add_counts(k, l, &sum);
	*out = sum;
}

/* Of what others sent and its egress hook refused. */
static json_t *egress_of(const struct kvsd *k, const struct link *l)
{
	int n_cpus = libbpf_num_possible_cpus();
	_free_ struct kvs_egress_counters *each = calloc(n_cpus, sizeof(*each));
	json_t *drops = json_object();

	if (!l->port || !each || !(k->load->features & LOAD_EGRESS) ||
	    bpf_map_lookup_elem(k->load->egress_counters, &l->port->slot, each))
		return drops;
	for (int i = 0; i < KVS_DROP_PLAIN; i++) {
		json_int_t sum = 0;

		for (int cpu = 0; cpu < n_cpus; cpu++)
			sum += each[cpu].drop[i];
		if (sum)
			json_object_set_new(drops, reason_of_drop(i)->name, json_integer(sum));
	}
	return drops;
}

void stats_go_on(const struct kvsd *k, struct link *l)
{
	static const struct kvs_guard_counters none;
	struct kvs_guard_counters *before = &l->port->refused;
	_free_ struct kvs_guard_counters *each = NULL;

	if (!memcmp(before, &none, sizeof(none)))
		return;
	each = calloc(libbpf_num_possible_cpus(), sizeof(*each));
	if (!each)
		return;
	each[0] = *before;
	if (!bpf_map_update_elem(k->load->guard_counters, &l->port->slot, each, 0))
		*before = none;
}

static uint64_t sum_of(const __u64 *counts, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += counts[i];
	return sum;
}

void stats_total(const struct kvsd *k, const struct link *l, struct stats_total *out)
{
	struct kvs_counters c = read_counters(k, l);
	struct kvs_guard_counters guard;

	stats_guard(k, l, &guard);
	out->refused = sum_of(guard.drop, KVS_GUARD_DROPS);
	out->audited = sum_of(guard.audit, KVS_GUARD_DROPS);
	out->bytes = c.rx_bytes;
	out->xdp = c.fast_xdp;
	out->fast = c.fast_xdp + c.fast_tc;
	out->slow = sum_of(c.slow, KVS_SLOW_MAX);
	out->frames = out->fast + out->slow + sum_of(c.drop, KVS_DROP_PLAIN) + out->refused;
}

uint64_t stats_received(const struct kvsd *k, const struct link *l)
{
	struct stats_total total;

	stats_total(k, l, &total);
	return total.frames;
}

static json_t *drops_of(const struct kvsd *k, const struct link *l)
{
	struct kvs_counters c = read_counters(k, l);
	json_t *drops = json_object();
	struct kvs_guard_counters g;

	stats_guard(k, l, &g);
	for (int i = 0; i < KVS_DROP_MAX; i++)
		json_object_set_new(
			drops, reason_of_drop(i)->name,
			json_integer(i < KVS_DROP_PLAIN ? c.drop[i] : g.drop[i - KVS_DROP_PLAIN]));
	return drops;
}

static json_t *audited_of(const struct kvsd *k, const struct link *l)
{
	json_t *audited = json_object();
	struct kvs_guard_counters g;

	stats_guard(k, l, &g);
	for (int i = 0; i < KVS_GUARD_DROPS; i++)
		if (g.audit[i])
			json_object_set_new(audited, reason_of_drop(KVS_DROP_PLAIN + i)->name,
					    json_integer(g.audit[i]));
	return audited;
}

static json_t *slow_of(const struct kvs_counters *c)
{
	json_t *slow = json_object();

	for (int i = 0; i < KVS_SLOW_MAX; i++)
		if (c->slow[i])
			json_object_set_new(slow, reason_of_slow(i)->name,
					    json_integer(c->slow[i]));
	return slow;
}

static json_t *stats_of(struct kvsd *k, struct link *l)
{
	struct stats_total all;
	const char *reason;
	enum kvs_path now = port_path_now(k, l, &reason);

	stats_total(k, l, &all);
	return json_pack("{s:s s:s s:I s:I s:I s:I s:I s:o s:I s:s s:s s:s}", "name", l->name,
			 "switch", link_get(&k->links, l->master)->name, "rx_packets",
			 (json_int_t)all.frames, "rx_bytes", (json_int_t)all.bytes, "fast_xdp",
			 (json_int_t)all.xdp, "fast_tc", (json_int_t)(all.fast - all.xdp), "slow",
			 (json_int_t)all.slow, "drops", drops_of(k, l), "audited",
			 (json_int_t)all.audited, "path",
			 path_name(l->port ? l->port->path : KVS_PATH_AUTO), "path_now",
			 path_name(now), "path_reason", reason);
}

static json_t *drops_and_slow_of(struct kvsd *k, struct link *l)
{
	struct kvs_counters c = read_counters(k, l);

	return json_pack("{s:s s:s s:o s:o s:o s:o}", "name", l->name, "switch",
			 link_get(&k->links, l->master)->name, "drops", drops_of(k, l), "audited",
			 audited_of(k, l), "slow", slow_of(&c), "egress_drops", egress_of(k, l));
}

static int collect(struct http_request *rq, json_t *(*one)(struct kvsd *, struct link *),
		   json_t **list, struct err *err)
{
	struct kvsd *k = rq->ctx;
	int rc = api_check_filter(rq, err);

	if (rc)
		return rc;
	*list = json_array();
	links_for_each(&k->links, l)
		if (port_is_ours(k, l) && api_wants(rq, l))
			json_array_append_new(*list, one(k, l));
	api_sort(*list);
	return 0;
}

int stats_show(struct http_request *rq, json_t **answer, struct err *err)
{
	json_t *list;
	int rc = collect(rq, stats_of, &list, err);

	if (!rc)
		*answer = json_pack("{s:o}", "ports", list);
	return rc;
}

/* What bridge devices kept from the host. */
static json_t *bridges_of(const struct kvsd *k, const struct http_request *rq)
{
	const char *port = http_string(rq, "port"), *name = http_string(rq, "switch");
	json_t *list = json_array();

	links_for_each(&k->links, l)
		if (l->sw && l->sw->admits && !port && (!name || !strcmp(name, l->name)))
			json_array_append_new(list,
					      json_pack("{s:s s:{s:I}}", "name", l->name, "drops",
							reason_of_drop(KVS_DROP_NOT_ADMITTED)->name,
							(json_int_t)admit_refused(k, l)));
	api_sort(list);
	return list;
}

int drops_show(struct http_request *rq, json_t **answer, struct err *err)
{
	json_t *list, *drops, *slow;
	int rc = collect(rq, drops_and_slow_of, &list, err);

	if (rc)
		return rc;
	drops = json_object();
	slow = json_object();
	for (int i = 0; i < KVS_DROP_MAX; i++)
		json_object_set_new(drops, reason_of_drop(i)->name,
				    json_string(reason_of_drop(i)->text));
	for (int i = KVS_GO + 1; i < KVS_SLOW_MAX; i++)
		json_object_set_new(slow, reason_of_slow(i)->name,
				    json_string(reason_of_slow(i)->text));
	*answer = json_pack("{s:o s:o s:o s:o}", "ports", list, "bridges", bridges_of(rq->ctx, rq),
			    "drop_reasons", drops, "slow_reasons", slow);
	return 0;
}
