/* SPDX-License-Identifier: GPL-2.0-only */
/* Entries of bridges' forwarding databases in rtnetlink's form. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "nl.h"

enum neigh_kind { NEIGH_LEARNED, NEIGH_STATIC, NEIGH_EXTERN, NEIGH_LOCAL };

struct neigh {
	uint8_t mac[6];
	uint16_t vlan; /* 0: none */
	int bridge;
	int ifindex; /* of the port, or of the bridge itself */
	enum neigh_kind kind;
	bool is_sticky;
	bool is_locked;
	bool is_watched; /* activity_notify: the bridge reports when it falls silent */
	uint64_t age;    /* 1/100 s since the bridge heard it */
};

/* False for what is no entry of a bridge (a device's own list, a vxlan's table, an IP neighbour).
 */
bool neigh_parse(const struct nlmsghdr *nlh, struct neigh *out);

/* -EINTR: repeat. */
int neigh_dump(struct nl *nl, nl_message_fn *fn, void *data, struct err *err);

/* Add (static, of the bridge's port) or delete one. */
int neigh_change(struct nl *nl, bool add, const struct neigh *n, struct err *err);

/* Forget the learned entries of a bridge, or of a port of it. */
int neigh_flush(struct nl *nl, int ifindex, bool is_bridge, struct err *err);
