/* SPDX-License-Identifier: GPL-2.0-only */
/* Attaching the programs to a port, and finding out whether they are still there. */
#pragma once

#include "port.h"

/* Attach the tc hook, or bring it to the right place: as tcx link where the kernel has it, as
 * clsact filter behind those of others where there are some. Takes over what a daemon before this
 * one attached.
 */
void hook_tc_sync(struct kvsd *k, struct link *l);

/* Put the present programs in the place of those attached: at no moment there is none. */
void hook_replace(struct kvsd *k, struct link *l);
int hook_tc_replace(struct kvsd *k, struct link *l);

/* Learn what is attached, and attach nothing. */
void hook_tc_find(struct kvsd *k, struct link *l);
void hook_tc_detach(struct kvsd *k, struct link *l);

/* Attach or detach the tc egress hook; in front of others, whose verdicts would go past it. */
void hook_egress_sync(struct kvsd *k, struct link *l, bool wanted);
int hook_egress_replace(struct kvsd *k, struct link *l);

/* Put it back if somebody removed it. */
void hook_egress_check(struct kvsd *k, struct link *l);

/* Take off the clsact qdisc if KVS made it and nothing is on it any more. */
void hook_tc_drop_qdisc(struct kvsd *k, struct link *l);

/* Attach or detach the XDP hook. */
void hook_xdp_sync(struct kvsd *k, struct link *l, bool wanted);

/* Once a second: put back what somebody removed. */
void hook_check(struct kvsd *k, struct link *l);

/* Whether the kernel still has the device under its number. */
bool hook_dev_exists(const struct link *l);
