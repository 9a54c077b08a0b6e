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

static struct kvs_fdb_key key_of(const struct neigh *n)
{
	struct kvs_fdb_key key = {.vlan = n->vlan, .bridge = n->bridge};

	memcpy(key.mac, n->mac, sizeof(key.mac));
	return key;
}

static struct kvs_fdb value_of(const struct load *load, const struct neigh *n, uint32_t slot)
{
	uint64_t now = load_state(load).now, age = load_jiffies(n->age);
	struct kvs_fdb value = {.port = slot, .heard = now > age ? now - age : 0};

	if (n->kind != NEIGH_LEARNED && !n->is_watched)
		value.flags |= KVS_FDB_STATIC;
	if (n->is_sticky)
		value.flags |= KVS_FDB_STICKY;
	return value;
}

static void refuse(struct kvsd *k, const struct kvs_fdb_key *key, int rc)
{
	if (!k->fdb_refused++)
		log_warn(
			"FDB: some stations stay on the slow path: %s (limits.fdb is %u; raise it in kvs.yaml and restart kvsd)",
			strerror(-rc), k->load->fdb_max);
}

/* The port an entry leads to, if the fast path may use it. */
static const struct port *port_of(const struct kvsd *k, const struct neigh *n)
{
	const struct link *l = link_get(&k->links, n->ifindex);

	if (n->kind == NEIGH_LOCAL || n->is_locked || n->ifindex == n->bridge)
		return NULL;
	return l ? l->port : NULL;
}

static void put(struct kvsd *k, const struct neigh *n)
{
	const struct port *p = port_of(k, n);
	struct kvs_fdb_key key = key_of(n);
	struct kvs_fdb value;
	int rc;

	if (!p) {
		bpf_map_delete_elem(k->load->fdb, &key);
		return;
	}
	value = value_of(k->load, n, p->slot);
	rc = bpf_map_update_elem(k->load->fdb, &key, &value, 0);
	if (rc)
		refuse(k, &key, rc);
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
		put(k, &n);
	else
		bpf_map_delete_elem(k->load->fdb, &key);
}

/* Keys that a dump found, to be sorted and searched. */
struct found {
	struct kvsd *k;
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
	put(found->k, &n);
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

static void forget_others(struct kvsd *k, struct found *found)
{
	struct kvs_fdb_key key, next, *prev = NULL;
	bool more;

	qsort(found->keys, found->n, sizeof(key), compare);
	more = !bpf_map_get_next_key(k->load->fdb, prev, &key);
	while (more) { /* the next one first: the key may go */
		more = !bpf_map_get_next_key(k->load->fdb, &key, &next);
		if (!bsearch(&key, found->keys, found->n, sizeof(key), compare))
			bpf_map_delete_elem(k->load->fdb, &key);
		key = next;
	}
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
	k->fdb_refused = 0;
	do {
		found.n = 0;
		rc = neigh_dump(k->nl, on_dump, &found, NULL);
	} while (rc == -EINTR);
	if (!rc && !found.is_short)
		forget_others(k, &found);
	free(found.keys);
}

void fdb_forget(struct kvsd *k, int bridge)
{
	struct kvs_fdb_key key, next;
	bool more = !bpf_map_get_next_key(k->load->fdb, NULL, &key);

	while (more) {
		more = !bpf_map_get_next_key(k->load->fdb, &key, &next);
		if (key.bridge == (uint32_t)bridge)
			bpf_map_delete_elem(k->load->fdb, &key);
		key = next;
	}
}
