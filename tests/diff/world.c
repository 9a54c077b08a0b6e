// SPDX-License-Identifier: GPL-2.0-only
/* Two equal bridges with taps: make them, and wait for them. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kvs/abi.h"
#include "stp.h"
#include "util.h"
#include "world.h"

#define PATIENCE 60.0

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

const char *const world_modes[] = {"tc", "xdp", "mixed", "stp"};

static int complain(const char *what, int rc)
{
	if (rc >= 0)
		return 0;
	fprintf(stderr, "%s: %s\n", what, strerror(-rc));
	return -1;
}

/* Nothing that the kernel says of its own, and no br_netfilter, which drops malformed IP. */
static void silence(void)
{
	static const struct {
		const char *file, *value;
	} sysctls[] = {
		{"/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"},
		{"/proc/sys/net/ipv6/conf/all/disable_ipv6", "1"},
		{"/proc/sys/net/bridge/bridge-nf-call-iptables", "0"},
		{"/proc/sys/net/bridge/bridge-nf-call-ip6tables", "0"},
		{"/proc/sys/net/bridge/bridge-nf-call-arptables", "0"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(sysctls); i++) {
		_close_ int fd = open(sysctls[i].file, O_WRONLY | O_CLOEXEC);

		if (fd >= 0 && write(fd, sysctls[i].value, 1) != 1)
			fprintf(stderr, "cannot write %s: %m\n", sysctls[i].file);
	}
}

/* The last port's guest has no offloads: what goes there is completed and cut by the kernel. */
static int tap_open(int port)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
	unsigned long offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
	unsigned long uso = 0x60; /* TUN_F_USO4, TUN_F_USO6: Linux 6.2 */
	int ifindex = IF_PORT + port;
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "p%d", port + 1);
	if (fd < 0 || ioctl(fd, TUNSETIFINDEX, &ifindex) || ioctl(fd, TUNSETIFF, &ifr))
		return -errno;
	if (port < PORTS - 1 && ioctl(fd, TUNSETOFFLOAD, offloads | uso) &&
	    ioctl(fd, TUNSETOFFLOAD, offloads))
		return -errno;
	return fd;
}

static int host_open(void)
{
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_ifindex = IF_BRIDGE,
				 .sll_protocol = htons(ETH_P_ALL)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to)))
		return -errno;
	return fd;
}

static int bridge_open(struct side *s)
{
	uint8_t mac[ETH_ALEN];
	int rc;

	frame_bridge(mac);
	rc = nlk_bridge_add(s->nl, IF_BRIDGE, "br0", mac);
	rc = rc ?: nlk_bridge_set(s->nl, IF_BRIDGE, IFLA_BR_AGEING_TIME, 4, AGEING);
	rc = rc ?: nlk_bridge_set(s->nl, IF_BRIDGE, IFLA_BR_MCAST_LAST_MEMBER_INTVL, 8, 1);
	rc = rc ?: nlk_up(s->nl, IF_BRIDGE, true);
	for (int i = 0; !rc && i < STATIONS; i++) { /* for neigh_suppress to answer */
		frame_station(mac, i);
		rc = nlk_neigh(s->nl, IF_BRIDGE, frame_ip(i), mac);
	}
	return rc;
}

static int port_open(struct side *s, int port)
{
	uint8_t mac[ETH_ALEN];
	int rc, ifindex = IF_PORT + port;

	frame_device(mac, port);
	s->tap[port] = tap_open(port);
	if (s->tap[port] < 0)
		return s->tap[port];
	rc = nlk_mac(s->nl, ifindex, mac);
	rc = rc ?: nlk_link_set(s->nl, ifindex, IFLA_MASTER, IF_BRIDGE);
	return rc ?: nlk_up(s->nl, ifindex, true);
}

static int side_open(struct side *s, enum world_mode mode)
{
	int rc;

	if (unshare(CLONE_NEWNET))
		return complain("no network namespace", -errno);
	silence();
	s->netns = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	s->nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (s->netns < 0 || !s->nl || mnl_socket_bind(s->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return complain("netlink", -errno);
	rc = bridge_open(s);
	for (int i = 0; !rc && i < PORTS; i++)
		rc = port_open(s, i);
	if (!rc && mode == MODE_STP)
		rc = stp_open(s);
	if (!rc)
		s->host = host_open();
	return complain("making bridge and taps", rc ?: s->host);
}

static const char *first_path(const struct world *w, int port)
{
	static const char *const mixed[PORTS] = {"xdp", "tc", "xdp", "slow"};

	return w->mode >= MODE_MIXED ? mixed[port] : world_modes[w->mode];
}

int world_open(struct world *w, enum world_mode mode)
{
	memset(w, 0, sizeof(*w));
	w->mode = mode;
	for (int s = 0; s < SIDES; s++) {
		w->side[s].netns = w->side[s].host = -1;
		memset(w->side[s].tap, 0xff, sizeof(w->side[s].tap));
	}
	for (int i = 0; i < PORTS; i++) {
		w->path[i] = first_path(w, i);
		w->is_port[i] = true;
	}
	if (side_open(&w->side[PLAIN], mode) || side_open(&w->side[KVS], mode))
		return -1;
	if (daemon_start(&w->daemon, w->side[KVS].netns) ||
	    world_settle(w, SETTLE_LINKS | SETTLE_PATHS))
		return -1;
	return nlk_fdb_dump(w->side[PLAIN].nl, &w->fdb);
}

static void side_close(struct side *s)
{
	for (int i = 0; i < PORTS; i++)
		close_p(&s->tap[i]);
	close_p(&s->host);
	close_p(&s->netns);
	if (s->nl)
		mnl_socket_close(s->nl);
}

void world_close(struct world *w)
{
	char command[256];

	daemon_end(&w->daemon, SIGKILL);
	for (int i = 0; i < SIDES; i++)
		side_close(&w->side[i]);
	if (!w->daemon.pin[0])
		return;
	snprintf(command, sizeof(command), "rm -rf '%s' '%s'", w->daemon.pin, w->daemon.run);
	if (system(command))
		fprintf(stderr, "%s failed\n", command);
}

/* The kernel hears of carriers with delay. */
static bool is_at_rest(const struct nlk_link *l)
{
	if (!(l->flags & IFF_UP))
		return l->operstate == IF_OPER_DOWN || l->operstate == IF_OPER_UNKNOWN;
	if (!(l->flags & IFF_RUNNING)) /* a bridge without ports that forward */
		return l->operstate == IF_OPER_DOWN;
	return l->operstate == IF_OPER_UP || l->operstate == IF_OPER_UNKNOWN;
}

static bool links_rest(struct world *w)
{
	struct nlk_links a = {}, b = {};

	if (nlk_link_dump(w->side[PLAIN].nl, &a) || nlk_link_dump(w->side[KVS].nl, &b) ||
	    a.n != b.n)
		return false;
	for (uint32_t i = 0; i < a.n; i++)
		if (!is_at_rest(&a.link[i]) || memcmp(&a.link[i], &b.link[i], sizeof(a.link[i])))
			return false;
	return true;
}

static int set_paths(struct world *w)
{
	char name[8];

	for (int i = 0; i < PORTS; i++) {
		snprintf(name, sizeof(name), "p%d", i + 1);
		if (w->is_port[i] && daemon_set_path(&w->daemon, name, w->path[i]))
			return -1;
	}
	return 0;
}

static int wait_links(struct world *w)
{
	double end = daemon_now() + PATIENCE;

	while (!links_rest(w) || (w->mode == MODE_STP && !stp_rests(w))) {
		if (daemon_now() > end) {
			fprintf(stderr, "the links of both sides do not come to be the same\n");
			return -1;
		}
		usleep(1000);
	}
	return w->mode == MODE_STP ? stp_tells(w) : 0;
}

int world_settle(struct world *w, int what)
{
	if ((what & SETTLE_LINKS) && wait_links(w))
		return -1;
	if (!w->daemon.pid)
		return 0;
	if (daemon_settle(&w->daemon))
		return -1;
	if (!(what & SETTLE_PATHS))
		return 0;
	return set_paths(w) ?: daemon_settle(&w->daemon);
}

int world_restart(struct world *w, int signal)
{
	if (signal)
		daemon_end(&w->daemon, signal);
	else if (daemon_start(&w->daemon, w->side[KVS].netns) ||
		 world_settle(w, SETTLE_LINKS | SETTLE_PATHS))
		return -1;
	return 0;
}

/* Counters of all slots, before the world goes. */
void world_count(struct world *w)
{
	int fd = daemon_map(&w->daemon, "kvs_counters"), cpus = libbpf_num_possible_cpus();
	_free_ struct kvs_counters *c = calloc(cpus, sizeof(*c));
	uint32_t key, next, *prev = NULL;

	while (fd >= 0 && c && !bpf_map_get_next_key(fd, prev, &next)) {
		key = next;
		prev = &key;
		if (bpf_map_lookup_elem(fd, &key, c))
			continue;
		for (int i = 0; i < cpus; i++) {
			w->fast_tc += c[i].fast_tc;
			w->fast_xdp += c[i].fast_xdp;
		}
	}
	close_p(&fd);
}
