// SPDX-License-Identifier: GPL-2.0-only
/* MACs that the tc hook has learned for guards go when the bridge has forgotten them. */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "guard_maps.h"
#include "guard_sweep.h"

#define BATCH       1024 /* entries read at once */
#define PAUSE       3    /* seconds between two sweeps */
#define PAUSE_QUIET 60   /* where the bridge has said nothing */

/* What was learned and the bridge does not know. It may be about to: so it goes when that is still
 * so at the next sweep. */
struct guard_sweep {
	struct kvs_guard_mac *gone;
	size_t n;
	unsigned int since; /* seconds */
};

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct kvs_guard_mac));
}

static bool has(const struct kvs_guard_mac *list, size_t n, const struct kvs_guard_mac *mac)
{
	return n && bsearch(mac, list, n, sizeof(*mac), compare);
}

static struct kvs_guard_mac *find(struct kvs_guard_mac *list, size_t n, uint32_t slot,
				  const uint8_t mac[6])
{
	struct kvs_guard_mac key = {.slot = slot};

	memcpy(key.mac, mac, sizeof(key.mac));
	return bsearch(&key, list, n, sizeof(key), compare);
}

/* Mark those of list that the bridge has, in whatever VLAN. 0 or -errno */
static int mark_known(const struct load *load, struct kvs_guard_mac *list, size_t n, bool *known)
{
	_free_ struct kvs_fdb_key *keys = calloc(BATCH, sizeof(*keys));
	_free_ struct kvs_fdb *values = calloc(BATCH, sizeof(*values));
	uint32_t at, *in = NULL, got;
	int rc = keys && values ? 0 : -ENOMEM;

	while (!rc) {
		got = BATCH;
		rc = bpf_map_lookup_batch(load->fdb, in, &at, keys, values, &got, NULL);
		in = &at;
		for (uint32_t i = 0; i < got && (!rc || rc == -ENOENT); i++) {
			struct kvs_guard_mac *mac = find(list, n, values[i].port, keys[i].mac);

			if (mac)
				known[mac - list] = true;
		}
	}
	return rc == -ENOENT ? 0 : rc;
}

/* Leaves those in list that were not known at the last sweep either, or from now on are to be
 * watched. */
static size_t forget_gone(struct kvsd *k, struct kvs_guard_mac *list, size_t n, const bool *known)
{
	const struct guard_sweep *s = k->guard_sweep;
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		struct kvs_guard_mac mac = list[i];

		if (known[i])
			continue;
		if (has(s->gone, s->n, &mac))
			guard_maps_forget(k->load, &mac);
		else
			list[left++] = mac;
	}
	if (left < n)
		load_changed(k->load);
	return left;
}

static void sweep(struct kvsd *k)
{
	struct guard_sweep *s = k->guard_sweep;
	size_t n;
	struct kvs_guard_mac *list = guard_maps_learned(k->load->guard_macs, &n);
	_free_ bool *known = calloc(n + 1, sizeof(*known));

	if (!list || !known || (n && mark_known(k->load, list, n, known))) {
		free(list);
		return;
	}
	n = forget_gone(k, list, n, known);
	free(s->gone);
	s->gone = list;
	s->n = n;
}

void guard_sweep(struct kvsd *k)
{
	struct guard_sweep *s = k->guard_sweep;
	bool is_due;

	if (!s)
		s = k->guard_sweep = calloc(1, sizeof(*s));
	if (!s || k->fdb_refused) /* what the bridge knows is not known */
		return;
	s->since++;
	is_due = k->is_fdb_moved || s->n ? s->since >= PAUSE : s->since >= PAUSE_QUIET;
	if (!is_due)
		return;
	s->since = 0;
	k->is_fdb_moved = false;
	sweep(k);
}

void guard_sweep_free(struct kvsd *k)
{
	if (k->guard_sweep)
		free(k->guard_sweep->gone);
	free(k->guard_sweep);
	k->guard_sweep = NULL;
}
