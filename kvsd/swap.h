/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs changed while they run: loaded with other features, and put on every port. */
#pragma once

#include "kvsd.h"

/* Have the programs of LOAD_* features at work, or say why not: then nothing has changed. */
int swap_add(struct kvsd *k, unsigned int features, struct err *err);

/* Do without them. */
void swap_drop(struct kvsd *k, unsigned int features);
