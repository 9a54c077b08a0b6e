/* SPDX-License-Identifier: GPL-2.0-only */
/* What a port may send: given by the configuration or by hand, written to the maps, kept in force.
 */
#pragma once

#include <stdint.h>

#include "policy.h"

struct config;
struct kvsd;
struct link;
struct neigh;

/* Of a port. */
struct guard {
	struct policy policy; /* that is wanted */
	bool is_written;      /* it is what the maps have */
	char error[256];      /* why it is not in force, and the port shut; or "" */
};

/* Give the port a policy, complete but for the slots of its addresses. At no moment is anything
 * dropped that both the old and the new one allow, nor does anything pass that both refuse. On
 * failure the old one stays.
 */
int guard_set(struct kvsd *k, struct link *l, const struct policy *policy, struct err *err);

/* Let it send what it likes. */
void guard_del(struct kvsd *k, struct link *l);

/* Of a new port: take up what a daemon before this one had written for it at that slot of its maps.
 */
void guard_restore(struct kvsd *k, struct link *l, const struct kvs_port *found, uint32_t slot);

/* What the configuration says of a port that has just joined, before its hooks are attached: what
 * cannot be installed shuts it. */
void guard_join(struct kvsd *k, struct link *l);

/* The difference to the configuration before. */
void guard_reload(struct kvsd *k, struct link *l, const struct config *old);

/* The port goes, and is in kvs_ports no more. */
void guard_leave(struct kvsd *k, struct link *l);

/* A slot whose port went while no daemon was there. */
void guard_clear(struct kvsd *k, uint32_t slot);

/* At the end of each sync of a port: one that is to have a guard and has no hook is closed by the
 * bridge. */
void guard_close(struct kvsd *k, struct link *l);

/* Why its guard is not in force, and the port shut; or "". */
const char *guard_error(const struct link *l);

/* All ports are known: forget what was there before. */
void guard_started(struct kvsd *k);

/* Once a second. */
void guard_tick(struct kvsd *k);

/* Whether its entry in kvs_guards holds. */
bool guard_is_written(const struct kvsd *k, const struct link *l);

/* Entries that guards may come to need of kvs_guard_macs and kvs_guard_addrs. */
void guard_reserved(const struct kvsd *k, unsigned int *macs, unsigned int *addrs);
