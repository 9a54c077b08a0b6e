/* SPDX-License-Identifier: GPL-2.0-only */
/* MACs that the tc hook has learned for guards go when the bridge has forgotten them. */
#pragma once

#include "kvsd.h"

/* Once a second. */
void guard_sweep(struct kvsd *k);
void guard_sweep_free(struct kvsd *k);
