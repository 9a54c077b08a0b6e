/* SPDX-License-Identifier: GPL-2.0-only */
/* From nothing, or from what a daemon before this one left, to a switch that is followed. */
#pragma once

#include "kvsd.h"

int start_all(struct kvsd *k, struct err *err);

/* Take everything off that a daemon before this one left. */
int start_release_all(struct kvsd *k, struct err *err);
