// SPDX-License-Identifier: GPL-2.0-only
/* Forwarding database: the bridge's entries, copied into kvs_fdb. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/neighbour.h>
#include <string.h>

#include "fdb.h"
#include "neigh.h"
#include "port.h"
#include "switch.h"

#define FDB_BATCH   1024 /* entries read at once */
#define RETRY_PAUSE 10   /* seconds: it reads every entry there is */

static struct kvs_fdb_key key_of(const struct neigh *n)
{
	struct kvs_fdb_key key = {.vlan = n->vlan, .bridge = n->bridge};

	memcpy(key.mac, n->mac, sizeof(key.mac));
	return key;
}

/* now: jiffies at the last heartbeat */
static struct kvs_fdb value_of(const struct neigh *n, uint32_t slot, uint64_t now)
{
	uint64_t age = load_jiffies(n->age);
	struct kvs_fdb value = {.port = slot, .heard = now > age ? now - age : 0};

	if (n->kind != NEIGH_LEARNED && !n->is_watched)
		value.flags |= KVS_FDB_STATIC;
	if (n->is_sticky)
		value.flags |= KVS_FDB_STICKY;
	return value;
}

static void refuse(struct kvsd *k, int rc)
{
	k->fdb_refused++;
	if (!k->is_fdb_full)
		log_warn(
			"FDB: some stations stay on the slow path: %s (limits.fdb is %u; raise it in kvs.yaml and restart kvsd)",
			rc == -E2BIG ? "there is no more room" : strerror(-rc), k->load->fdb_max);
	k->is_fdb_full = true;
}

/* The port an entry leads to, if the fast path may use it. */
static const struct port *port_of(const struct kvsd *k, const struct neigh *n)
{
	const struct link *l = link_get(&k->links, n->ifindex);

	if (n->kind == NEIGH_LOCAL || n->is_locked || n->ifindex == n->bridge)
		return NULL;
	return l ? l->port : NULL;
}

static void forget(struct kvsd *k, const struct kvs_fdb_key *key)
{
	if (bpf_map_delete_elem(k->load->fdb, key))
		return;
	load_changed(k->load);
	k->is_fdb_freed = k->is_fdb_moved = true;
}

/* An address of the bridge's own, once for all VLANs: only limits need it. */
static bool is_local(const struct kvsd *k, const struct neigh *n)
{
	return n->kind == NEIGH_LOCAL && !n->vlan && (k->load->features & LOAD_LIMIT);
}

static void put(struct kvsd *k, const struct neigh *n, uint64_t now)
{
	const struct port *p = port_of(k, n);
	struct kvs_fdb_key key = key_of(n);
	struct kvs_fdb value = {.port = UINT32_MAX, .flags = KVS_FDB_LOCAL | KVS_FDB_STATIC};
	int rc;

	if (!p && !is_local(k, n)) {
		forget(k, &key);
		return;
	}
	if (p)
		value = value_of(n, p->slot, now);
	/* a new entry changes no answer that is remembered */
	rc = bpf_map_update_elem(k->load->fdb, &key, &value, BPF_NOEXIST);
	if (rc == -EEXIST) {
		rc = bpf_map_update_elem(k->load->fdb, &key, &value, BPF_ANY);
		load_changed(k->load);
		k->is_fdb_moved = true;
	}
	if (rc)
		refuse(k, rc);
}

static bool is_adopted(const struct kvsd *k, int bridge)
{
	const struct link *l = link_get(&k->links, bridge);

	return l && l->sw;
}

void fdb_message(struct kvsd *k, const struct nlmsghdr *nlh)
{
	struct kvs_fdb_key key;
	struct neigh n;

	if (!neigh_parse(nlh, &n) || !is_adopted(k, n.bridge))
		return;
	key = key_of(&n);
	if (nlh->nlmsg_type == RTM_NEWNEIGH)
		put(k, &n, load_state(k->load).now);
	else
		forget(k, &key);
}

/* Keys that a dump found, to be sorted and searched. */
struct found {
	struct kvsd *k;
	uint64_t now;
	struct kvs_fdb_key *keys;
	size_t n, size;
	bool is_short; /* of memory: nothing may be concluded */
};

static void on_dump(const struct nlmsghdr *nlh, void *data)
{
	struct found *found = data;
	struct neigh n;

	if (!neigh_parse(nlh, &n) || !is_adopted(found->k, n.bridge))
		return;
	put(found->k, &n, found->now);
	if (found->n == found->size) {
		size_t size = 2 * found->size;
		void *keys = reallocarray(found->keys, size, sizeof(*found->keys));

		found->is_short |= !keys;
		if (!keys)
			return;
		found->keys = keys;
		found->size = size;
	}
	found->keys[found->n++] = key_of(&n);
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct kvs_fdb_key));
}

/* Delete the entries that fn says are to go. In batches: there may be a million. */
static void forget_if(struct kvsd *k, bool (*fn)(const struct kvs_fdb_key *, const void *),
		      const void *data)
{
	_free_ struct kvs_fdb_key *keys = calloc(FDB_BATCH, sizeof(*keys));
	_free_ struct kvs_fdb *values = calloc(FDB_BATCH, sizeof(*values));
	uint32_t at, *in = NULL, n;
	int rc = keys && values ? 0 : -ENOMEM;

	while (!rc) {
		n = FDB_BATCH;
		rc = bpf_map_lookup_batch(k->load->fdb, in, &at, keys, values, &n, NULL);
		in = &at;
		for (uint32_t i = 0; i < n && (!rc || rc == -ENOENT); i++)
			if (fn(&keys[i], data))
				forget(k, &keys[i]);
	}
}

static bool is_other(const struct kvs_fdb_key *key, const void *data)
{
	const struct found *found = data;

	return !bsearch(key, found->keys, found->n, sizeof(*key), compare);
}

static void forget_others(struct kvsd *k, struct found *found)
{
	qsort(found->keys, found->n, sizeof(*found->keys), compare);
	forget_if(k, is_other, found);
}

void fdb_resync(struct kvsd *k)
{
	struct found found = {.k = k, .size = 256};
	int rc;

	if (!k->load)
		return;
	found.keys = calloc(found.size, sizeof(*found.keys));
	if (!found.keys)
		return;
	do {
		k->fdb_refused = 0;
		found.n = 0;
		found.now = load_state(k->load).now;
		rc = neigh_dump(k->nl, on_dump, &found, NULL);
	} while (rc == -EINTR);
	if (!rc && !found.is_short)
		forget_others(k, &found);
	free(found.keys);
	k->is_fdb_full = k->fdb_refused;
}

void fdb_retry(struct kvsd *k)
{
	if (k->fdb_pause) {
		k->fdb_pause--;
		return;
	}
	if (!k->fdb_refused || !k->is_fdb_freed)
		return;
	k->is_fdb_freed = false;
	k->fdb_pause = RETRY_PAUSE;
	fdb_resync(k);
}

static bool is_of_bridge(const struct kvs_fdb_key *key, const void *data)
{
	return key->bridge == *(const uint32_t *)data;
}

void fdb_forget(struct kvsd *k, int bridge)
{
	uint32_t ifindex = bridge;

	forget_if(k, is_of_bridge, &ifindex);
}
