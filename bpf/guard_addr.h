/* SPDX-License-Identifier: GPL-2.0-only */
/* The addresses of a port, and a memory per CPU of those that were found: a look-up in the trie
 * costs as much as all else of a frame.
 */
#pragma once

#include "guard_view.h"

#define KVS_GUARD_SEEN_BITS 8

/* The port may use the address as long as nothing changes (kvs_state.version). */
struct kvs_guard_seen {
	union kvs_guard_ip ip;
	__u64 until; /* jiffies64; 0: the entry is free */
	__u32 slot;
	__u32 version;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1 << KVS_GUARD_SEEN_BITS);
	__type(key, __u32);
	__type(value, struct kvs_guard_seen);
} kvs_guard_seen __weak SEC(".maps");

static __always_inline void kvs_guard_map_ip4(union kvs_guard_ip *ip, __be32 addr)
{
	ip->halves[0] = 0;
	ip->words[2] = bpf_htonl(0xffff);
	ip->words[3] = addr;
}

static __always_inline __u32 kvs_guard_seen_index(__u32 slot, const union kvs_guard_ip *ip)
{
	return (ip->words[3] + slot * 0x9e3779b1) * 0x85ebca6b >> (32 - KVS_GUARD_SEEN_BITS);
}

static __always_inline bool kvs_guard_has_seen(const struct kvs_guard_seen *seen, __u32 slot,
					       const union kvs_guard_ip *ip, __u32 version)
{
	return seen->ip.halves[0] == ip->halves[0] && seen->ip.halves[1] == ip->halves[1] &&
	       seen->slot == slot && seen->version == version && bpf_jiffies64() < seen->until;
}

/* Until when the port has the address; 0: it does not. */
static __always_inline __u64 kvs_guard_lease_of(__u32 slot, const union kvs_guard_ip *ip)
{
	struct kvs_guard_addr key = {.prefixlen = 32 + 128, .slot = slot};
	const struct kvs_guard_lease *lease;

	__builtin_memcpy(key.addr, ip, sizeof(key.addr));
	lease = bpf_map_lookup_elem(&kvs_guard_addrs, &key);
	if (!lease || (lease->until && bpf_jiffies64() >= lease->until))
		return 0;
	return lease->until ? lease->until : ~0ull;
}

static __noinline bool kvs_guard_owns(__u32 slot, const union kvs_guard_ip *ip)
{
	__u32 at = kvs_guard_seen_index(slot, ip), zero = 0, version;
	struct kvs_guard_seen *seen = bpf_map_lookup_elem(&kvs_guard_seen, &at);
	const struct kvs_state *state = bpf_map_lookup_elem(&kvs_state, &zero);
	__u64 until;

	if (!seen || !state)
		return kvs_guard_lease_of(slot, ip);
	/* before what it is the version of is read */
	version = *(const volatile __u32 *)&state->version;
	if (kvs_guard_has_seen(seen, slot, ip, version))
		return true;
	until = kvs_guard_lease_of(slot, ip);
	if (until)
		*seen = (struct kvs_guard_seen){*ip, until, slot, version};
	return until;
}
