// SPDX-License-Identifier: GPL-2.0-only
/* The tc hooks of a bridge device: tcx links where the kernel has them, else clsact filters. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include "hook_bridge.h"
#include "others.h"
#include "pin.h"
#include "switch.h"

#define PLACES 2

/* What marks comes before what refuses, and goes after it. */
static const struct place {
	const char *which; /* of its pin */
	__u32 tcx, side;
	enum bpf_tc_attach_point point;
} places[PLACES] = {
	{"out", TCX_EGRESS, TC_H_MIN_EGRESS, BPF_TC_EGRESS},
	{"in", TCX_INGRESS, TC_H_MIN_INGRESS, BPF_TC_INGRESS},
};

static int program(const struct kvsd *k, const struct place *place)
{
	return place->point == BPF_TC_EGRESS ? k->load->bridge_out : k->load->bridge_in;
}

static int attach_tcx(struct kvsd *k, struct link *bridge, const struct place *place, int *link)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = TCX_FIRST);
	int fd = pin_link_get(k->pin_dir, bridge->ifindex, place->which), rc;

	if (fd >= 0 && bpf_link_update(fd, program(k, place), NULL))
		pin_link_drop(k->pin_dir, bridge->ifindex, place->which, &fd);
	if (fd < 0) {
		fd = bpf_link_create(program(k, place), bridge->ifindex, place->tcx, &opts);
		rc = fd < 0 ? fd : pin_link_set(k->pin_dir, bridge->ifindex, place->which, fd);
		if (rc < 0) {
			close_p(&fd);
			return rc;
		}
	}
	*link = fd;
	return 0;
}

static int attach_clsact(struct kvsd *k, struct link *bridge, const struct place *place)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = bridge->ifindex, .attach_point = place->point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = KVS_TC_HANDLE, .priority = KVS_TC_FIRST,
		    .prog_fd = program(k, place), .flags = BPF_TC_F_REPLACE);
	int rc = bpf_tc_hook_create(&hook);

	if (!rc) {
		bridge->sw->has_clsact = true;
		switch_remember(k, bridge->sw);
	} else if (rc != -EEXIST) {
		return rc;
	}
	return others_filters(k, bridge->ifindex, place->side).first ? -EBUSY
								     : bpf_tc_attach(&hook, &opts);
}

static bool is_attached(struct kvsd *k, const struct link *bridge, size_t i)
{
	int link = bridge->sw->admit_link[i];

	if (link >= 0)
		return pin_link_ifindex(link) == bridge->ifindex;
	return others_filters(k, bridge->ifindex, places[i].side).own;
}

static int attach(struct kvsd *k, struct link *bridge, size_t i)
{
	int *link = &bridge->sw->admit_link[i];
	int rc = -EINVAL;

	close_p(link);
	*link = -1;
	if (k->has_tcx)
		rc = attach_tcx(k, bridge, &places[i], link);
	if (rc == -EINVAL) {
		k->has_tcx = false;
		rc = attach_clsact(k, bridge, &places[i]);
	}
	return rc;
}

static void detach(struct kvsd *k, struct link *bridge, size_t i)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = bridge->ifindex, .attach_point = places[i].point);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = KVS_TC_HANDLE, .priority = KVS_TC_FIRST);
	int *link = &bridge->sw->admit_link[i];

	if (*link < 0)
		*link = pin_link_get(k->pin_dir, bridge->ifindex, places[i].which);
	if (*link >= 0)
		pin_link_drop(k->pin_dir, bridge->ifindex, places[i].which, link);
	else if (others_filters(k, bridge->ifindex, places[i].side).own)
		bpf_tc_detach(&hook, &opts);
}

static void drop_qdisc(struct kvsd *k, struct link *bridge)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = bridge->ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	struct filters in = others_filters(k, bridge->ifindex, TC_H_MIN_INGRESS);
	struct filters out = others_filters(k, bridge->ifindex, TC_H_MIN_EGRESS);

	if (bridge->sw->has_clsact && !in.foreign && !out.foreign)
		bpf_tc_hook_destroy(&hook);
	bridge->sw->has_clsact = false;
}

/* What refuses goes before what marks. */
static void remove_all(struct kvsd *k, struct link *bridge)
{
	detach(k, bridge, 1);
	detach(k, bridge, 0);
	drop_qdisc(k, bridge);
}

static void explain(struct link *bridge, int rc)
{
	if (rc && !bridge->sw->is_admit_said)
		log_err("%s: the host hears ports before their guards are in place: cannot attach the tc hooks of the bridge device: %s",
			bridge->name, strerror(-rc));
	bridge->sw->is_admit_said = rc;
}

void hook_bridge_sync(struct kvsd *k, struct link *bridge, bool wanted)
{
	int rc = 0;

	for (size_t i = 0; wanted && !rc && i < PLACES; i++)
		rc = is_attached(k, bridge, i) && bridge->sw->is_admit_seen ? 0
									    : attach(k, bridge, i);
	if (!wanted)
		remove_all(k, bridge);
	bridge->sw->is_admit_seen = wanted && !rc;
	explain(bridge, rc);
}

void hook_bridge_replace(struct kvsd *k, struct link *bridge)
{
	if (!bridge->sw->admits)
		return;
	bridge->sw->is_admit_seen = false;
	hook_bridge_sync(k, bridge, true);
}
