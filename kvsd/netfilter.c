// SPDX-License-Identifier: GPL-2.0-only
/* Rules of netfilter that frames between ports are subject to: those frames take the bridge. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "netfilter.h"
#include "netfilter_parts.h"
#include "port.h"
#include "switch.h"

#define SOON_USEC    20000   /* changes of nf_tables come in bursts */
#define CONFIRM_USEC 1000000 /* a change that is taken back says nothing */
#define PAUSE_SHARE  20      /* a twentieth of its time, at most, kvsd reads nf_tables, */
#define PAUSE_MAX    500000  /* but where they are very long, it reads twice a second */

struct netfilter {
	struct kvsd *k;
	sd_event_source *soon, *events;
	int fd; /* readable after nf_tables changed, or -1 */
	bool is_waiting, is_confirming;
	bool is_read; /* nft is what nf_tables has, but for events that wait */
	bool has_br_netfilter, call[NETFILTER_PROTOS]; /* its sysctls */
	struct netfilter_found nft, legacy;
	uint64_t cost; /* of the last reading of nf_tables, us */
};

static bool read_call(const char *name, bool *there)
{
	char path[64], value = '0';
	_close_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/sys/net/bridge/bridge-nf-call-%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	*there = fd >= 0;
	return fd >= 0 && read(fd, &value, 1) == 1 && value != '0';
}

/* Whether somebody's frames reach what is behind br_netfilter: by the sysctl, or by a bridge. */
static bool is_called(const struct netfilter *n, enum netfilter_proto proto)
{
	if (!n->has_br_netfilter || n->call[proto])
		return n->has_br_netfilter;
	links_for_each(&n->k->links, l)
		if (l->sw && l->nf_call & 1u << proto)
			return true;
	return false;
}

static bool poll_changed(struct netfilter *n)
{
	struct netfilter_found found = {};
	bool call[NETFILTER_PROTOS] = {}, changed;

	call[NETFILTER_IP] = read_call("iptables", &n->has_br_netfilter);
	call[NETFILTER_IP6] = read_call("ip6tables", &n->has_br_netfilter);
	call[NETFILTER_ARP] = read_call("arptables", &n->has_br_netfilter);
	changed = memcmp(n->call, call, sizeof(call));
	memcpy(n->call, call, sizeof(call));
	netfilter_ebt_read(&found);
	for (unsigned int i = NETFILTER_IP; i < NETFILTER_PROTOS; i++)
		if (is_called(n, i))
			netfilter_xt_read(i, &found);
	changed |= !netfilter_equal(&found, &n->legacy);
	netfilter_clear(&n->legacy);
	n->legacy = found;
	return changed;
}

static uint64_t now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ull + t.tv_nsec / 1000;
}

static bool nft_changed(struct netfilter *n)
{
	struct netfilter_found found = {};
	uint64_t start = now_usec();
	bool changed;

	netfilter_nft_read(&found);
	n->cost = now_usec() - start;
	changed = !netfilter_equal(&found, &n->nft);
	netfilter_clear(&n->nft);
	n->nft = found;
	return changed;
}

void netfilter_say(struct kvsd *k, struct link *bridge)
{
	const char *reason = netfilter_of_bridge(k, bridge);
	struct sw *sw = bridge->sw;

	if (!strcmp(reason, sw->netfilter_said))
		return;
	snprintf(sw->netfilter_said, sizeof(sw->netfilter_said), "%s", reason);
	log_info("%s: %s%s", bridge->name, *reason ? reason : "no netfilter rules any more",
		 *reason && sw->netfilter == KVS_NETFILTER_BYPASS ? "; bypassed" : "");
}

static void sync_all(struct kvsd *k)
{
	links_for_each(&k->links, l)
		if (l->sw) {
			netfilter_say(k, l);
			switch_sync_ports(k, l);
		}
}

/* One timer: a first reading SOON after an event, and one more to see what came of it. */
static void arm(struct netfilter *n, uint64_t usec, bool is_confirming)
{
	uint64_t pause = PAUSE_SHARE * n->cost;

	pause = pause < PAUSE_MAX ? pause : PAUSE_MAX;

	if (n->is_waiting && !n->is_confirming)
		return;
	n->is_waiting = true;
	n->is_confirming = is_confirming;
	sd_event_source_set_time_relative(n->soon, usec > pause ? usec : pause);
	sd_event_source_set_enabled(n->soon, SD_EVENT_ONESHOT);
}

static int on_soon(sd_event_source *s, uint64_t usec, void *data)
{
	struct netfilter *n = data;
	bool was_confirming = n->is_confirming;

	n->is_waiting = false;
	n->is_read = n->k->load;
	if (!n->is_read)
		return 0;
	if (nft_changed(n))
		sync_all(n->k);
	if (!was_confirming)
		arm(n, CONFIRM_USEC, true);
	return 0;
}

/* What it says is not looked at, only that it says something; ENOBUFS says so, too. */
static int on_event(sd_event_source *s, int fd, uint32_t revents, void *data)
{
	char byte;

	for (int i = 0; i < 1000; i++)
		if (recv(fd, &byte, sizeof(byte), MSG_DONTWAIT) < 0 && errno != ENOBUFS)
			break;
	arm(data, SOON_USEC, false);
	return 0;
}

static void watch(struct netfilter *n)
{
	if (n->fd >= 0)
		return;
	n->fd = netfilter_nft_watch();
	if (n->fd < 0)
		return;
	sd_event_add_io(n->k->event, &n->events, n->fd, EPOLLIN, on_event, n);
	arm(n, SOON_USEC, false);
}

/* What tells nobody: legacy tables and sysctls. */
void netfilter_tick(struct kvsd *k)
{
	if (!k->netfilter) /* while all is released */
		return;
	watch(k->netfilter);
	if (poll_changed(k->netfilter))
		sync_all(k);
}

int netfilter_start(struct kvsd *k, struct err *err)
{
	struct netfilter *n = calloc(1, sizeof(*n));
	int rc;

	if (!n)
		return err_set(err, -ENOMEM, "out of memory");
	k->netfilter = n;
	n->k = k;
	n->fd = -1;
	rc = sd_event_add_time_relative(k->event, &n->soon, CLOCK_MONOTONIC, 0, 0, on_soon, n);
	rc = rc < 0 ? rc : sd_event_source_set_enabled(n->soon, SD_EVENT_OFF);
	return rc < 0 ? err_set(err, rc, "event loop: %s", strerror(-rc)) : 0;
}

void netfilter_stop(struct kvsd *k)
{
	struct netfilter *n = k->netfilter;

	if (!n)
		return;
	sd_event_source_disable_unref(n->soon);
	sd_event_source_disable_unref(n->events);
	close_p(&n->fd);
	netfilter_clear(&n->nft);
	netfilter_clear(&n->legacy);
	free(n);
	k->netfilter = NULL;
}

void netfilter_look(struct kvsd *k)
{
	struct netfilter *n = k->netfilter;
	bool changed;

	if (!n)
		return;
	watch(n);
	changed = poll_changed(n);
	if (!n->is_read || !k->is_starting)
		changed |= nft_changed(n);
	n->is_read = n->fd >= 0;
	if (changed)
		sync_all(k);
}

void netfilter_touch(struct kvsd *k)
{
	if (k->netfilter && k->load)
		arm(k->netfilter, SOON_USEC, false);
}

static const char *text_of(const struct netfilter *n, enum netfilter_proto proto)
{
	return *n->nft.text[proto] ? n->nft.text[proto] : n->legacy.text[proto];
}

const char *netfilter_of_bridge(const struct kvsd *k, const struct link *bridge)
{
	const struct netfilter *n = k->netfilter;
	const char *text = n ? text_of(n, NETFILTER_BRIDGE) : "";

	for (unsigned int i = NETFILTER_IP; n && !*text && i < NETFILTER_PROTOS; i++)
		if (n->has_br_netfilter && (n->call[i] || bridge->nf_call & 1u << i))
			text = text_of(n, i);
	return text;
}

const char *netfilter_of_port(const struct kvsd *k, const struct link *port, bool is_egress)
{
	const struct netfilter *n = k->netfilter;

	for (size_t i = 0; n && i < n->nft.n_devices; i++) {
		const struct netfilter_device *d = &n->nft.devices[i];
		size_t len = d->is_prefix ? strlen(d->name) : IFNAMSIZ;

		if (d->is_egress == is_egress && !strncmp(d->name, port->name, len))
			return d->text;
	}
	return "";
}
