// SPDX-License-Identifier: GPL-2.0-only
/* The maps of guards: written in an order that never refuses what stays allowed, nor lets pass what
 * stays refused. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>

#include "guard_maps.h"

static struct kvs_guard_mac mac_key(uint32_t slot, const uint8_t mac[6])
{
	struct kvs_guard_mac key = {.slot = slot};

	memcpy(key.mac, mac, sizeof(key.mac));
	return key;
}

static struct kvs_guard_addr addr_key(uint32_t slot, const struct kvs_guard_addr *addr)
{
	struct kvs_guard_addr key = *addr;

	key.slot = slot;
	return key;
}

/* Those of p that the other has not. */
static void del_entries(const struct load *load, uint32_t slot, const struct policy *p,
			const struct policy *other)
{
	for (unsigned int i = 0; p && i < p->n_macs; i++) {
		struct kvs_guard_mac key = mac_key(slot, p->macs[i]);

		if (!other || !policy_has_mac(other, p->macs[i]))
			bpf_map_delete_elem(load->guard_macs, &key);
	}
	for (unsigned int i = 0; p && i < p->n_addrs; i++) {
		struct kvs_guard_addr key = addr_key(slot, &p->addrs[i]);

		if (!other || !policy_has_addr(other, &p->addrs[i]))
			bpf_map_delete_elem(load->guard_addrs, &key);
	}
}

static int add_entries(const struct load *load, uint32_t slot, const struct policy *p)
{
	static const struct kvs_guard_owner owner;
	static const struct kvs_guard_lease lease;
	int rc = 0;

	for (unsigned int i = 0; i < p->n_macs && !rc; i++) {
		struct kvs_guard_mac key = mac_key(slot, p->macs[i]);

		rc = bpf_map_update_elem(load->guard_macs, &key, &owner, 0);
	}
	for (unsigned int i = 0; i < p->n_addrs && !rc; i++) {
		struct kvs_guard_addr key = addr_key(slot, &p->addrs[i]);

		rc = bpf_map_update_elem(load->guard_addrs, &key, &lease, 0);
	}
	return rc;
}

static bool has_type(const __be16 types[KVS_GUARD_TYPES], __be16 type)
{
	for (size_t i = 0; i < KVS_GUARD_TYPES; i++)
		if (types[i] == type)
			return true;
	return false;
}

static void put16(__be16 *at, __be16 value)
{
	__atomic_store_n(at, value, __ATOMIC_SEQ_CST);
}

static void put32(__u32 *at, __u32 value)
{
	__atomic_store_n(at, value, __ATOMIC_SEQ_CST);
}

/* Behind those that are there: a hook reads up to the first 0. What finds no room comes later. */
static void widen_types(__be16 *now, const __be16 *new)
{
	size_t n = 0;

	if (!new[0])
		put16(&now[0], 0);
	while (n < KVS_GUARD_TYPES && now[n])
		n++;
	for (size_t i = 0; n && i < KVS_GUARD_TYPES && n < KVS_GUARD_TYPES; i++)
		if (new[i] && !has_type(now, new[i]))
			put16(&now[n++], new[i]);
}

/* The new ones, those that are there already first, in their order: so none of them is overwritten
 * before it stands further ahead. */
static void sort_types(const __be16 *now, const __be16 *new, __be16 *out)
{
	size_t n = 0;

	memset(out, 0, KVS_GUARD_TYPES * sizeof(*out));
	for (size_t i = 0; i < KVS_GUARD_TYPES; i++)
		if (now[i] && has_type(new, now[i]) && !has_type(out, now[i]))
			out[n++] = now[i];
	for (size_t i = 0; i < KVS_GUARD_TYPES; i++)
		if (new[i] && !has_type(out, new[i]))
			out[n++] = new[i];
}

static void narrow_types(__be16 *now, const __be16 *new)
{
	__be16 to[KVS_GUARD_TYPES];
	bool had_any = !now[0];

	sort_types(now, new, to);
	for (size_t i = had_any; i < KVS_GUARD_TYPES && to[i]; i++)
		put16(&now[i], to[i]);
	for (size_t i = KVS_GUARD_TYPES; i-- > 1;)
		if (!to[i])
			put16(&now[i], 0);
	put16(&now[0], to[0]);
}

/* A hook reads the flags first: with a list, it does not look at the limit, which may stay. */
static void change(struct kvs_guard *now, const struct kvs_guard *new)
{
	widen_types(now->types, new->types);
	if (!(new->flags &KVS_GUARD_MACS))
		put32(&now->max_macs, new->max_macs);
	put32(&now->flags, new->flags);
	narrow_types(now->types, new->types);
	memcpy(now->name, new->name, sizeof(now->name));
}

/* Until no hook is at work any more with what was there before. */
static void settle(void)
{
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct kvs_guard_mac));
}

static bool is_learned(int macs, const struct kvs_guard_mac *key)
{
	struct kvs_guard_owner owner;

	return !bpf_map_lookup_elem(macs, key, &owner) && (owner.flags & KVS_GUARD_LEARNED);
}

struct kvs_guard_mac *guard_maps_learned(int macs, size_t *n)
{
	size_t size = 64;
	struct kvs_guard_mac *list = calloc(size, sizeof(*list)), key, *prev = NULL;

	for (*n = 0; list && !bpf_map_get_next_key(macs, prev, &key); prev = &key) {
		void *more = list;

		if (!is_learned(macs, &key))
			continue;
		if (*n == size)
			more = reallocarray(list, size *= 2, sizeof(*list));
		if (!more)
			free(list);
		list = more;
		if (list)
			list[(*n)++] = key;
	}
	if (list)
		qsort(list, *n, sizeof(*list), compare);
	return list;
}

void guard_maps_forget(const struct load *load, const struct kvs_guard_mac *mac)
{
	struct kvs_guard *g = &load->guard_shared[mac->slot];

	if (!bpf_map_delete_elem(load->guard_macs, mac))
		__atomic_sub_fetch(&g->macs, 1, __ATOMIC_SEQ_CST);
}

/* All but as many as may stay. */
static void trim_learned(const struct load *load, uint32_t slot, uint32_t keep)
{
	size_t n;
	_free_ struct kvs_guard_mac *list = guard_maps_learned(load->guard_macs, &n);

	for (size_t i = 0; list && i < n; i++) {
		if (list[i].slot != slot)
			continue;
		if (keep)
			keep--;
		else
			guard_maps_forget(load, &list[i]);
	}
}

/* The bucket goes on from where it is: another depth or cost is not a full bucket. */
static void change_bucket(struct kvs_bucket *now, const struct kvs_bucket *new)
{
	if (!memcmp((const char *)now + sizeof(now->full_at),
		    (const char *)new + sizeof(new->full_at), sizeof(*now) - sizeof(now->full_at)))
		return;
	now->depth = new->depth;
	now->shift = new->shift;
	now->unit = new->unit;
	now->mult = new->mult;
}

/* Before the flags that have the hooks look at them, and after those that no longer do. */
static void write_limits(const struct load *load, uint32_t slot, const struct kvs_limit *limit)
{
	for (int i = 0; load->limit_shared && i < KVS_LIMIT_MAX; i++)
		change_bucket(&load->limit_shared[slot].of[i], &limit->of[i]);
}

unsigned int guard_maps_features(const struct policy *policy)
{
	bool has_limit = policy->abi.flags & (KVS_GUARD_RATE | KVS_GUARD_STORM);

	return LOAD_GUARD | (has_limit ? LOAD_LIMIT : 0);
}

int guard_maps_write(const struct load *load, uint32_t slot, const struct policy *old,
		     const struct policy *new, struct err *err)
{
	struct kvs_guard *now = &load->guard_shared[slot];
	int rc = add_entries(load, slot, new);

	if (rc) {
		del_entries(load, slot, new, old);
		return err_set(err, rc, "no room in kvs_guard_macs or kvs_guard_addrs: %s",
			       strerror(-rc));
	}
	write_limits(load, slot, &new->limit);
	change(now, &new->abi);
	del_entries(load, slot, old, new);
	load_changed(load);
	if (now->macs <= new->abi.max_macs)
		return 0;
	settle(); /* none is entered any more */
	trim_learned(load, slot, new->abi.max_macs);
	if (!new->abi.max_macs)
		put32(&now->macs, 0); /* some may be in the list now */
	load_changed(load);
	return 0;
}

void guard_maps_shut(const struct load *load, uint32_t slot, const struct policy *old,
		     const struct policy *new)
{
	struct kvs_guard *now = &load->guard_shared[slot];

	put32(&now->flags, KVS_GUARD_SHUT);
	memcpy(now->name, new->abi.name, sizeof(now->name));
	del_entries(load, slot, old, NULL);
	load_changed(load);
}

void guard_maps_clear(const struct load *load, uint32_t slot, const struct policy *old)
{
	struct kvs_guard *now = &load->guard_shared[slot];

	del_entries(load, slot, old, NULL);
	if (now->macs)
		trim_learned(load, slot, 0);
	memset(now, 0, sizeof(*now));
	if (load->limit_shared)
		memset(&load->limit_shared[slot], 0, sizeof(*load->limit_shared));
}
