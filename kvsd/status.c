// SPDX-License-Identifier: GPL-2.0-only
/* /v1/status: the daemon itself. */
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "api.h"
#include "port.h"
#include "switch.h"

static json_int_t rss_bytes(void)
{
	_fclose_ FILE *f = fopen("/proc/self/statm", "re");
	long pages = 0;

	if (!f || fscanf(f, "%*d %ld", &pages) != 1)
		return 0;
	return (json_int_t)pages * sysconf(_SC_PAGESIZE);
}

static json_int_t uptime(const struct kvsd *k)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - k->started;
}

static json_t *memory(const struct kvsd *k)
{
	uint64_t maps, programs;

	load_memory(k->load, &maps, &programs);
	return json_pack("{s:I s:I s:I}", "rss_bytes", rss_bytes(), "maps_bytes", (json_int_t)maps,
			 "programs_bytes", (json_int_t)programs);
}

static json_t *limits(const struct kvsd *k)
{
	const struct config_limits *l = &k->config->limits;

	return json_pack("{s:i s:i s:i s:i s:i}", "ports", l->ports, "ports_used", switch_ports(k),
			 "ports_refused", port_refused(k), "fdb", l->fdb, "fdb_refused",
			 k->fdb_refused);
}

static json_t *switches(const struct kvsd *k)
{
	json_t *list = json_array();

	links_for_each(&k->links, l) {
		const char *reason = l->sw ? switch_reason(k, l) : NULL;

		if (reason)
			json_array_append_new(list, json_pack("{s:s s:i s:b s:s}", "name", l->name,
							      "ports", l->sw->n_ports, "fast_path",
							      !*reason, "reason", reason));
	}
	api_sort(list);
	return list;
}

static json_t *shut_ports(const struct kvsd *k)
{
	json_t *list = json_array();

	links_for_each(&k->links, l)
		if (port_is_ours(k, l) && *guard_error(l))
			json_array_append_new(list, json_pack("{s:s s:s}", "name", l->name,
							      "reason", guard_error(l)));
	api_sort(list);
	return list;
}

static json_t *guards(const struct kvsd *k)
{
	unsigned int n = 0, macs, addrs;

	guard_reserved(k, &macs, &addrs);
	links_for_each(&k->links, l)
		n += l->port && l->port->guard;
	return json_pack("{s:i s:i s:i s:i s:o}", "ports", n, "macs", macs, "addresses", addrs,
			 "entries", k->config->limits.guard_entries, "shut", shut_ports(k));
}

int status_show(struct http_request *rq, json_t **answer, struct err *err)
{
	const struct kvsd *k = rq->ctx;
	struct utsname kernel;

	uname(&kernel);
	*answer = json_pack("{s:s s:i s:s s:I s:o s:o s:o s:o}", "version", KVS_VERSION, "pid",
			    getpid(), "kernel", kernel.release, "uptime_s", uptime(k), "memory",
			    memory(k), "limits", limits(k), "guards", guards(k), "switches",
			    switches(k));
	return 0;
}
