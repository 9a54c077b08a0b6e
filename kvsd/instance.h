/* SPDX-License-Identifier: GPL-2.0-only */
/* One daemon per run folder, pin folder and bridge. */
#pragma once

#include "err.h"

/* Each returns a descriptor: closed, or its process gone, what it stands for is free again. -EBUSY
 * says which process is in the way.
 */

/* Makes run_dir where it is missing, and writes our pid to kvsd.pid in it. */
int instance_lock_run(const char *run_dir, struct err *err);

/* pin_dir exists: see bpffs_prepare(). */
int instance_lock_pin(const char *pin_dir, struct err *err);

/* For a bridge of the network namespace that we are in. Each refusal costs a little of the owner's
 * kernel memory until it goes: do not poll.
 */
int instance_claim(const char *bridge, int ifindex, struct err *err);
