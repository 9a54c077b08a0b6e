/* SPDX-License-Identifier: GPL-2.0-only */
/* The BPF file system that pins live on. */
#pragma once

#include <stddef.h>

#include "err.h"

/* Makes pin_dir, on a BPF file system; below /sys/fs/bpf one is mounted if need be. resolved
 * becomes its absolute path, and may be pin_dir. Pins must outlive kvsd: in a mount namespace that
 * does not, as `ip netns exec` makes one, the file system is the one of the mount namespace around
 * it, or a warning is logged.
 */
int bpffs_prepare(const char *pin_dir, char *resolved, size_t size, struct err *err);
