// SPDX-License-Identifier: GPL-2.0-only
/* What a daemon before this one left in the maps of guards. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "guard_left.h"
#include "pin.h"

struct left_mac {
	struct kvs_guard_mac key;
	struct kvs_guard_owner owner;
};

struct left_addr {
	struct kvs_guard_addr key;
	struct kvs_guard_lease lease;
};

/* All of it, since reading the maps for each port would take too long. */
struct guard_left {
	struct left_mac *macs;
	struct left_addr *addrs;
	size_t n_macs, n_addrs;
	int error;
};

/* The keys of a map, each with its value behind it. 0 or -errno */
static int read_map(const char *dir, const char *name, size_t key_size, size_t value_size,
		    void **out, size_t *n)
{
	size_t each = key_size + value_size, size = 64;
	char *list = calloc(size, each), *prev = NULL;
	struct bpf_map_info info;
	_close_ int fd = pin_map(dir, name, &info);

	if (!list || fd < 0 || info.key_size != key_size || info.value_size != value_size) {
		free(list);
		return list ? -ENOENT : -ENOMEM;
	}
	for (*n = 0; !bpf_map_get_next_key(fd, prev, list + *n * each); ++*n) {
		char *more = list;

		prev = list + *n * each;
		if (bpf_map_lookup_elem(fd, prev, prev + key_size))
			memset(prev, 0xff, each);
		if (*n + 2 == size)
			more = reallocarray(list, size *= 2, each);
		if (!more) {
			free(list);
			return -ENOMEM;
		}
		prev = more + (prev - list);
		list = more;
	}
	*out = list;
	return 0;
}

static struct guard_left *left_of(struct kvsd *k)
{
	struct guard_left *left = k->guard_left;
	void *macs = NULL, *addrs = NULL;

	if (left)
		return left;
	left = k->guard_left = calloc(1, sizeof(*left));
	if (!left)
		return NULL;
	left->error = read_map(k->pin_dir, "kvs_guard_macs", sizeof(left->macs->key),
			       sizeof(left->macs->owner), &macs, &left->n_macs)
			      ?: read_map(k->pin_dir, "kvs_guard_addrs", sizeof(left->addrs->key),
					  sizeof(left->addrs->lease), &addrs, &left->n_addrs);
	left->macs = macs;
	left->addrs = addrs;
	return left;
}

static int read_guard(const char *dir, uint32_t slot, struct kvs_guard *out)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(dir, "kvs_guards", &info);

	if (fd < 0)
		return fd;
	return info.value_size == sizeof(*out) ? bpf_map_lookup_elem(fd, &slot, out) : -EINVAL;
}

/* A mode that is not the guard's own was set for the port. */
static void find_mode(const struct kvsd *k, struct policy *p)
{
	struct policy own = *p;

	if (!config_guard_build(k->config, &own, NULL) &&
	    (own.abi.flags ^ p->abi.flags) & KVS_GUARD_AUDIT)
		p->mode = p->abi.flags & KVS_GUARD_AUDIT ? POLICY_AUDIT : POLICY_ENFORCE;
}

static void read_limits(const struct kvsd *k, uint32_t slot, struct kvs_limit *out)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(k->pin_dir, "kvs_limits", &info);

	memset(out, 0, sizeof(*out));
	if (fd < 0 || info.value_size != sizeof(*out) || bpf_map_lookup_elem(fd, &slot, out))
		memset(out, 0, sizeof(*out));
	for (int i = 0; i < KVS_LIMIT_MAX; i++)
		out->of[i].full_at = 0;
}

/* Likewise. */
static void find_limits(const struct kvsd *k, struct policy *p)
{
	struct policy own = *p;

	if (config_guard_build(k->config, &own, NULL))
		return;
	for (int i = 0; i < KVS_LIMIT_MAX; i++)
		if (memcmp(&own.limit.of[i], &p->limit.of[i], sizeof(own.limit.of[i])))
			p->own_limits |= 1 << i;
}

static void add_mac(struct policy *p, const struct left_mac *mac)
{
	if (!(mac->owner.flags & KVS_GUARD_LEARNED) && p->n_macs < POLICY_LIST_MAX)
		memcpy(p->macs[p->n_macs++], mac->key.mac, sizeof(mac->key.mac));
}

static void add_addr(struct policy *p, const struct left_addr *addr)
{
	if (addr->lease.flags & KVS_GUARD_LEARNED || p->n_addrs == POLICY_LIST_MAX)
		return;
	p->addrs[p->n_addrs] = addr->key;
	p->addrs[p->n_addrs++].slot = 0;
}

int guard_left_read(struct kvsd *k, uint32_t slot, struct policy *out)
{
	const struct guard_left *left = left_of(k);
	int rc;

	memset(out, 0, sizeof(*out));
	out->mode = UNSET;
	rc = left ? left->error ?: read_guard(k->pin_dir, slot, &out->abi) : -ENOMEM;
	if (rc)
		return rc;
	out->abi.macs = 0;
	out->abi.name[sizeof(out->abi.name) - 1] = '\0';
	for (size_t i = 0; i < left->n_macs; i++)
		if (left->macs[i].key.slot == slot)
			add_mac(out, &left->macs[i]);
	for (size_t i = 0; i < left->n_addrs; i++)
		if (left->addrs[i].key.slot == slot)
			add_addr(out, &left->addrs[i]);
	read_limits(k, slot, &out->limit);
	find_mode(k, out);
	find_limits(k, out);
	return 0;
}

void guard_left_macs(struct kvsd *k, uint32_t slot, uint32_t to)
{
	const struct guard_left *left = k->guard_left;

	for (size_t i = 0; left && i < left->n_macs; i++) {
		struct left_mac mac = left->macs[i];

		if (mac.key.slot != slot || !(mac.owner.flags & KVS_GUARD_LEARNED))
			continue;
		mac.key.slot = to;
		if (!bpf_map_update_elem(k->load->guard_macs, &mac.key, &mac.owner, 0))
			__atomic_add_fetch(&k->load->guard_shared[to].macs, 1, __ATOMIC_SEQ_CST);
	}
}

void guard_left_free(struct kvsd *k)
{
	if (k->guard_left) {
		free(k->guard_left->macs);
		free(k->guard_left->addrs);
	}
	free(k->guard_left);
	k->guard_left = NULL;
}
