// SPDX-License-Identifier: GPL-2.0-only
/* /v1/vlans: VLANs of ports, which the bridge keeps. */
#include <errno.h>
#include <linux/if_bridge.h>
#include <string.h>

#include "api.h"
#include "port.h"

const struct http_field vlan_show_fields[] = {
	{"switch", HTTP_STRING, false}, {"port", HTTP_STRING, false}, {}};
const struct http_field vlan_add_fields[] = {{"port", HTTP_STRING, true},
					     {"vid", HTTP_INT, true},
					     {"pvid", HTTP_BOOL, false},
					     {"untagged", HTTP_BOOL, false},
					     {}};
const struct http_field vlan_del_fields[] = {
	{"port", HTTP_STRING, true}, {"vid", HTTP_INT, true}, {}};

struct showing {
	struct http_request *rq;
	struct link *l; /* whose message is being read */
	json_t *list;
};

static int on_vlan(const struct nlattr *attr, void *data)
{
	const struct bridge_vlan_info *v = mnl_attr_get_payload(attr);
	struct showing *s = data;
	struct kvsd *k = s->rq->ctx;

	if (mnl_attr_get_type(attr) != IFLA_BRIDGE_VLAN_INFO)
		return MNL_CB_OK;
	json_array_append_new(s->list,
			      json_pack("{s:s s:s s:i s:b s:b}", "port", s->l->name, "switch",
					link_get(&k->links, s->l->master)->name, "vid", v->vid,
					"pvid", v->flags & BRIDGE_VLAN_INFO_PVID, "untagged",
					v->flags & BRIDGE_VLAN_INFO_UNTAGGED));
	return MNL_CB_OK;
}

static int on_attr(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == IFLA_AF_SPEC)
		mnl_attr_parse_nested(attr, on_vlan, data);
	return MNL_CB_OK;
}

static void on_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	struct showing *s = data;
	struct kvsd *k = s->rq->ctx;

	s->l = link_get(&k->links, ifi->ifi_index);
	if (s->l && port_is_ours(k, s->l) && api_wants(s->rq, s->l))
		mnl_attr_parse(nlh, sizeof(*ifi), on_attr, s);
}

int vlan_show(struct http_request *rq, json_t **answer, struct err *err)
{
	struct kvsd *k = rq->ctx;
	struct showing s = {rq, NULL, NULL};
	char buf[128];
	int rc;

	nl_drain(k->nl);
	rc = api_check_filter(rq, err);
	if (rc)
		return rc;
	do {
		struct nlmsghdr *nlh = nl_prepare(buf, RTM_GETLINK, NLM_F_DUMP);
		struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

		ifi->ifi_family = AF_BRIDGE;
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN);
		json_decref(s.list);
		s.list = json_array();
		rc = nl_talk(k->nl, nlh, on_link, &s, err);
	} while (rc == -EINTR);
	if (rc)
		json_decref(s.list);
	else
		*answer = json_pack("{s:o}", "vlans", s.list);
	return rc;
}

static int change(struct http_request *rq, uint16_t type, uint16_t flags, struct err *err)
{
	struct bridge_vlan_info info = {.flags = flags, .vid = http_int(rq, "vid", 0)};
	struct kvsd *k = rq->ctx;
	char buf[128];
	struct nlmsghdr *nlh = nl_prepare(buf, type, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *nest;
	struct err kernel;
	struct link *l;
	int rc;

	if (http_int(rq, "vid", 0) < 1 || http_int(rq, "vid", 0) > 4094)
		return err_set(err, -ERANGE, "vid: %d is not within 1 and 4094",
			       http_int(rq, "vid", 0));
	rc = port_find(k, http_string(rq, "port"), &l, err);
	if (rc)
		return rc;
	ifi->ifi_family = AF_BRIDGE;
	ifi->ifi_index = l->ifindex;
	nest = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	mnl_attr_put(nlh, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info);
	mnl_attr_nest_end(nlh, nest);
	rc = nl_talk(k->nl, nlh, NULL, NULL, &kernel);
	nl_drain(k->nl); /* so that the next request sees it done */
	if (rc == -EOPNOTSUPP)
		return err_set(
			err, rc,
			"%s: this kernel's bridge has no VLANs (CONFIG_BRIDGE_VLAN_FILTERING)",
			l->name);
	return rc ? err_set(err, rc, "%s: the kernel refused the VLAN: %s", l->name, kernel.text)
		  : 0;
}

int vlan_add(struct http_request *rq, json_t **answer, struct err *err)
{
	uint16_t flags = 0;

	if (http_int(rq, "pvid", 0))
		flags |= BRIDGE_VLAN_INFO_PVID;
	if (http_int(rq, "untagged", 0))
		flags |= BRIDGE_VLAN_INFO_UNTAGGED;
	return change(rq, RTM_SETLINK, flags, err);
}

int vlan_del(struct http_request *rq, json_t **answer, struct err *err)
{
	return change(rq, RTM_DELLINK, 0, err);
}
