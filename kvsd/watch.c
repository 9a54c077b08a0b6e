// SPDX-License-Identifier: GPL-2.0-only
/* Path auto: ports are watched, and changed to what auto.c decides. */
#include <string.h>
#include <time.h>

#include "peer.h"
#include "port.h"
#include "watch.h"

#define SAMPLE_MIN 500 /* ms */

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ull + ts.tv_nsec / 1000000;
}

void watch_start(struct watch *w, bool xdp)
{
	*w = (struct watch){};
	auto_start(&w->state, xdp);
}

/* How much of what a veth received its other end has sent by XDP. Everything else is in a packet
 * buffer already and would be copied into another one, which costs more than XDP saves.
 */
static int native_share(struct kvsd *k, struct watch *w, const struct link *l)
{
	uint64_t sent, all = w->last.frames - w->received;
	int share = AUTO_UNKNOWN;

	if (peer_sent_by_xdp(k, l, &sent))
		return 0;
	if (w->received && all && sent >= w->sent)
		share = sent - w->sent >= all ? 100 : 100 * (sent - w->sent) / all;
	w->sent = sent;
	w->received = w->last.frames;
	return share;
}

/* The other end is asked when the port may be about to change, and now and then while it has XDP.
 */
static int look(struct kvsd *k, struct watch *w, const struct link *l, const struct auto_sample *s)
{
	const struct config_auto *c = &k->config->auto_;
	bool is_due =
		w->state.xdp ? w->state.stayed % c->stay == 0 : auto_is_candidate(c, &w->state, s);

	if (strcmp(l->kind, "veth"))
		return 100; /* a tap */
	if (is_due)
		return native_share(k, w, l);
	if (!w->state.xdp)
		w->received = 0;
	return AUTO_UNKNOWN;
}

/* False for the first one, which has nothing to be compared with. */
static bool sample(struct kvsd *k, struct link *l, struct auto_sample *s)
{
	struct watch *w = &l->port->watch;
	struct stats_total now, was = w->last;
	uint64_t at = now_ms(), ms = at - w->at;
	bool is_first = !w->at;

	if (!is_first && ms < SAMPLE_MIN)
		return false;
	stats_total(k, l, &now);
	w->last = now;
	w->at = at;
	if (is_first || now.frames < was.frames)
		return false;
	*s = (struct auto_sample){
		.frames = (now.frames - was.frames) * 1000 / ms,
		.bytes = (now.bytes - was.bytes) * 1000 / ms,
		.fast = (now.fast - was.fast) * 1000 / ms,
		.xdp = (now.xdp - was.xdp) * 1000 / ms,
	};
	s->native = look(k, w, l, s);
	return true;
}

static void refuse(struct kvsd *k, struct link *l)
{
	struct port *p = l->port;

	auto_refuse(&k->config->auto_, &p->watch.state);
	snprintf(p->watch.reason, sizeof(p->watch.reason), "%s", p->xdp_error);
	port_sync(k, l);
}

static void change(struct kvsd *k, struct link *l)
{
	struct port *p = l->port;

	port_sync(k, l);
	if (p->watch.state.xdp && p->xdp_link < 0) {
		refuse(k, l);
		return;
	}
	p->watch.changes++;
	log_info("%s: path %s now: %s", l->name,
		 path_name(p->watch.state.xdp ? KVS_PATH_XDP : KVS_PATH_TC), p->watch.reason);
}

static void watch_port(struct kvsd *k, struct link *l)
{
	struct watch *w = &l->port->watch;
	bool was = w->state.xdp, was_held = w->state.held;
	struct auto_sample s;
	enum auto_why why;

	if (was && l->port->xdp_link < 0)
		refuse(k, l); /* it was taken off, for programs of others say */
	if (!sample(k, l, &s))
		return;
	why = auto_decide(&k->config->auto_, &w->state, &s);
	if (why != AUTO_NONE)
		auto_explain(why, &s, w->reason, sizeof(w->reason));
	else if (was_held && !w->state.held)
		w->reason[0] = '\0';
	if (w->state.xdp != was)
		change(k, l);
}

void watch_tick(struct kvsd *k)
{
	netns_begin(&k->netns);
	links_for_each(&k->links, l)
		if (l->port && l->port->path == KVS_PATH_AUTO && auto_is_for(l->kind))
			watch_port(k, l);
	netns_end(&k->netns);
}
