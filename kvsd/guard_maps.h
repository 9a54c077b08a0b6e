/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps of guards: written in an order that never refuses what stays allowed, nor lets pass what
 * stays refused. */
#pragma once

#include "kvsd.h"
#include "policy.h"

/* LOAD_* features that the policy needs. */
unsigned int guard_maps_features(const struct policy *policy);

/* In the place of old, which is NULL where the maps have nothing of the slot, or only
 * KVS_GUARD_SHUT. On failure old stays. */
int guard_maps_write(const struct load *load, uint32_t slot, const struct policy *old,
		     const struct policy *new, struct err *err);

/* Refuse everything; old as above. */
void guard_maps_shut(const struct load *load, uint32_t slot, const struct policy *old,
		     const struct policy *new);

/* The port's flag is off: remove everything. */
void guard_maps_clear(const struct load *load, uint32_t slot, const struct policy *old);

/* MACs that the tc hook has entered, of all ports, sorted; NULL without memory. To be freed. */
struct kvs_guard_mac *guard_maps_learned(int macs, size_t *n);

/* Remove one of them. */
void guard_maps_forget(const struct load *load, const struct kvs_guard_mac *mac);
