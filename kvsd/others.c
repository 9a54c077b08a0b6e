// SPDX-License-Identifier: GPL-2.0-only
/* What others have attached to a port: KVS goes behind it, or leaves the port to it. */
#include <bpf/bpf.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include "others.h"
#include "stats.h"

#define SHADOW_MIN 8 /* frames that KVS must have missed in a row */

static void count_filter(const struct nlmsghdr *nlh, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	struct filters *found = data;

	/* handle 0 is the head of a preference, not a filter */
	if (nlh->nlmsg_type != RTM_NEWTFILTER || !tc->tcm_handle)
		return;
	if (tc->tcm_info >> 16 == KVS_TC_PREF)
		found->own++;
	else
		found->foreign++;
}

struct filters others_filters(struct kvsd *k, int ifindex, uint32_t side)
{
	struct filters found = {};
	char buf[256];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_GETTFILTER, NLM_F_DUMP);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));

	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, side);
	nl_talk(k->nl, nlh, count_filter, &found, NULL);
	return found;
}

/* Programs in a tcx chain; 0 where the kernel has none. */
static unsigned int count_tcx(const struct link *l, int where)
{
	__u32 n = 0;

	return bpf_prog_query(l->ifindex, where, 0, NULL, NULL, &n) ? 0 : n;
}

static bool has_foreign_tcx(const struct link *l, int where)
{
	unsigned int own = where == TCX_INGRESS && l->port->tc == HOOK_TCX;

	return count_tcx(l, where) > own;
}

/* Queueing that decides nothing but the order: what devices get by default, or are given for speed.
 */
static bool is_plain_qdisc(const char *kind)
{
	static const char *const plain[] = {"",           "noqueue", "mq",    "fq_codel",
					    "pfifo_fast", "pfifo",   "bfifo", "fq"};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (!strcmp(kind, plain[i]))
			return true;
	return false;
}

static int on_stats(const struct nlattr *attr, void *data)
{
	struct rtnl_link_stats64 stats;

	if (mnl_attr_get_type(attr) == IFLA_STATS64) {
		memcpy(&stats, mnl_attr_get_payload(attr), sizeof(stats)); /* not aligned */
		*(uint64_t *)data = stats.rx_packets;
	}
	return MNL_CB_OK;
}

static void on_link(const struct nlmsghdr *nlh, void *data)
{
	mnl_attr_parse(nlh, sizeof(struct ifinfomsg), on_stats, data);
}

static uint64_t device_received(struct kvsd *k, const struct link *l)
{
	char buf[64];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_GETLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	uint64_t n = 0;

	ifi->ifi_index = l->ifindex;
	nl_talk(k->nl, nlh, on_link, &n, NULL);
	return n;
}

bool others_shadow(struct kvsd *k, struct link *l)
{
	struct others *o = &l->port->others;
	uint64_t device, seen;

	if (!o->ingress)
		return false;
	device = device_received(k, l);
	seen = stats_received(k, l);
	if (seen != o->seen || device < o->device) {
		o->seen = seen;
		o->device = device;
	}
	return device - o->device >= SHADOW_MIN;
}

void others_look(struct kvsd *k, struct link *l)
{
	struct others *o = &l->port->others;
	bool was = o->ingress;

	o->tcx_ingress = has_foreign_tcx(l, TCX_INGRESS);
	o->tcx_egress = has_foreign_tcx(l, TCX_EGRESS);
	o->ingress = o->tcx_ingress || others_filters(k, l->ifindex, TC_H_MIN_INGRESS).foreign;
	if (o->ingress && !was) {
		o->seen = stats_received(k, l);
		o->device = device_received(k, l);
	}
	o->egress = o->tcx_egress || others_filters(k, l->ifindex, TC_H_MIN_EGRESS).foreign ||
		    !is_plain_qdisc(l->qdisc);
}

bool others_changed(const struct link *l)
{
	const struct others *o = &l->port->others;

	return o->tcx_ingress != has_foreign_tcx(l, TCX_INGRESS) ||
	       o->tcx_egress != has_foreign_tcx(l, TCX_EGRESS);
}
