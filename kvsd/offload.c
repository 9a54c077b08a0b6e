// SPDX-License-Identifier: GPL-2.0-only
/* VLAN tags that travel beside the frame, where XDP does not see them. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "offload.h"
#include "peerns.h"

#define BLOCKS 8 /* of 32 features; the kernel says how many it has */

/* A device's features, by ethtool. */
struct features {
	int sock;
	struct ifreq ifr;
	int bit[2]; /* of the two features below, or -1 */
	union {
		struct ethtool_gfeatures get;
		char room[sizeof(struct ethtool_gfeatures) +
			  BLOCKS * sizeof(struct ethtool_get_features_block)];
	};
};

static const uint32_t flags[2] = {KVS_PORT_TAGS_CTAG, KVS_PORT_TAGS_STAG};

static const char *const sent[2] = {"tx-vlan-hw-insert", "tx-vlan-stag-hw-insert"};
static const char *const received[2] = {"rx-vlan-hw-parse", "rx-vlan-stag-hw-parse"};

static bool is_kind(const struct link *l, const char *kind)
{
	return !strcmp(l->kind, kind);
}

static int ask(struct features *f, void *command)
{
	f->ifr.ifr_data = command;
	return ioctl(f->sock, SIOCETHTOOL, &f->ifr) < 0 ? -errno : 0;
}

static int count_names(struct features *f, uint32_t *n)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t n;
	} sset = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES}};
	int rc = ask(f, &sset);

	*n = sset.info.sset_mask ? sset.n : 0;
	return rc;
}

static int find_bits(struct features *f, const char *const names[2])
{
	_free_ struct ethtool_gstrings *all = NULL;
	uint32_t n = 0;
	int rc = count_names(f, &n);

	f->bit[0] = f->bit[1] = -1;
	if (rc)
		return rc;
	all = calloc(1, sizeof(*all) + n * ETH_GSTRING_LEN);
	if (!all)
		return -ENOMEM;
	all->cmd = ETHTOOL_GSTRINGS;
	all->string_set = ETH_SS_FEATURES;
	all->len = n;
	rc = ask(f, all);
	for (uint32_t i = 0; !rc && i < n && i < 32 * BLOCKS; i++)
		for (int k = 0; k < 2; k++)
			if (!strncmp((char *)all->data + i * ETH_GSTRING_LEN, names[k],
				     ETH_GSTRING_LEN))
				f->bit[k] = i;
	return rc;
}

/* Which of the two are on. */
static int get(struct features *f, uint32_t *on)
{
	int rc;

	memset(f->room, 0, sizeof(f->room));
	f->get.cmd = ETHTOOL_GFEATURES;
	f->get.size = BLOCKS;
	rc = ask(f, &f->get);
	*on = 0;
	for (int k = 0; k < 2 && !rc; k++)
		if (f->bit[k] >= 0 && f->get.features[f->bit[k] / 32].active >> f->bit[k] % 32 & 1)
			*on |= flags[k];
	return rc;
}

static int set(struct features *f, uint32_t which, bool on)
{
	char room[sizeof(struct ethtool_sfeatures) +
		  BLOCKS * sizeof(struct ethtool_set_features_block)] = {};
	struct ethtool_sfeatures *request = (void *)room;

	request->cmd = ETHTOOL_SFEATURES;
	request->size = f->get.size;
	for (int k = 0; k < 2; k++) {
		struct ethtool_set_features_block *b = &request->features[f->bit[k] / 32];

		if (f->bit[k] < 0 || !(which & flags[k]))
			continue;
		b->valid |= 1u << f->bit[k] % 32;
		if (on)
			b->requested |= 1u << f->bit[k] % 32;
	}
	return ask(f, request);
}

static int open_features(struct kvsd *k, const struct link *l, struct features *f, uint32_t *on,
			 struct err *err)
{
	bool is_veth = is_kind(l, "veth");
	int rc;

	memset(f, 0, sizeof(*f));
	f->sock = is_veth ? peer_socket(&k->netns, l->lower, l->lower_nsid, &f->ifr, err)
			  : peer_socket(&k->netns, l->ifindex, PEERNS_SAME, &f->ifr, err);
	if (f->sock < 0)
		return f->sock;
	rc = find_bits(f, is_veth ? sent : received) ?: get(f, on);
	if (rc) {
		close(f->sock);
		return err_set(err, rc, "the offloads of '%s' are out of reach: %s",
			       f->ifr.ifr_name, strerror(-rc));
	}
	return 0;
}

static int switch_off(struct link *l, struct features *f, uint32_t on, struct err *err)
{
	uint32_t still;
	int rc;

	if (!on)
		return 0;
	rc = set(f, on, false) ?: get(f, &still);
	if (rc || still)
		return err_set(
			err, rc ?: -EOPNOTSUPP,
			"'%s' keeps VLAN tags beside the frame, which XDP does not see, and that cannot be switched off",
			f->ifr.ifr_name);
	l->port->tags |= on;
	return 0;
}

int offload_sync(struct kvsd *k, struct link *l, struct err *err)
{
	struct features f;
	uint32_t on;
	int rc;

	if (l->port->is_tags_seen || is_kind(l, "tun")) {
		l->port->is_tags_seen = true;
		return 0;
	}
	rc = open_features(k, l, &f, &on, err);
	if (rc)
		return rc;
	rc = switch_off(l, &f, on, err);
	close(f.sock);
	l->port->is_tags_seen = !rc;
	return rc;
}

void offload_restore(struct kvsd *k, struct link *l)
{
	uint32_t tags = l->port->tags, on;
	struct features f;
	struct err err;
	int rc;

	l->port->is_tags_seen = false;
	l->port->tags = 0;
	if (!tags)
		return;
	rc = open_features(k, l, &f, &on, &err);
	if (rc && rc != -ENODEV && rc != -ENOENT)
		log_warn("%s: VLAN offloads stay off: %s", l->name, err.text);
	if (rc)
		return;
	if (set(&f, tags, true))
		log_warn("%s: VLAN offloads of '%s' stay off", l->name, f.ifr.ifr_name);
	close(f.sock);
}

void offload_check(struct kvsd *k, struct link *l)
{
	struct features f;
	struct err err;
	uint32_t on;

	if (l->port->xdp_link < 0 || is_kind(l, "tun") || open_features(k, l, &f, &on, &err))
		return;
	if (on)
		log_warn(
			"%s: VLAN offloads were switched on, which XDP cannot have: switching them off",
			l->name);
	if (switch_off(l, &f, on, &err))
		log_warn("%s: %s", l->name, err.text);
	close(f.sock);
}
