// SPDX-License-Identifier: GPL-2.0-only
/* The tables of ebtables (legacy; ebtables-nft makes chains of nf_tables). */
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <linux/netfilter_bridge.h>
#include <linux/netfilter_bridge/ebtables.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "netfilter_parts.h"
#include "util.h"

#define RULES "netfilter rules: ebtables "
#define TRIES 5

/* Chains for what the host itself receives or sends. */
static bool is_local(const char *chain)
{
	return !strcmp(chain, "INPUT") || !strcmp(chain, "OUTPUT");
}

/* Chains are headers with their entries behind them, those of hooks first. */
void netfilter_ebt_entries(const char *table, unsigned int hooks, const char *blob, size_t size,
			   struct netfilter_found *found)
{
	int built_in = __builtin_popcount(hooks);
	struct ebt_entries chain;
	struct ebt_entry entry;

	for (size_t at = 0; built_in > 0 && at + sizeof(chain) <= size;) {
		memcpy(&chain, blob + at, sizeof(chain));
		if (chain.distinguisher & EBT_ENTRY_OR_ENTRIES) {
			if (at + sizeof(entry) > size)
				break;
			memcpy(&entry, blob + at, sizeof(entry));
			if (entry.next_offset < sizeof(entry) || entry.next_offset > size - at)
				break;
			at += entry.next_offset;
			continue;
		}
		built_in--;
		at += sizeof(chain);
		chain.name[sizeof(chain.name) - 1] = '\0';
		if ((chain.nentries || chain.policy != EBT_ACCEPT) && !is_local(chain.name))
			netfilter_note(found->text[NETFILTER_BRIDGE], RULES "%.32s %.32s", table,
				       chain.name);
	}
	if (built_in)
		netfilter_note(found->text[NETFILTER_BRIDGE], RULES "%.32s, not understood", table);
}

/* -EINVAL: the table changed since its size was asked for. */
static int read_entries(int fd, struct ebt_replace *info, struct netfilter_found *found)
{
	_free_ char *blob = malloc(info->entries_size + 1);
	socklen_t len = sizeof(*info) + info->entries_size;

	if (!blob)
		return -ENOMEM;
	info->num_counters = 0;
	info->counters = NULL;
	info->entries = blob;
	if (getsockopt(fd, IPPROTO_IP, EBT_SO_GET_ENTRIES, info, &len))
		return -errno;
	netfilter_ebt_entries(info->name, info->valid_hooks, blob, info->entries_size, found);
	return 0;
}

/* The rules are counted over all chains: where there are many, some are for frames between ports.
 */
static int read_table(int fd, const char *table, struct netfilter_found *found)
{
	struct ebt_replace info = {};
	socklen_t len = sizeof(info);

	snprintf(info.name, sizeof(info.name), "%s", table);
	if (getsockopt(fd, IPPROTO_IP, EBT_SO_GET_INFO, &info, &len))
		return errno == ENOPROTOOPT || errno == ENOENT ? 0 : -errno;
	return read_entries(fd, &info, found);
}

/* The kernel makes a table in this namespace when it is asked for, empty and accepting all; and it
 * loads its module, which is why that is looked for first.
 */
void netfilter_ebt_read(struct netfilter_found *found)
{
	static const char *const tables[] = {"filter", "nat", "broute"};
	_close_ int fd = -1;

	if (!netfilter_has_module("ebtables"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		char module[32];
		int rc, tries = 0;

		snprintf(module, sizeof(module), "ebtable_%s", tables[i]);
		if (!netfilter_has_module(module))
			continue;
		fd = fd >= 0 ? fd : socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		do
			rc = fd < 0 ? -errno : read_table(fd, tables[i], found);
		while (rc == -EINVAL && ++tries < TRIES);
		if (rc)
			netfilter_note(found->text[NETFILTER_BRIDGE],
				       RULES "%s, which cannot be read: %s", tables[i],
				       strerror(-rc));
	}
}
