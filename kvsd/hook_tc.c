// SPDX-License-Identifier: GPL-2.0-only
/* The tc ingress hook: a tcx link, or a clsact filter behind those of others. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include "hook.h"
#include "others.h"
#include "pin.h"

/* Attaching or detaching a tcx link waits for RCU, some 15 ms under rtnl; a clsact filter does not.
 * So only this many ports have one: the more would hold up everybody's adopting and releasing.
 */
#define TCX_LINKS 16

static int program(const struct kvsd *k, const struct link *l)
{
	return l->port->is_shut ? k->load->shut_ingress : k->load->ingress;
}

/* -EINVAL: the kernel has no tcx. */
static int tcx_attach(struct kvsd *k, struct link *l)
{
	struct port *p = l->port;
	int fd = pin_link_get(k->pin_dir, l->ifindex, "tc");

	if (fd >= 0 && bpf_link_update(fd, program(k, l), NULL))
		pin_link_drop(k->pin_dir, l->ifindex, "tc", &fd);
	if (fd < 0) {
		int rc;

		fd = bpf_link_create(program(k, l), l->ifindex, TCX_INGRESS, NULL);
		rc = fd < 0 ? fd : pin_link_set(k->pin_dir, l->ifindex, "tc", fd);
		if (rc < 0) {
			close_p(&fd);
			return rc;
		}
	}
	p->tc_link = fd;
	p->tc = HOOK_TCX;
	return 0;
}

static int clsact_attach(struct kvsd *k, struct link *l)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = l->ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = KVS_TC_HANDLE, .priority = KVS_TC_PREF,
		    .prog_fd = program(k, l), .flags = BPF_TC_F_REPLACE);
	int rc = bpf_tc_hook_create(&hook);

	if (!rc)
		l->port->has_clsact = true;
	else if (rc != -EEXIST)
		return rc;
	rc = bpf_tc_attach(&hook, &opts);
	if (!rc)
		l->port->tc = HOOK_CLSACT;
	return rc;
}

int hook_tc_replace(struct kvsd *k, struct link *l)
{
	if (!hook_dev_exists(l))
		return 0;
	if (l->port->tc == HOOK_TCX)
		return bpf_link_update(l->port->tc_link, program(k, l), NULL);
	return clsact_attach(k, l);
}

static void clsact_detach(struct link *l)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = l->ifindex, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = KVS_TC_HANDLE, .priority = KVS_TC_PREF);

	bpf_tc_detach(&hook, &opts);
}

void hook_tc_drop_qdisc(struct kvsd *k, struct link *l)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = l->ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	struct filters in = others_filters(k, l->ifindex, TC_H_MIN_INGRESS);
	struct filters out = others_filters(k, l->ifindex, TC_H_MIN_EGRESS);

	if (in.own || out.own)
		return;
	if (l->port->has_clsact && !in.foreign && !out.foreign)
		bpf_tc_hook_destroy(&hook);
	l->port->has_clsact = false;
}

void hook_tc_detach(struct kvsd *k, struct link *l)
{
	struct port *p = l->port;

	if (p->tc == HOOK_TCX)
		pin_link_drop(k->pin_dir, l->ifindex, "tc", &p->tc_link);
	if (p->tc == HOOK_CLSACT) {
		clsact_detach(l);
		hook_tc_drop_qdisc(k, l);
	}
	p->tc = HOOK_NONE;
}

static void explain(struct link *l, int rc)
{
	struct port *p = l->port;

	if (!rc) {
		p->tc_error[0] = '\0';
		return;
	}
	if (!p->tc_error[0])
		log_warn("%s: stays on the slow path: cannot attach the tc hook: %s", l->name,
			 strerror(-rc));
	snprintf(p->tc_error, sizeof(p->tc_error), "cannot attach the tc hook: %s", strerror(-rc));
}

void hook_tc_find(struct kvsd *k, struct link *l)
{
	struct port *p = l->port;

	p->tc_link = pin_link_get(k->pin_dir, l->ifindex, "tc");
	if (p->tc_link >= 0)
		p->tc = HOOK_TCX;
	else if (others_filters(k, l->ifindex, TC_H_MIN_INGRESS).own)
		p->tc = HOOK_CLSACT;
}

/* Attach to wanted; what the kernel has not, to the other. */
static int attach(struct kvsd *k, struct link *l, enum hook_tc wanted)
{
	int rc = wanted == HOOK_TCX ? tcx_attach(k, l) : clsact_attach(k, l);

	if (wanted != HOOK_TCX || rc != -EINVAL)
		return rc;
	k->has_tcx = false;
	return clsact_attach(k, l);
}

/* Take off the hook of the kind that is not used (any more). */
static void drop_other(struct kvsd *k, struct link *l, bool has_filter)
{
	struct port *p = l->port;

	if (p->tc == HOOK_TCX && has_filter) {
		clsact_detach(l);
		hook_tc_drop_qdisc(k, l);
	}
	if (p->tc != HOOK_CLSACT)
		return;
	if (p->tc_link < 0)
		p->tc_link = pin_link_get(k->pin_dir, l->ifindex, "tc");
	if (p->tc_link >= 0)
		pin_link_drop(k->pin_dir, l->ifindex, "tc", &p->tc_link);
}

static unsigned int count_links(const struct kvsd *k)
{
	unsigned int n = 0;

	links_for_each(&k->links, l)
		n += l->port && l->port->tc == HOOK_TCX;
	return n;
}

static bool has_pinned_link(const struct kvsd *k, const struct link *l)
{
	_close_ int fd = pin_link_get(k->pin_dir, l->ifindex, "tc");

	return fd >= 0;
}

/* tcx programs run before the filters of clsact, and a redirect ends both: so where others have
 * filters, KVS goes behind them. What is attached already is kept rather than changed for the
 * count.
 */
static enum hook_tc choose(const struct kvsd *k, const struct link *l, const struct filters *found)
{
	if (found->foreign || !k->has_tcx)
		return HOOK_CLSACT;
	if (l->port->tc == HOOK_TCX)
		return HOOK_TCX;
	if (l->port->tc == HOOK_NONE && has_pinned_link(k, l))
		return HOOK_TCX;
	if (l->port->tc == HOOK_NONE && found->own)
		return HOOK_CLSACT;
	return count_links(k) < TCX_LINKS ? HOOK_TCX : HOOK_CLSACT;
}

void hook_tc_sync(struct kvsd *k, struct link *l)
{
	struct filters found = others_filters(k, l->ifindex, TC_H_MIN_INGRESS);
	enum hook_tc wanted = choose(k, l, &found);
	struct port *p = l->port;
	int rc;

	if (!hook_dev_exists(l))
		return; /* its end has not been read yet */
	if (p->tc == HOOK_CLSACT && !found.own) {
		log_warn("%s: the tc hook was removed: putting it back", l->name);
		p->tc = HOOK_NONE;
		p->has_clsact = false;
	}
	if (p->tc == wanted)
		return;
	rc = attach(k, l, wanted);
	if (!rc)
		drop_other(k, l, found.own);
	explain(l, rc);
}
