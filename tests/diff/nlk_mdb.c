// SPDX-License-Identifier: GPL-2.0-only
/* The multicast database of a bridge, over rtnetlink. */
#include <stdlib.h>
#include <string.h>

#include "nlk_talk.h"

#define SOON 2000 /* 1/100 s: who has reported a group stays for minutes */

static int on_timer(const struct nlattr *attr, void *data)
{
	struct nlk_mdbs *out = data;
	uint32_t left;

	if (mnl_attr_get_type(attr) != MDBA_MDB_EATTR_TIMER)
		return MNL_CB_OK;
	left = mnl_attr_get_u32(attr);
	out->is_changing |= left && left < SOON;
	return MNL_CB_OK;
}

static int on_info(const struct nlattr *attr, void *data)
{
	struct nlk_mdbs *out = data;
	const struct br_mdb_entry *e = mnl_attr_get_payload(attr);

	if (out->n == NLK_MDB_MAX || mnl_attr_get_payload_len(attr) < sizeof(*e))
		return MNL_CB_OK;
	out->entry[out->n++] = *e;
	return mnl_attr_parse_payload((const char *)e + MNL_ALIGN(sizeof(*e)),
				      mnl_attr_get_payload_len(attr) - MNL_ALIGN(sizeof(*e)),
				      on_timer, out);
}

static int on_entry(const struct nlattr *attr, void *data)
{
	return mnl_attr_parse_nested(attr, on_info, data);
}

static int on_table(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) != MDBA_MDB)
		return MNL_CB_OK;
	return mnl_attr_parse_nested(attr, on_entry, data);
}

static int on_mdb(const struct nlmsghdr *nlh, void *data)
{
	return mnl_attr_parse(nlh, MNL_ALIGN(sizeof(struct br_port_msg)), on_table, data);
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct br_mdb_entry));
}

int nlk_mdb_dump(struct mnl_socket *s, struct nlk_mdbs *out)
{
	char buf[256];
	struct nlmsghdr *nlh = nlk_prepare(buf, RTM_GETMDB, NLM_F_DUMP);
	struct br_port_msg *msg = mnl_nlmsg_put_extra_header(nlh, sizeof(*msg));
	int rc;

	msg->family = AF_BRIDGE;
	out->n = 0;
	out->is_changing = false;
	rc = nlk_talk(s, nlh, on_mdb, out);
	qsort(out->entry, out->n, sizeof(out->entry[0]), by_bytes);
	return rc;
}
