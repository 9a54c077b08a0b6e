/* SPDX-License-Identifier: GPL-2.0-only */
/* Names and texts of the reasons in include/kvs/abi.h, as the API and the manual have them. */
#pragma once

#include "kvs/abi.h"

struct reason {
	const char *name, *text;
};

const struct reason *reason_of_drop(enum kvs_drop why);
const struct reason *reason_of_slow(enum kvs_slow why);
