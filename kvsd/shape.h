/* SPDX-License-Identifier: GPL-2.0-only */
/* What a port receives, held to a rate by a qdisc of the kernel's: frames wait, they are not
 * dropped at once. */
#pragma once

#include "kvsd.h"
#include "link.h"
#include "policy.h"

/* bits in a second; 0: none. A qdisc that is neither the device's default one nor ours stays, and
 * the request is refused. */
int shape_set(struct kvsd *k, const struct link *l, uint64_t rate, struct err *err);

/* What our qdisc says, into the policy of the port, as read back from the maps: it is with the
 * device.
 */
void shape_find(struct kvsd *k, const struct link *l, struct policy *p);
