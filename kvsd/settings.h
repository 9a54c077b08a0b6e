/* SPDX-License-Identifier: GPL-2.0-only */
/* Settings of ports: KVS's own (path) and the bridge's (isolated, hairpin, learning). */
#pragma once

#include "kvsd.h"

/* Set what is not UNSET; nothing when the kernel refuses a flag. */
int settings_set(struct kvsd *k, struct link *l, const struct port_settings *set, struct err *err);

/* What the configuration says of a port that has just joined. */
void settings_apply(struct kvsd *k, struct link *l);

/* Have the bridge give the port this BR_STATE_*. */
int settings_state(struct kvsd *k, struct link *l, uint8_t state, struct err *err);

/* Have the bridge forget the stations it has learned at the port. */
void settings_flush(struct kvsd *k, const struct link *l);

/* Make a device a port of a bridge, and up. */
int settings_join(struct kvsd *k, const struct link *l, const struct link *bridge, struct err *err);
int settings_leave(struct kvsd *k, const struct link *l, struct err *err);

/* A port needs no link-local address of its own: keep the kernel from making one, or let it again.
 * Only what was as the kernel makes it is changed.
 */
void settings_addr_gen(const struct link *l, bool none);
