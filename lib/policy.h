/* SPDX-License-Identifier: GPL-2.0-only */
/* What a port may send, in words and as the hooks have it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "kvs/abi.h"

#define POLICY_LIST_MAX 64 /* MACs, and addresses, of a port */
#define POLICY_MACS_MAX 1024
#define POLICY_TEXT_LEN 64 /* of an address with its prefix length, or an ethertype */

#define POLICY_OWN_EGRESS (1 << KVS_LIMIT_MAX) /* in own_limits */

enum policy_mode { POLICY_ENFORCE, POLICY_AUDIT };

/* "enforce" or "audit" */
const char *policy_mode_name(enum policy_mode mode);

/* 0, or -EINVAL when text is neither; out unchanged then. */
int policy_mode_parse(const char *text, enum policy_mode *out);

/* The guard of a port. Compared as bytes: what is not used is zero. */
struct policy {
	struct kvs_guard abi;    /* but for macs, which the hooks count */
	int mode;                /* an enum policy_mode, or UNSET: as the guard has it */
	struct kvs_limit limit;  /* full buckets */
	uint64_t egress;         /* bits in a second that it may receive; 0: any number */
	unsigned int own_limits; /* bits of enum kvs_limit_kind: not as the guard has them */
	unsigned int n_macs, n_addrs;
	__u8 macs[POLICY_LIST_MAX][6];
	struct kvs_guard_addr addrs[POLICY_LIST_MAX]; /* with slot 0 */
};

/* Each takes a text into the policy's list, or says why not: -EINVAL, or -E2BIG when it is full. */
int policy_add_mac(struct policy *policy, const char *text, struct err *err);
int policy_add_addr(struct policy *policy, const char *text, struct err *err);

/* "10.0.0.5" or "2001:db8::/64", into buf, which is returned. */
char *policy_addr_format(const struct kvs_guard_addr *addr, char buf[POLICY_TEXT_LEN]);

/* "ipv4", "llc" or "0x88cc" to what the hooks compare; or -EINVAL. */
int policy_type_parse(const char *text, __be16 *out, struct err *err);
char *policy_type_format(__be16 type, char buf[POLICY_TEXT_LEN]);

/* Whether the policy has the entry. */
bool policy_has_mac(const struct policy *policy, const __u8 mac[6]);
bool policy_has_addr(const struct policy *policy, const struct kvs_guard_addr *addr);
