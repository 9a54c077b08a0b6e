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

/* Attach or detach the XDP hook. */
void hook_xdp_sync(struct kvsd *k, struct link *l, bool wanted);

/* Once a second: put back what somebody removed. */
void hook_check(struct kvsd *k, struct link *l);

/* Whether the kernel still has the device under its number. */
bool hook_dev_exists(const struct link *l);
