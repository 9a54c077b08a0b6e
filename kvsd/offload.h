/* SPDX-License-Identifier: GPL-2.0-only */
/* VLAN tags that travel beside the frame, where XDP does not see them: switched off while a port
 * runs XDP. A veth's other end does so when it sends, a network card when it receives, a tap never.
 */
#pragma once

#include "port.h"

/* Have tags come in the frame; port.is_tags_seen when that is so. The error says why not. */
int offload_sync(struct kvsd *k, struct link *l, struct err *err);

/* Switch on again what KVS switched off. */
void offload_restore(struct kvsd *k, struct link *l);

/* Whether it still is so; asks the other end, in its namespace. */
void offload_check(struct kvsd *k, struct link *l);
