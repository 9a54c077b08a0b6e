/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration file, kvs.yaml(5): read whole and checked whole, or refused. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "policy.h"
#include "util.h"

enum kvs_path { KVS_PATH_AUTO, KVS_PATH_XDP, KVS_PATH_TC, KVS_PATH_SLOW };

/* "auto", "xdp", "tc" or "slow"; NULL for anything else. */
const char *path_name(enum kvs_path path);

/* 0, or -EINVAL when text names no path; out unchanged then. */
int path_parse(const char *text, enum kvs_path *out);

/* What becomes of the fast path when netfilter rules see a switch's frames. */
enum kvs_netfilter { KVS_NETFILTER_FOLLOW, KVS_NETFILTER_BYPASS };

/* "follow" or "bypass" */
const char *netfilter_name(enum kvs_netfilter netfilter);

/* 0, or -EINVAL when text is neither; out unchanged then. */
int netfilter_parse(const char *text, enum kvs_netfilter *out);

/* UNSET is true in a condition: compare. */
enum tristate { UNSET = -1, OFF = 0, ON = 1 };

/* One of name and adopt is NULL. A switch with a name is made if missing, then adopted; adopt is
 * the name or glob of bridges that are adopted when they appear and never made. What is UNSET stays
 * as it is.
 */
struct config_switch {
	char *name;
	char *adopt;
	enum tristate stp; /* a new bridge has it off */
	int ageing;        /* seconds or UNSET */
	int netfilter;     /* an enum kvs_netfilter or UNSET */
};

/* path is an enum kvs_path or UNSET; group, see group_is_name(), or NULL. */
struct port_settings {
	int path;
	enum tristate isolated, hairpin, learning;
	char *group;
};

#define GROUP_PROMISCUOUS "promiscuous" /* without an entry */
#define GROUP_ISOLATED    "isolated"

/* Whether it can be the name of a community: a word of at most 15 characters, not "none". */
bool group_is_name(const char *text);

#define GROUP_RULE "promiscuous, isolated, or the name of a community (letters, digits, and _ . -)"

/* A policy with a name: what its ports may send. What is UNSET is as its preset has it. */
struct config_guard {
	char *name;
	int preset, mode; /* an enum guard_preset, an enum policy_mode, or UNSET */
	enum tristate tags, link_local, sticky, router, dhcp_server;
	int max_macs; /* 0: any number */
	char **ethertypes;
	unsigned int n_ethertypes;
	char *limits[KVS_LIMIT_MAX]; /* as in limit_parse(); NULL: as its preset has it */
	char *burst, *storm_burst;   /* of the rate, and of all others */
	char *egress_rate;           /* likewise */
};

struct config_port {
	char *match;   /* name or glob of devices */
	char *switch_; /* what they join when they appear; NULL: an entry for settings only */
	struct port_settings set;
	char *guard; /* a preset, the name of a guard, "none", or NULL */
	char **macs, **addresses;
	unsigned int n_macs, n_addresses;
};

struct config_limits {
	unsigned int ports, fdb, guard_entries;
};

/* When path auto takes XDP: frames in a second, bytes of a frame in the mean, seconds. */
struct config_auto {
	unsigned int rate, small, large, stay;
};

struct config {
	struct config_switch *switches;
	size_t n_switches;
	struct config_guard *guards;
	size_t n_guards;
	struct config_port *ports;
	size_t n_ports;
	struct config_limits limits;
	struct config_auto auto_;
};

/* 0, or a negative errno: -EINVAL for a file that is refused, what fopen(3) or fread(3) said for
 * one that cannot be read (-ENOENT: there is none), -EFBIG above 1 MiB.
 */
int config_load(const char *path, struct config **out, struct err *err);

/* What holds when there is no file, which is what an empty file says; NULL without memory. */
struct config *config_defaults(void);

void config_free(struct config *config);

static inline void config_p(struct config **config)
{
	config_free(*config);
}

#define _config_ _cleanup_(config_p)

bool name_matches(const char *pattern, const char *name);

/* What the file says of the device called name. The entries are read in order: for each setting,
 * and for the switch, the last one that matches and gives it wins. What none gives is UNSET, or
 * NULL. *switch_out belongs to config.
 */
void config_port_settings(const struct config *config, const char *name, struct port_settings *out,
			  const char **switch_out);

/* What the file says of the bridge called name: the last entry that matches and gives it wins.
 * UNSET when none does.
 */
int config_switch_netfilter(const struct config *config, const char *name);

/* The guard that the file gives the device called name: ON, OFF for "none", UNSET when it says
 * nothing of one. As for the other settings the last entry that matches and gives a key wins. */
enum tristate config_port_guard(const struct config *config, const char *name, struct policy *out);

/* Complete the policy of which abi.name, mode, MACs and addresses are given, from presets and the
 * guards of the file. -ENOENT says what may have been meant. */
int config_guard_build(const struct config *config, struct policy *policy, struct err *err);
