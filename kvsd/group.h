/* SPDX-License-Identifier: GPL-2.0-only */
/* Groups of ports: who may talk to whom. Names are the user's, numbers the hooks'. */
#pragma once

#include "kvsd.h"

/* Put the port into a group; on failure it stays where it was. */
int group_set(struct kvsd *k, struct link *l, const char *name, struct err *err);

/* What the configuration says of a port that has just joined, before its hooks are attached. */
void group_join(struct kvsd *k, struct link *l);

/* Its name; of what is no port, promiscuous. buf is used where a community has lost its name. */
const char *group_name(const struct kvsd *k, const struct link *l, struct kvs_group *buf);

/* Why its group is not in force; "" when it is. */
const char *group_error(const struct link *l);

/* Whether its egress hook is needed. */
bool group_wants_egress(const struct kvsd *k, const struct link *l);

/* Once a second: do without groups if no port has one. */
void group_tick(struct kvsd *k);
