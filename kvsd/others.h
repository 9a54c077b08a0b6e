/* SPDX-License-Identifier: GPL-2.0-only */
/* What others have attached to a port: KVS goes behind it, or leaves the port to it. */
#pragma once

#include "port.h"

/* Filters of clsact or ingress at one side of the device. */
struct filters {
	int foreign, own;
	int first; /* those of foreign that are where KVS has to be at egress */
};

/* of kernel 6.6; Debian 12's headers are older */
#define TCX_INGRESS 46
#define TCX_EGRESS  47
#define TCX_FIRST   (1u << 3) /* BPF_F_BEFORE: before all others if none is named */

/* The last there is: whatever others have, KVS comes behind it. */
#define KVS_TC_PREF   0xffff
#define KVS_TC_FIRST  1 /* at egress */
#define KVS_TC_HANDLE 1

/* side is TC_H_MIN_INGRESS or TC_H_MIN_EGRESS. None where there is no qdisc. */
struct filters others_filters(struct kvsd *k, int ifindex, uint32_t side);

/* Look again: sets l->port->others. Filters and qdiscs come with events, tcx programs of others do
 * not. */
void others_look(struct kvsd *k, struct link *l);

/* Whether a filter ahead of KVS ends the chain: the device receives frames, and KVS sees none of
 * them. */
bool others_shadow(struct kvsd *k, struct link *l);

/* Whether what others_look() does by itself may have changed. */
bool others_changed(const struct link *l);
