/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions that the kernel offers to BPF programs. */
#pragma once

#include <stdbool.h>

/* Whether the running kernel's BTF names the function. */
bool kfunc_exists(const char *name);
