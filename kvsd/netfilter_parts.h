/* SPDX-License-Identifier: GPL-2.0-only */
/* What the readers of nftables, ebtables and iptables find. */
#pragma once

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>

#define NETFILTER_TEXT 120

/* Whose frames a rule can see. All but the first are reached through br_netfilter. */
enum netfilter_proto {
	NETFILTER_BRIDGE,
	NETFILTER_IP,
	NETFILTER_IP6,
	NETFILTER_ARP,
	NETFILTER_PROTOS
};

/* A chain at a device. */
struct netfilter_device {
	char name[IFNAMSIZ];
	bool is_prefix; /* name is the beginning of the names meant */
	bool is_egress;
	char text[NETFILTER_TEXT];
};

/* Compared as bytes. */
struct netfilter_found {
	char text[NETFILTER_PROTOS][NETFILTER_TEXT]; /* the first found, or "" */
	bool has_local[NETFILTER_PROTOS]; /* rules for what the host itself receives or sends */
	bool has_ct[NETFILTER_PROTOS];    /* some rule follows connections */
	struct netfilter_device *devices;
	size_t n_devices;
};

/* Say what was found, unless something was before. Text becomes printable ASCII. */
void netfilter_note(char text[NETFILTER_TEXT], const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

void netfilter_clear(struct netfilter_found *found);

bool netfilter_equal(const struct netfilter_found *a, const struct netfilter_found *b);

/* Whether the kernel has it loaded or built in: asking for what is not would load it. */
bool netfilter_has_module(const char *name);

/* nf_tables: each adds to found; where the kernel refuses to tell, that is a finding. */
struct nlmsghdr;
void netfilter_nft_chain(const struct nlmsghdr *nlh, struct netfilter_found *found);
void netfilter_nft_rule(const struct nlmsghdr *nlh, struct netfilter_found *found);
void netfilter_nft_read(struct netfilter_found *found);

/* A socket that is readable after nf_tables changed; -1: there is no nf_tables so far. */
int netfilter_nft_watch(void);

/* The tables of ebtables. */
void netfilter_ebt_entries(const char *table, unsigned int hooks, const char *blob, size_t size,
			   struct netfilter_found *found);
void netfilter_ebt_read(struct netfilter_found *found);

/* The tables of iptables, ip6tables or arptables. */
struct xt_info {
	unsigned int valid_hooks, entries, size;
	unsigned int hook[8], underflow[8];
};
void netfilter_xt_entries(enum netfilter_proto proto, const char *table, const struct xt_info *info,
			  const char *blob, struct netfilter_found *found);
void netfilter_xt_read(enum netfilter_proto proto, struct netfilter_found *found);
