// SPDX-License-Identifier: GPL-2.0-only
/* Chains of nf_tables: those that frames between ports meet, and those at devices. */
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter_arp.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netfilter_parts.h"
#include "util.h"

#define DEVICE_PREFIX 2 /* NFTA_DEVICE_PREFIX of kernel 6.18 */
#define TRIES         10

/* hooks that frames between ports pass; br_netfilter has no other for ARP than forward */
#define IN_PATH     (1 << NF_INET_PRE_ROUTING | 1 << NF_INET_FORWARD | 1 << NF_INET_POST_ROUTING)
#define IN_PATH_ARP (1 << NF_ARP_FORWARD)

#define RULES "netfilter rules: "

struct chain {
	uint8_t family;
	const char *table, *name;
	bool has_hook, is_empty;
	uint32_t hook;
	const struct nlattr *devices; /* NFTA_HOOK_DEV or _DEVS */
	struct netfilter_found *found;
};

static const char *family_name(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return "inet";
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_ARP:
		return "arp";
	case NFPROTO_NETDEV:
		return "netdev";
	case NFPROTO_BRIDGE:
		return "bridge";
	case NFPROTO_IPV6:
		return "ip6";
	}
	return "?";
}

/* enum netfilter_proto as a mask */
static unsigned int protos_of(uint8_t family)
{
	switch (family) {
	case NFPROTO_INET:
		return 1 << NETFILTER_IP | 1 << NETFILTER_IP6;
	case NFPROTO_IPV4:
		return 1 << NETFILTER_IP;
	case NFPROTO_ARP:
		return 1 << NETFILTER_ARP;
	case NFPROTO_BRIDGE:
		return 1 << NETFILTER_BRIDGE;
	case NFPROTO_IPV6:
		return 1 << NETFILTER_IP6;
	}
	return 0;
}

static const char *text_of(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0 ? "?" : mnl_attr_get_str(attr);
}

static uint32_t number_of(const struct nlattr *attr)
{
	return mnl_attr_validate(attr, MNL_TYPE_U32) < 0 ? ~0u : ntohl(mnl_attr_get_u32(attr));
}

/* Without closing 0 it is the beginning of names (kernels 6.16 and 6.17). */
static void add_device(struct chain *c, const struct nlattr *attr, bool is_prefix)
{
	struct netfilter_found *found = c->found;
	struct netfilter_device *more, *d;
	const char *name = mnl_attr_get_payload(attr);
	size_t len = strnlen(name, mnl_attr_get_payload_len(attr));

	if (len >= IFNAMSIZ)
		return;
	more = reallocarray(found->devices, found->n_devices + 1, sizeof(*more));
	if (!more)
		return;
	found->devices = more;
	d = &more[found->n_devices++];
	memset(d, 0, sizeof(*d));
	memcpy(d->name, name, len);
	d->is_prefix = is_prefix || len == mnl_attr_get_payload_len(attr);
	d->is_egress = c->family == NFPROTO_NETDEV && c->hook == NF_NETDEV_EGRESS;
	netfilter_note(d->text, RULES "nftables %s %.32s %.32s", family_name(c->family), c->table,
		       c->name);
}

static int on_device(const struct nlattr *attr, void *data)
{
	uint16_t type = mnl_attr_get_type(attr);

	if (type == NFTA_DEVICE_NAME || type == DEVICE_PREFIX)
		add_device(data, attr, type == DEVICE_PREFIX);
	return MNL_CB_OK;
}

static void note_devices(struct chain *c)
{
	if (!c->devices)
		return;
	if (mnl_attr_get_type(c->devices) == NFTA_HOOK_DEV)
		add_device(c, c->devices, false);
	else
		mnl_attr_parse_nested(c->devices, on_device, c);
}

static void note_chain(const struct chain *c)
{
	unsigned int in_path = c->family == NFPROTO_ARP ? IN_PATH_ARP : IN_PATH;

	for (unsigned int i = 0; i < NETFILTER_PROTOS; i++) {
		if (!(protos_of(c->family) & 1 << i))
			continue;
		if (c->hook < 32 && (in_path & 1u << c->hook))
			netfilter_note(c->found->text[i], RULES "%snftables %s %.32s %.32s",
				       i == NETFILTER_BRIDGE ? "" : "br_netfilter, ",
				       family_name(c->family), c->table, c->name);
		else
			c->found->has_local[i] = true;
	}
}

static int on_hook(const struct nlattr *attr, void *data)
{
	struct chain *c = data;

	switch (mnl_attr_get_type(attr)) {
	case NFTA_HOOK_HOOKNUM:
		c->hook = number_of(attr);
		break;
	case NFTA_HOOK_DEV:
	case NFTA_HOOK_DEVS: /* has NFTA_HOOK_DEV again, where it is one */
		c->devices = attr;
		break;
	}
	return MNL_CB_OK;
}

static int on_chain_attr(const struct nlattr *attr, void *data)
{
	struct chain *c = data;

	switch (mnl_attr_get_type(attr)) {
	case NFTA_CHAIN_TABLE:
		c->table = text_of(attr);
		break;
	case NFTA_CHAIN_NAME:
		c->name = text_of(attr);
		break;
	case NFTA_CHAIN_HOOK:
		c->has_hook = true;
		mnl_attr_parse_nested(attr, on_hook, c);
		break;
	case NFTA_CHAIN_POLICY:
		c->is_empty &= number_of(attr) == NF_ACCEPT;
		break;
	case NFTA_CHAIN_USE: /* of a base chain, its rules: nothing jumps to one */
		c->is_empty &= number_of(attr) == 0;
		break;
	}
	return MNL_CB_OK;
}

void netfilter_nft_chain(const struct nlmsghdr *nlh, struct netfilter_found *found)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	struct chain c = {.table = "?", .name = "?", .is_empty = true, .hook = ~0u, .found = found};

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*nfg))
		return;
	c.family = nfg->nfgen_family;
	mnl_attr_parse(nlh, sizeof(*nfg), on_chain_attr, &c);
	if (!c.has_hook || c.is_empty)
		return;
	if (c.family == NFPROTO_NETDEV || (c.family == NFPROTO_INET && c.hook == NF_INET_INGRESS))
		note_devices(&c);
	else
		note_chain(&c);
}

/* Wherever such a rule is, every frame of the namespace is followed, and put together if it is a
 * fragment. */
static bool is_ct(const char *expression)
{
	static const char *const names[] = {
		"ct",     "notrack", "nat",    "masq",         "redir",  "connlimit", "synproxy",
		"tproxy", "socket",  "objref", "flow_offload", "target", "match"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(expression, names[i]))
			return true;
	return false;
}

static int on_expression(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NFTA_EXPR_NAME && is_ct(text_of(attr)))
		*(bool *)data = true;
	return MNL_CB_OK;
}

static int on_expressions(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NFTA_LIST_ELEM)
		mnl_attr_parse_nested(attr, on_expression, data);
	return MNL_CB_OK;
}

static int on_rule_attr(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NFTA_RULE_EXPRESSIONS)
		mnl_attr_parse_nested(attr, on_expressions, data);
	return MNL_CB_OK;
}

void netfilter_nft_rule(const struct nlmsghdr *nlh, struct netfilter_found *found)
{
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	bool has_ct = false;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*nfg))
		return;
	mnl_attr_parse(nlh, sizeof(*nfg), on_rule_attr, &has_ct);
	for (unsigned int i = 0; has_ct && i < NETFILTER_PROTOS; i++)
		if (protos_of(nfg->nfgen_family) & 1 << i)
			found->has_ct[i] = true;
}

static int on_chain(const struct nlmsghdr *nlh, void *data)
{
	netfilter_nft_chain(nlh, data);
	return MNL_CB_OK;
}

static int on_rule(const struct nlmsghdr *nlh, void *data)
{
	netfilter_nft_rule(nlh, data);
	return MNL_CB_OK;
}

static int receive_all(struct mnl_socket *s, mnl_cb_t fn, struct netfilter_found *found)
{
	char buf[32768];
	int rc = MNL_CB_OK;

	while (rc > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(s, buf, sizeof(buf));

		rc = n < 0 ? -1 : mnl_cb_run(buf, n, 0, 0, fn, found);
	}
	return rc < 0 ? -errno : 0;
}

/* A socket for each dump: one that broke off leaves nothing behind. */
static int dump_once(uint16_t type, mnl_cb_t fn, struct netfilter_found *found)
{
	const struct timeval patience = {.tv_sec = 5};
	char buf[64];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	struct mnl_socket *s = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int rc;

	if (!s)
		return -errno;
	nlh->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nfg->version = NFNETLINK_V0;
	setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	rc = mnl_socket_sendto(s, nlh, nlh->nlmsg_len) < 0 ? -errno : receive_all(s, fn, found);
	mnl_socket_close(s);
	return rc;
}

/* A dump that a change broke into is repeated: what it found twice is no harm. */
static int dump(uint16_t type, mnl_cb_t fn, struct netfilter_found *found)
{
	int rc, tries = 0;

	do
		rc = dump_once(type, fn, found);
	while (rc == -EINTR && ++tries < TRIES);
	return rc;
}

/* Connection tracking comes with rules for the host, and then sees bridged frames too. */
static int read_ct(struct netfilter_found *found)
{
	bool wanted = false;
	int rc;

	for (unsigned int i = 0; i < NETFILTER_PROTOS; i++)
		wanted |= found->has_local[i] && !*found->text[i] && i != NETFILTER_ARP;
	rc = wanted ? dump(NFT_MSG_GETRULE, on_rule, found) : 0;
	for (unsigned int i = 0; !rc && wanted && i < NETFILTER_PROTOS; i++)
		if (found->has_local[i] && found->has_ct[i])
			netfilter_note(found->text[i], RULES "%sconnection tracking for nftables",
				       i == NETFILTER_BRIDGE ? "" : "br_netfilter, ");
	return rc;
}

static bool is_absent(int rc)
{
	return rc == -EPROTONOSUPPORT || rc == -EAFNOSUPPORT || rc == -EINVAL || rc == -EOPNOTSUPP;
}

void netfilter_nft_read(struct netfilter_found *found)
{
	int rc;

	if (!netfilter_has_module("nf_tables"))
		return;
	rc = dump(NFT_MSG_GETCHAIN, on_chain, found) ?: read_ct(found);
	if (rc && !is_absent(rc))
		netfilter_note(found->text[NETFILTER_BRIDGE],
			       RULES "nftables, which cannot be read: %s", strerror(-rc));
}

int netfilter_nft_watch(void)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK};
	int group = NFNLGRP_NFTABLES, fd;

	if (!netfilter_has_module("nf_tables"))
		return -1;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
			setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group))))
		close_p(&fd), fd = -1;
	return fd;
}
