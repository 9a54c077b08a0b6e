/* SPDX-License-Identifier: GPL-2.0-only */
/* The maps; include/kvs/abi.h says who writes and reads them. kvsd sets the sizes from its limits.
 */
#pragma once

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "kvs/abi.h"

const volatile struct kvs_config kvs_config __weak;

/* weak: each hook file has them, and bpftool links the files to one object */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_port);
} kvs_ports __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct kvs_fdb_key);
	__type(value, struct kvs_fdb);
} kvs_fdb __weak SEC(".maps");

/* Only ports of bridges that filter VLANs have an entry. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_vlans);
} kvs_vlans __weak SEC(".maps");

/* For XDP alone: the kernel does not let programs of two types share a devmap. */
struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} kvs_devmap __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_counters);
} kvs_counters __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_state);
} kvs_state __weak SEC(".maps");

/* kvsd's own memory across restarts; no hook reads it */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct kvs_switch);
} kvs_switches __weak SEC(".maps");

/* of groups: each one entry while kvs_config.has_group is 0 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_egress_counters);
} kvs_egress_counters __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} kvs_admit_counters __weak SEC(".maps");

/* kvsd's own memory across restarts; no hook reads it */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_group);
} kvs_groups __weak SEC(".maps");

/* of guards: one entry while kvs_config.has_guard is 0 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* the tc hook counts in it, while kvsd changes it */
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_guard);
} kvs_guards __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct kvs_guard_mac);
	__type(value, struct kvs_guard_owner);
} kvs_guard_macs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct kvs_guard_addr);
	__type(value, struct kvs_guard_lease);
} kvs_guard_addrs __weak SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_guard_counters);
} kvs_guard_counters __weak SEC(".maps");

/* of limits: one entry while kvs_config.has_limit is 0 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* as kvs_guards */
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_limit);
} kvs_limits __weak SEC(".maps");
