/* SPDX-License-Identifier: GPL-2.0-only */
/* The configuration, applied: switches made and adopted, ports put into them. */
#pragma once

#include "kvsd.h"

/* Adopt the bridge if a pattern of the command line or the configuration wants it. */
void apply_adopt(struct kvsd *k, struct link *bridge);

/* Put a device that has appeared into the switch that the configuration names for it. */
void apply_join(struct kvsd *k, struct link *l);

/* All of it, at start. */
int apply_all(struct kvsd *k, struct err *err);

/* Read the file again and apply the difference; when it is refused, everything stays as it is. */
int apply_reload(struct kvsd *k, struct err *err);
