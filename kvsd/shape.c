// SPDX-License-Identifier: GPL-2.0-only
/* What a port receives, held to a rate by a qdisc of the kernel's. */
#include <errno.h>
#include <linux/pkt_sched.h>
#include <string.h>

#include "shape.h"

#define HANDLE      TC_H_MAKE(0x4b560000, 0) /* tells it is ours, over restarts too */
#define KIND        "tbf"
#define BURST_PART  100   /* of a second, but */
#define BURST_LEAST 65536 /* bytes: a frame of GSO */
#define QUEUE_PART  20    /* of a second: what waits at most, but */
#define QUEUE_LEAST (4 * BURST_LEAST)

/* The root; handle is 0 where it is the device's default one. */
struct root {
	int ifindex;
	uint32_t handle;
	char kind[16];
	uint64_t rate; /* bytes in a second, of ours */
};

static int on_option(const struct nlattr *attr, void *data)
{
	struct root *root = data;
	struct tc_tbf_qopt parms;

	if (mnl_attr_get_type(attr) == TCA_TBF_PARMS &&
	    mnl_attr_get_payload_len(attr) >= sizeof(parms)) {
		memcpy(&parms, mnl_attr_get_payload(attr), sizeof(parms));
		root->rate = root->rate ?: parms.rate.rate;
	}
	if (mnl_attr_get_type(attr) == TCA_TBF_RATE64)
		root->rate = mnl_attr_get_u64(attr);
	return MNL_CB_OK;
}

static int on_attr(const struct nlattr *attr, void *data)
{
	struct root *root = data;

	if (mnl_attr_get_type(attr) == TCA_KIND)
		snprintf(root->kind, sizeof(root->kind), "%s", mnl_attr_get_str(attr));
	if (mnl_attr_get_type(attr) == TCA_OPTIONS && root->handle == HANDLE)
		mnl_attr_parse_nested(attr, on_option, root);
	return MNL_CB_OK;
}

static void on_root(const struct nlmsghdr *nlh, void *data)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	struct root *root = data;

	if (nlh->nlmsg_type != RTM_NEWQDISC || tc->tcm_ifindex != root->ifindex ||
	    tc->tcm_parent != TC_H_ROOT)
		return;
	root->handle = tc->tcm_handle;
	mnl_attr_parse(nlh, sizeof(*tc), on_attr, data);
}

static struct nlmsghdr *prepare(void *buf, uint16_t type, uint16_t flags, const struct link *l)
{
	struct nlmsghdr *nlh = nl_prepare(buf, type, flags);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));

	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = l->ifindex;
	tc->tcm_parent = TC_H_ROOT;
	return nlh;
}

/* Of all devices, since the kernel tells a single one's not to who asks, but to all who listen. */
static struct root read_root(struct kvsd *k, const struct link *l)
{
	char buf[256];
	struct root root;
	int rc;

	do {
		root = (struct root){.ifindex = l->ifindex};
		rc = nl_talk(k->nl, prepare(buf, RTM_GETQDISC, NLM_F_DUMP, l), on_root, &root,
			     NULL);
	} while (rc == -EINTR);
	return root;
}

/* As the last event had it: that spares most ports the reading. */
static bool may_be_ours(const struct link *l)
{
	return !strcmp(l->qdisc, KIND);
}

static uint64_t at_least(uint64_t n, uint64_t least)
{
	return n < least ? least : n;
}

static uint32_t at_most_32(uint64_t n)
{
	return n > UINT32_MAX ? UINT32_MAX : n;
}

static int add(struct kvsd *k, const struct link *l, uint64_t bytes)
{
	uint32_t burst = at_most_32(at_least(bytes / BURST_PART, BURST_LEAST));
	struct tc_tbf_qopt parms = {
		.rate = {.rate = at_most_32(bytes), .linklayer = TC_LINKLAYER_ETHERNET},
		.limit = at_most_32(burst + at_least(bytes / QUEUE_PART, QUEUE_LEAST)),
	};
	char buf[512];
	struct nlmsghdr *nlh = prepare(buf, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, l);
	struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	struct nlattr *options;

	tc->tcm_handle = HANDLE;
	mnl_attr_put_strz(nlh, TCA_KIND, KIND);
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put(nlh, TCA_TBF_PARMS, sizeof(parms), &parms);
	mnl_attr_put_u32(nlh, TCA_TBF_BURST, burst);
	if (bytes > UINT32_MAX)
		mnl_attr_put_u64(nlh, TCA_TBF_RATE64, bytes);
	mnl_attr_nest_end(nlh, options);
	return nl_talk(k->nl, nlh, NULL, NULL, NULL);
}

static int del(struct kvsd *k, const struct link *l)
{
	char buf[256];
	struct nlmsghdr *nlh = prepare(buf, RTM_DELQDISC, 0, l);
	struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);

	tc->tcm_handle = HANDLE;
	return nl_talk(k->nl, nlh, NULL, NULL, NULL);
}

int shape_set(struct kvsd *k, const struct link *l, uint64_t rate, struct err *err)
{
	struct root root;
	int rc;

	if (!rate && !may_be_ours(l))
		return 0;
	root = read_root(k, l);
	if (root.rate == rate / 8 && (!rate || root.handle == HANDLE))
		return 0;
	if (root.handle && root.handle != HANDLE)
		return rate ? err_set(err, -EBUSY,
				      "no egress rate: its qdisc %s is not of KVS's making ('tc qdisc del dev %s root' takes it off)",
				      root.kind, l->name)
			    : 0;
	rc = rate ? add(k, l, rate / 8) : del(k, l);
	if (rc == -ENOENT)
		return err_set(err, rc, "no egress rate: the kernel has no " KIND);
	return rc ? err_set(err, rc, "no egress rate: %s", strerror(-rc)) : 0;
}

void shape_find(struct kvsd *k, const struct link *l, struct policy *p)
{
	struct policy own = *p;

	if (!may_be_ours(l))
		return;
	p->egress = 8 * read_root(k, l).rate;
	if (!config_guard_build(k->config, &own, NULL) && own.egress != p->egress)
		p->own_limits |= POLICY_OWN_EGRESS;
}
