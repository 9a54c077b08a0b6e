// SPDX-License-Identifier: GPL-2.0-only
/* What others have attached to a port: KVS goes behind it, or leaves the port to it. */
#include <bpf/bpf.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include "others.h"
#include "stats.h"

#define SHADOW_MIN 8 /* frames that KVS must have missed in a row */

/* What the walk over a device's filters finds. */
struct count {
	struct filters found;
	uint32_t side;
};

static int on_name(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == TCA_BPF_NAME)
		*(bool *)data = !strncmp(mnl_attr_get_str(attr), "kvs_", 4);
	return MNL_CB_OK;
}

static int on_options(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == TCA_OPTIONS)
		mnl_attr_parse_nested(attr, on_name, data);
	return MNL_CB_OK;
}

/* By its preference, where that is the last; the first may be others' too. */
static bool is_own(const struct nlmsghdr *nlh, uint32_t side, uint32_t pref)
{
	bool has_name = false;

	if (pref == KVS_TC_FIRST)
		mnl_attr_parse(nlh, sizeof(struct tcmsg), on_options, &has_name);
	return has_name || (side == TC_H_MIN_INGRESS && pref == KVS_TC_PREF);
}

static void count_filter(const struct nlmsghdr *nlh, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	uint32_t pref = tc->tcm_info >> 16;
	struct count *count = data;

	/* handle 0 is the head of a preference, not a filter */
	if (nlh->nlmsg_type != RTM_NEWTFILTER || !tc->tcm_handle)
		return;
	if (is_own(nlh, count->side, pref)) {
		count->found.own++;
		return;
	}
	count->found.foreign++;
	count->found.first += pref == KVS_TC_FIRST;
}

struct filters others_filters(struct kvsd *k, int ifindex, uint32_t side)
{
	struct count count = {.side = side};
	char buf[256];
	struct nlmsghdr *nlh = nl_prepare(buf, RTM_GETTFILTER, NLM_F_DUMP);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));

	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = TC_H_MAKE(TC_H_CLSACT, side);
	nl_talk(k->nl, nlh, count_filter, &count, NULL);
	return count.found;
}

/* Programs in a tcx chain; 0 where the kernel has none. */
static unsigned int count_tcx(const struct link *l, int where)
{
	__u32 n = 0;

	return bpf_prog_query(l->ifindex, where, 0, NULL, NULL, &n) ? 0 : n;
}

static bool has_foreign_tcx(const struct link *l, int where)
{
	enum hook_tc hook = where == TCX_INGRESS ? l->port->tc : l->port->egress;
	unsigned int own = hook == HOOK_TCX;

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
