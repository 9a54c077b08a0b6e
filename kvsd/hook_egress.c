// SPDX-License-Identifier: GPL-2.0-only
/* The tc egress hook: a tcx link where the ingress hook is one, else a clsact filter; the first of
 * them, since what others decide before it would go past it. It only refuses, and redirects
 * nothing, so whoever comes behind it sees what it did without.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include "hook.h"
#include "others.h"
#include "pin.h"

#define WHICH "egress"

static int attach_tcx(struct kvsd *k, struct link *l)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = TCX_FIRST);
	int fd = pin_link_get(k->pin_dir, l->ifindex, WHICH), rc;
	struct port *p = l->port;

	if (fd >= 0 && bpf_link_update(fd, k->load->egress, NULL))
		pin_link_drop(k->pin_dir, l->ifindex, WHICH, &fd);
	if (fd < 0) {
		fd = bpf_link_create(k->load->egress, l->ifindex, TCX_EGRESS, &opts);
		rc = fd < 0 ? fd : pin_link_set(k->pin_dir, l->ifindex, WHICH, fd);
		if (rc < 0) {
			close_p(&fd);
			return rc;
		}
	}
	p->egress_link = fd;
	return 0;
}

static int attach_clsact(struct kvsd *k, struct link *l)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = l->ifindex, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = KVS_TC_HANDLE, .priority = KVS_TC_FIRST,
		    .prog_fd = k->load->egress, .flags = BPF_TC_F_REPLACE);
	int rc = bpf_tc_hook_create(&hook);

	if (!rc)
		l->port->has_clsact = true;
	else if (rc != -EEXIST)
		return rc;
	return others_filters(k, l->ifindex, TC_H_MIN_EGRESS).first ? -EBUSY
								    : bpf_tc_attach(&hook, &opts);
}

static void drop_tcx(struct kvsd *k, struct link *l)
{
	struct port *p = l->port;

	if (p->egress_link < 0)
		p->egress_link = pin_link_get(k->pin_dir, l->ifindex, WHICH);
	if (p->egress_link >= 0)
		pin_link_drop(k->pin_dir, l->ifindex, WHICH, &p->egress_link);
}

static void drop_clsact(struct kvsd *k, struct link *l)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = l->ifindex, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = KVS_TC_HANDLE, .priority = KVS_TC_FIRST);

	if (!others_filters(k, l->ifindex, TC_H_MIN_EGRESS).own)
		return;
	bpf_tc_detach(&hook, &opts);
	hook_tc_drop_qdisc(k, l);
}

static enum hook_tc attach(struct kvsd *k, struct link *l, enum hook_tc kind, int *rc)
{
	*rc = kind == HOOK_TCX ? attach_tcx(k, l) : attach_clsact(k, l);
	if (kind == HOOK_TCX && *rc == -EINVAL) {
		k->has_tcx = false;
		kind = HOOK_CLSACT;
		*rc = attach_clsact(k, l);
	}
	return *rc ? HOOK_NONE : kind;
}

static void explain(struct link *l, int rc)
{
	struct port *p = l->port;
	char text[sizeof(p->egress_error)] = "";

	if (rc == -EBUSY)
		snprintf(
			text, sizeof(text),
			"a filter of others is at preference 1 of its egress, where KVS has to be: move it");
	else if (rc)
		snprintf(text, sizeof(text), "cannot attach the tc egress hook: %s", strerror(-rc));
	if (rc && strcmp(text, p->egress_error))
		log_warn("%s: receives what it must not: %s", l->name, text);
	memcpy(p->egress_error, text, sizeof(text));
}

/* Of a daemon before this one, too: both kinds are looked for before the first is attached. */
void hook_egress_sync(struct kvsd *k, struct link *l, bool wanted)
{
	enum hook_tc was = l->port->egress, kind = HOOK_NONE;
	struct port *p = l->port;
	int rc = 0;

	if (!hook_dev_exists(l))
		return;
	if (wanted)
		kind = p->tc == HOOK_CLSACT || !k->has_tcx ? HOOK_CLSACT : HOOK_TCX;
	if (p->is_egress_seen && was == kind)
		return;
	if (wanted)
		p->egress = attach(k, l, kind, &rc);
	else
		p->egress = HOOK_NONE;
	explain(l, rc);
	if (rc)
		return;
	if (p->egress != HOOK_TCX)
		drop_tcx(k, l);
	if (p->egress != HOOK_CLSACT)
		drop_clsact(k, l);
	p->is_egress_seen = true;
}

int hook_egress_replace(struct kvsd *k, struct link *l)
{
	if (!hook_dev_exists(l) || l->port->egress == HOOK_NONE)
		return 0;
	if (l->port->egress == HOOK_TCX)
		return bpf_link_update(l->port->egress_link, k->load->egress, NULL);
	return attach_clsact(k, l);
}

/* Filters come with events, links are asked for. */
void hook_egress_check(struct kvsd *k, struct link *l)
{
	struct port *p = l->port;

	if (p->egress == HOOK_NONE || !hook_dev_exists(l))
		return;
	if (p->egress == HOOK_TCX && pin_link_ifindex(p->egress_link) == l->ifindex)
		return;
	if (p->egress == HOOK_CLSACT && others_filters(k, l->ifindex, TC_H_MIN_EGRESS).own)
		return;
	log_warn("%s: the tc egress hook was removed: putting it back", l->name);
	if (p->egress == HOOK_TCX)
		pin_link_drop(k->pin_dir, l->ifindex, WHICH, &p->egress_link);
	p->egress = HOOK_NONE;
	hook_egress_sync(k, l, true);
}
