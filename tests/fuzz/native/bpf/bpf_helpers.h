/* SPDX-License-Identifier: GPL-2.0-only */
/* In the place of libbpf's: the stages' headers as plain C. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#undef __always_inline
#define __always_inline inline __attribute__((always_inline, unused))
#define __noinline      __attribute__((noinline))
#define __weak
#define SEC(name)
#define __uint(name, val) int(*name)[val]
#define __type(name, val) typeof(val) *name

void *bpf_map_lookup_elem(const void *map, const void *key);
long bpf_map_update_elem(const void *map, const void *key, const void *value, __u64 flags);
__u64 bpf_jiffies64(void);
__u64 bpf_ktime_get_ns(void);
