/* SPDX-License-Identifier: GPL-2.0-only */
/* The tc hooks of a bridge device, while ports are admitted. */
#pragma once

#include "kvsd.h"

/* Attach both, or take them off; to be called again once a second. */
void hook_bridge_sync(struct kvsd *k, struct link *bridge, bool wanted);

/* Put the present programs in the place of those attached. */
void hook_bridge_replace(struct kvsd *k, struct link *bridge);
