// SPDX-License-Identifier: GPL-2.0-only
/* What the other end of a veth has sent by XDP, from the driver's statistics (ethtool -S). */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

#include "peer.h"
#include "peerns.h"

/* Of more queues than a veth can have. The kernel fills in as many as there are by then, and who
 * owns the namespace may add queues meanwhile. Memory that is not touched costs nothing.
 */
#define STATS_MAX 65536

/* Redirected to the device; turned back at it. A name is as "tx_queue_0_xdp_xmit". */
static const char *const endings[] = {"_xdp_xmit", "_xdp_tx"};

static int ask(int sock, struct ifreq *ifr, void *command)
{
	ifr->ifr_data = command;
	return ioctl(sock, SIOCETHTOOL, ifr) < 0 ? -errno : 0;
}

static bool ends_with(const char *text, const char *ending)
{
	size_t n = strlen(text), m = strlen(ending);

	return n >= m && !strcmp(text + n - m, ending);
}

static bool is_wanted(const uint8_t *name)
{
	char text[ETH_GSTRING_LEN + 1] = {};

	memcpy(text, name, ETH_GSTRING_LEN);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (ends_with(text, endings[i]))
			return true;
	return false;
}

static int count_stats(int sock, struct ifreq *ifr, uint32_t *n)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t n;
	} sset = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_STATS}};
	int rc = ask(sock, ifr, &sset);

	*n = sset.info.sset_mask ? sset.n : 0;
	return rc;
}

static int sum_stats(int sock, struct ifreq *ifr, uint32_t n, uint64_t *sum)
{
	_free_ struct ethtool_gstrings *names =
		calloc(1, sizeof(*names) + STATS_MAX * ETH_GSTRING_LEN);
	_free_ struct ethtool_stats *stats =
		calloc(1, sizeof(*stats) + STATS_MAX * sizeof(uint64_t));
	int rc;

	if (n > STATS_MAX)
		return -E2BIG;
	if (!names || !stats)
		return -ENOMEM;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	names->len = n;
	stats->cmd = ETHTOOL_GSTATS;
	stats->n_stats = n;
	rc = ask(sock, ifr, names) ?: ask(sock, ifr, stats);
	*sum = 0;
	for (uint32_t i = 0; i < n && !rc; i++)
		if (is_wanted(names->data + i * ETH_GSTRING_LEN))
			*sum += stats->data[i];
	return rc;
}

int peer_sent_by_xdp(struct kvsd *k, const struct link *l, uint64_t *frames)
{
	struct ifreq ifr;
	_close_ int sock = peer_socket(&k->netns, l->lower, l->lower_nsid, &ifr, NULL);
	uint32_t n;

	return sock < 0 ? sock : count_stats(sock, &ifr, &n) ?: sum_stats(sock, &ifr, n, frames);
}
