/* SPDX-License-Identifier: GPL-2.0-only */
/* GRO at the other end of a veth: without it, frames that XDP redirects to the veth vanish. */
#pragma once

#include "port.h"

/* Switch GRO on where XDP is used in the switch, and back off where it is not any more. */
void peer_sync(struct kvsd *k, struct link *l);

/* Back off, if it was KVS that switched it on. */
void peer_restore(struct kvsd *k, struct link *l);

/* Once a second: whether it is still on, at one of the ports in turn. */
void peer_check(struct kvsd *k);

/* How many frames the other end of a veth has sent by XDP, ever. */
int peer_sent_by_xdp(struct kvsd *k, const struct link *l, uint64_t *frames);

/* As in docs/api.md; finds out what is not known yet. */
const char *peer_state(struct kvsd *k, struct link *l);
