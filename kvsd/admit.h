/* SPDX-License-Identifier: GPL-2.0-only */
/* Admission: while the configuration gives ports guards or groups, switches refuse what comes by a
 * port whose hooks are not in place yet. */
#pragma once

#include "kvsd.h"

/* Bring all switches in line with the configuration; to be called after it or the switches changed,
 * with the hooks of all ports attached. Once a second, it puts back what somebody removed. */
void admit_review(struct kvsd *k);

/* Of a switch that is being adopted: what a daemon before this one had it do. */
void admit_restore(struct kvsd *k, struct link *bridge);

/* It is being released, with the hooks of its ports still there. */
void admit_leave(struct kvsd *k, struct link *bridge);

/* Whether the port's egress hook refuses what no hook has seen. */
bool admit_is_at(const struct kvsd *k, const struct link *l);

/* The port's hooks are in place for the first time: the bridge forgets what it has learned there
 * before. */
void admit_port(struct kvsd *k, struct link *l);

/* What the bridge device has refused. */
uint64_t admit_refused(const struct kvsd *k, const struct link *bridge);
