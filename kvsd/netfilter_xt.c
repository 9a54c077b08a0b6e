// SPDX-License-Identifier: GPL-2.0-only
/* The tables of iptables, ip6tables and arptables (legacy; their nft kin make chains of nf_tables).
 */
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter_arp/arp_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "netfilter_parts.h"
#include "util.h"

#define RULES       "netfilter rules: br_netfilter, "
#define ENTRIES_MAX 256 /* with more of them, all for the host itself, nobody looks closer */
#define TRIES       5
#define ACCEPT      (-NF_ACCEPT - 1)

/* What differs between the three. */
struct kind {
	const char *name, *list; /* list: the tables that are there; reading it makes none */
	int family, level, get_info, get_entries;
	unsigned int n_hooks, in_path;
	size_t entry_size, target_at, next_at;
	const char *chains[NF_INET_NUMHOOKS];
};

#define INET_PATH (1 << NF_INET_PRE_ROUTING | 1 << NF_INET_FORWARD | 1 << NF_INET_POST_ROUTING)
#define INET_NAMES                                                        \
	{                                                                 \
		"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING" \
	}

static const struct kind kinds[NETFILTER_PROTOS] = {
	[NETFILTER_IP] = {"iptables", "/proc/net/ip_tables_names", AF_INET, IPPROTO_IP,
			  IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES, NF_INET_NUMHOOKS, INET_PATH,
			  sizeof(struct ipt_entry), offsetof(struct ipt_entry, target_offset),
			  offsetof(struct ipt_entry, next_offset), INET_NAMES},
	[NETFILTER_IP6] = {"ip6tables", "/proc/net/ip6_tables_names", AF_INET6, IPPROTO_IPV6,
			   IP6T_SO_GET_INFO, IP6T_SO_GET_ENTRIES, NF_INET_NUMHOOKS, INET_PATH,
			   sizeof(struct ip6t_entry), offsetof(struct ip6t_entry, target_offset),
			   offsetof(struct ip6t_entry, next_offset), INET_NAMES},
	[NETFILTER_ARP] = {"arptables",
			   "/proc/net/arp_tables_names",
			   AF_INET,
			   IPPROTO_IP,
			   ARPT_SO_GET_INFO,
			   ARPT_SO_GET_ENTRIES,
			   NF_ARP_NUMHOOKS,
			   1 << NF_ARP_FORWARD,
			   sizeof(struct arpt_entry),
			   offsetof(struct arpt_entry, target_offset),
			   offsetof(struct arpt_entry, next_offset),
			   {"INPUT", "OUTPUT", "FORWARD"}},
};

static uint16_t u16_at(const char *blob, size_t at)
{
	uint16_t value;

	memcpy(&value, blob + at, sizeof(value));
	return value;
}

/* The policy of a built-in chain is the verdict of its last entry. */
static bool accepts(const struct kind *kind, const struct xt_info *info, const char *blob,
		    size_t at)
{
	struct xt_standard_target target;
	size_t offset;

	if (at + kind->entry_size > info->size)
		return false;
	offset = at + u16_at(blob, at + kind->target_at);
	if (offset + sizeof(target) > info->size)
		return false;
	memcpy(&target, blob + offset, sizeof(target));
	return !*target.target.u.user.name && target.verdict == ACCEPT;
}

/* Matches and targets that follow connections, as far as those in use are known. */
static bool is_ct(const char *name)
{
	static const char *const names[] = {
		"state",    "helper",    "cluster", "socket", "CT",         "NOTRACK",  "TPROXY",
		"SYNPROXY", "CLUSTERIP", "SNAT",    "DNAT",   "MASQUERADE", "REDIRECT", "NETMAP"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return !strncasecmp(name, "conn", 4);
}

/* Matches and the target lie one behind the other, each with its size and name. */
static bool entry_has_ct(const struct kind *kind, const char *entry, size_t size)
{
	struct xt_entry_match match;

	for (size_t at = kind->entry_size; at + sizeof(match) <= size;) {
		memcpy(&match, entry + at, sizeof(match));
		match.u.user.name[sizeof(match.u.user.name) - 1] = '\0';
		if (is_ct(match.u.user.name))
			return true;
		if (match.u.match_size < sizeof(match))
			return true; /* not understood */
		at += match.u.match_size;
	}
	return false;
}

static bool has_ct(const struct kind *kind, const struct xt_info *info, const char *blob)
{
	size_t at = 0, next;

	for (; at + kind->entry_size <= info->size; at += next) {
		next = u16_at(blob, at + kind->next_at);
		if (next < kind->entry_size || next > info->size - at)
			return true;
		if (entry_has_ct(kind, blob + at, next))
			return true;
	}
	return at != info->size;
}

static bool is_in_path(const struct kind *kind, const struct xt_info *info, unsigned int hook)
{
	return kind->in_path & info->valid_hooks & 1u << hook;
}

void netfilter_xt_entries(enum netfilter_proto proto, const char *table, const struct xt_info *info,
			  const char *blob, struct netfilter_found *found)
{
	const struct kind *kind = &kinds[proto];
	char *text = found->text[proto];

	for (unsigned int i = 0; i < kind->n_hooks; i++)
		if (is_in_path(kind, info, i) && !accepts(kind, info, blob, info->underflow[i]))
			netfilter_note(text, RULES "%s %.32s %s", kind->name, table,
				       kind->chains[i]);
	if (proto != NETFILTER_ARP && has_ct(kind, info, blob))
		netfilter_note(text, RULES "connection tracking for %s %.32s", kind->name, table);
}

/* What the numbers alone tell. */
static bool note_info(enum netfilter_proto proto, const char *table, const struct xt_info *info,
		      struct netfilter_found *found)
{
	const struct kind *kind = &kinds[proto];
	char *text = found->text[proto];

	for (unsigned int i = 0; i < kind->n_hooks; i++)
		if (is_in_path(kind, info, i) && info->hook[i] != info->underflow[i])
			netfilter_note(text, RULES "%s %.32s %s", kind->name, table,
				       kind->chains[i]);
	if (info->entries > ENTRIES_MAX)
		netfilter_note(text, RULES "%s %.32s", kind->name, table);
	return *text;
}

static int get_info(int fd, enum netfilter_proto proto, const char *table, struct xt_info *info)
{
	union {
		struct ipt_getinfo inet; /* ip6t_getinfo is the same */
		struct arpt_getinfo arp;
	} u = {};
	const struct kind *kind = &kinds[proto];
	bool is_arp = proto == NETFILTER_ARP;
	socklen_t len = is_arp ? sizeof(u.arp) : sizeof(u.inet);
	const unsigned int *hook = is_arp ? u.arp.hook_entry : u.inet.hook_entry;
	const unsigned int *underflow = is_arp ? u.arp.underflow : u.inet.underflow;

	snprintf(u.inet.name, sizeof(u.inet.name), "%.31s", table);
	if (getsockopt(fd, kind->level, kind->get_info, &u, &len))
		return -errno;
	info->valid_hooks = u.inet.valid_hooks;
	info->entries = is_arp ? u.arp.num_entries : u.inet.num_entries;
	info->size = is_arp ? u.arp.size : u.inet.size;
	memcpy(info->hook, hook, kind->n_hooks * sizeof(*hook));
	memcpy(info->underflow, underflow, kind->n_hooks * sizeof(*underflow));
	return 0;
}

/* The three kinds' structures are the same up to the entries. -EAGAIN: the table changed. */
static int read_entries(int fd, enum netfilter_proto proto, const char *table,
			const struct xt_info *info, struct netfilter_found *found)
{
	socklen_t len = sizeof(struct ipt_get_entries) + info->size;
	_free_ struct ipt_get_entries *get = calloc(1, len);

	if (!get)
		return -ENOMEM;
	snprintf(get->name, sizeof(get->name), "%.31s", table);
	get->size = info->size;
	if (getsockopt(fd, kinds[proto].level, kinds[proto].get_entries, get, &len))
		return -errno;
	netfilter_xt_entries(proto, table, info, (const char *)get->entrytable, found);
	return 0;
}

static int read_table(int fd, enum netfilter_proto proto, const char *table,
		      struct netfilter_found *found)
{
	struct xt_info info = {};
	int rc, tries = 0;

	do {
		rc = fd < 0 ? -errno : get_info(fd, proto, table, &info);
		if (!rc && note_info(proto, table, &info, found))
			return 0;
		rc = rc ?: read_entries(fd, proto, table, &info, found);
	} while ((rc == -EAGAIN || rc == -EINVAL) && ++tries < TRIES);
	return rc == -ENOENT ? 0 : rc;
}

void netfilter_xt_read(enum netfilter_proto proto, struct netfilter_found *found)
{
	const struct kind *kind = &kinds[proto];
	_fclose_ FILE *list = fopen(kind->list, "re");
	char table[32];
	_close_ int fd = -1;

	while (list && fscanf(list, "%31s", table) == 1) {
		int rc;

		fd = fd >= 0 ? fd : socket(kind->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		rc = read_table(fd, proto, table, found);
		if (rc)
			netfilter_note(found->text[proto], RULES "%s %s, which cannot be read: %s",
				       kind->name, table, strerror(-rc));
	}
}
