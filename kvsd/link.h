/* SPDX-License-Identifier: GPL-2.0-only */
/* The devices of the namespace as rtnetlink tells of them: what the rest of kvsd decides by. */
#pragma once

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#define LINK_LOWER_UP 0x10000 /* in link.flags, IFF_LOWER_UP: for a veth, its other end is up */

/* link.brport */
enum {
	LINK_HAIRPIN = 1 << 0,
	LINK_LEARNING = 1 << 1,
	LINK_ISOLATED = 1 << 2,
	LINK_LOCKED = 1 << 3,
	LINK_SUPPRESS = 1 << 4, /* neigh_suppress, of the port or of a VLAN, or proxy_arp */
	LINK_VLAN_TUNNEL = 1 << 5,
};

struct port;
struct sw;

struct link {
	struct link *next; /* in its bucket */
	int ifindex;
	char name[IFNAMSIZ];
	char kind[16]; /* IFLA_INFO_KIND: "bridge", "veth", "tun"; "" for a physical device */
	char mac[18];
	char qdisc[16];     /* the root's kind */
	unsigned int flags; /* IFF_* */
	uint32_t mtu;
	uint32_t promiscuity;
	int master;         /* ifindex, or 0 */
	int lower;          /* IFLA_LINK, or 0: the peer of a veth, the base of a VLAN */
	int lower_nsid;     /* namespace of lower, -1: this one */
	uint32_t xdp_prog;  /* id of the program attached, or 0 */
	bool has_switch_id; /* port of switch hardware */
	bool is_wire;       /* what it receives came over a wire, with complete checksums */

	bool is_port;        /* of a bridge: state and brport hold */
	uint8_t state;       /* BR_STATE_* */
	unsigned int brport; /* LINK_* */

	bool vlan_filtering; /* of a bridge, as the rest below */
	bool vlan_stag;      /* its tags are those of 802.1ad */
	bool vlan_stats;
	bool mst;
	bool stp;
	uint8_t nf_call; /* 1 << NETFILTER_*: nf_call_iptables and its kin */
	uint32_t ageing; /* 1/100 s */

	unsigned int seen; /* links.generation of the last message */
	struct sw *sw;     /* kvsd's side of an adopted bridge */
	struct port *port; /* kvsd's side of a port of one */
	bool is_refused;   /* a port, but over a limit; said once */
	bool is_closed;    /* a port, disabled by us, since there is no hook for its guard */
	bool is_released;  /* somebody said so: a pattern does not adopt it again */
};

#define LINK_BUCKETS 1024

struct links {
	struct link *bucket[LINK_BUCKETS];
	unsigned int generation;
};

#define links_for_each(links, l)                           \
	for (unsigned int i_ = 0; i_ < LINK_BUCKETS; i_++) \
		for (struct link *l = (links)->bucket[i_], *n_; l && (n_ = l->next, true); l = n_)

struct link *link_get(const struct links *links, int ifindex);
struct link *link_by_name(const struct links *links, const char *name);

static inline bool link_is_bridge(const struct link *l)
{
	return l && !__builtin_strcmp(l->kind, "bridge");
}

/* Take in an RTM_NEWLINK (the device is made if new) or, with AF_BRIDGE, what it says of the port.
 * NULL: without memory, or a message that says nothing of a device that is known.
 */
struct link *link_update(struct links *links, const struct nlmsghdr *nlh);

/* Forget the device; its port and sw must be gone. */
void link_remove(struct links *links, struct link *l);
void links_free(struct links *links);
