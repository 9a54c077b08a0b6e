/* SPDX-License-Identifier: GPL-2.0-only */
/* What kvsd needs of its caller and of the kernel. */
#pragma once

#include "err.h"

/* 0, or -EPERM naming the capabilities that are missing. */
int probe_rights(struct err *err);

/* 0, or -EOPNOTSUPP naming the features that the kernel lacks. */
int probe_kernel(struct err *err);
