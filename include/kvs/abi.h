/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF programs and kvsd share: the maps' keys and values, and every reason a frame can
 * meet.
 *
 *   map           key                  value            written by          read by
 *   kvs_ports     slot                 struct kvs_port  kvsd                hooks
 *   kvs_fdb       struct kvs_fdb_key   struct kvs_fdb   kvsd, tc hook (*)   hooks
 *   kvs_vlans     slot                 kvs_vlans        kvsd                hooks
 *   kvs_devmap    slot                 ifindex          kvsd, the kernel    hooks
 *   kvs_counters  slot                 kvs_counters     hooks, per CPU      kvsd
 *   kvs_state     0                    kvs_state        kvs_heartbeat (*)   hooks, kvsd
 *   kvs_switches  ifindex of a bridge  kvs_switch       kvsd                kvsd after a restart
 *   kvs_egress_counters  slot          kvs_egress_counters  egress hook, per CPU  kvsd
 *   kvs_admit_counters  ifindex of a bridge  frames refused  its ingress hook, per CPU  kvsd
 *   kvs_groups    number of a community  kvs_group  kvsd                kvsd after a restart
 *   kvs_guards    slot                 kvs_guard        kvsd, hooks (*)     hooks
 *   kvs_guard_macs   kvs_guard_mac     kvs_guard_owner  kvsd, tc hook       hooks
 *   kvs_guard_addrs  kvs_guard_addr    kvs_guard_lease  kvsd                hooks
 *   kvs_guard_counters  slot           kvs_guard_counters  hooks, per CPU   kvsd
 *   kvs_limits    slot                 kvs_limit        kvsd, hooks (*)     hooks
 *
 * (*) the tc hook writes `heard`, sets KVS_FDB_MOVED and counts `moved`; kvsd writes `netns` when
 * it makes the map; the tc hook counts kvs_guard.macs; the hooks move kvs_bucket.full_at. The maps
 * of guards and limits have one entry while no port has any.
 *
 * A slot is a port's place in kvs_ports: the first free one of KVS_PORT_PROBES from (ifindex &
 * port_mask) on, wrapping round. The same slot keys kvs_devmap and kvs_counters, and is what an FDB
 * entry points to.
 *
 * All numbers are in host byte order. Padding is explicit and zero, since keys are compared as
 * bytes. Whoever changes a layout raises KVS_ABI: kvsd then does not take over maps that an older
 * one pinned.
 */
#pragma once

#include <linux/types.h>

#define KVS_ABI 8

#define KVS_PORT_PROBES 16 /* slots tried for one ifindex */
#define KVS_STALE_AFTER 30 /* seconds without a heartbeat until the fast path steps aside */
#define KVS_CSUM_MAX \
	2048 /* longest L4 datagram, in bytes, whose checksum XDP completes or verifies */
#define KVS_NAME_MAX 16 /* IFNAMSIZ, with the closing 0 */

/* Why a frame was refused for good. Names and texts: lib/reason.c; man page: kvs(7). */
enum kvs_drop {
	KVS_DROP_BAD_SOURCE, /* source is a group address or zero; the bridge drops it too,
				uncounted */
	KVS_DROP_NO_MEMORY, /* its tag could not be put in or taken off; neither could the bridge */
	KVS_DROP_GROUP,     /* the ports' groups may not talk to each other */
	KVS_DROP_NOT_ADMITTED, /* by a port whose hooks are not in place yet */
	/* by the guard of the port it came in by, kvs-guard(8), in the order they are looked for */
	KVS_DROP_SHUT,        /* the guard could not be installed */
	KVS_DROP_TAG,         /* a VLAN tag, of a port that has none to send */
	KVS_DROP_ETHERTYPE,   /* not one of those allowed */
	KVS_DROP_LINK_LOCAL,  /* to 01:80:c2:00:00:0x: BPDU, LLDP, LACP, pause, ... */
	KVS_DROP_MAC,         /* source MAC is not one of the port's */
	KVS_DROP_MAC_CLAIMED, /* source MAC is held, sticky, by another port */
	KVS_DROP_MAC_LIMIT,   /* one MAC more than the port may have */
	KVS_DROP_MALFORMED,   /* a header is cut or contradicts itself: what it is cannot be told */
	KVS_DROP_FRAGMENT,    /* a fragment that hides the headers, or would overwrite them */
	KVS_DROP_ARP,         /* sender or target is not what the port may claim */
	KVS_DROP_IPV4,        /* source address is not one of the port's */
	KVS_DROP_IPV6,        /* likewise */
	KVS_DROP_ND,          /* neighbour discovery that claims what is not the port's */
	KVS_DROP_ROUTER,      /* router advertisement or redirect */
	KVS_DROP_DHCP,        /* answer of a DHCP server, v4 or v6 */
	/* over a limit of the port's, in the order of enum kvs_limit_kind */
	KVS_DROP_RATE,            /* more than the port may send */
	KVS_DROP_STORM_BROADCAST, /* more to everybody */
	KVS_DROP_STORM_MULTICAST, /* more to groups */
	KVS_DROP_STORM_UNKNOWN,   /* more to stations that the bridge does not know */
	KVS_DROP_MAX,
};

#define KVS_DROP_PLAIN  KVS_DROP_SHUT /* the reasons before need no guard */
#define KVS_GUARD_DROPS (KVS_DROP_MAX - KVS_DROP_PLAIN)

/* Why a frame was handed to the bridge. KVS_GO is no reason: the fast path takes the frame. */
enum kvs_slow {
	KVS_GO,
	KVS_SLOW_STALE,       /* no heartbeat from kvsd for KVS_STALE_AFTER seconds */
	KVS_SLOW_PATH,        /* path slow is configured */
	KVS_SLOW_STATE,       /* the port is not forwarding */
	KVS_SLOW_MST,         /* the bridge has a spanning tree per VLAN */
	KVS_SLOW_VLAN_STATS,  /* the bridge counts frames by VLAN */
	KVS_SLOW_VLAN_TUNNEL, /* the port, or the target, maps VLANs to tunnels */
	KVS_SLOW_NETFILTER,   /* netfilter rules see the bridge's frames, or those of a port */
	KVS_SLOW_PROMISC,   /* somebody listens on the bridge device and wants to see every frame */
	KVS_SLOW_LOCKED,    /* the port is locked: the bridge authorises sources */
	KVS_SLOW_OFFLOADED, /* switch hardware may have forwarded the frame already */
	KVS_SLOW_VLAN_UPPER, /* tagged, and the port carries VLAN devices of its own */
	KVS_SLOW_SUPPRESS,   /* ARP or ND, and the bridge may answer in the target's place */
	KVS_SLOW_CONTROL,    /* of MRP or CFM, which the bridge may speak itself */
	KVS_SLOW_MULTICAST,  /* group or broadcast destination */
	KVS_SLOW_TAGS,       /* too short for its tags to be judged */
	KVS_SLOW_VLAN, /* the port, or the target, is not in the frame's VLAN, or does not forward
			  it */
	KVS_SLOW_SRC_UNKNOWN, /* source to be learned */
	KVS_SLOW_SRC_MOVED,   /* source known on another port */
	KVS_SLOW_REFRESH, /* the bridge has to hear the source now and then, or would age it out */
	KVS_SLOW_DST_UNKNOWN, /* destination to be flooded, or the host's own */
	KVS_SLOW_HAIRPIN,     /* destination is on the port the frame came from */
	KVS_SLOW_TARGET,      /* target port is not forwarding, or gone */
	KVS_SLOW_ISOLATED,    /* both ports are isolated */
	KVS_SLOW_MTU,         /* longer than the target's MTU, and not GSO */
	KVS_SLOW_MAX,
};

/* kvs_port.flags. What a bridge knows is copied to each of its ports, so that a frame needs one
 * look-up. */
enum {
	KVS_PORT_FORWARDING = 1 << 0, /* IFLA_BRPORT_STATE: forwarding */
	KVS_PORT_SLOW = 1 << 1,       /* path slow */
	KVS_PORT_VLAN_AWARE = 1 << 2, /* IFLA_BR_VLAN_FILTERING of the bridge */
	KVS_PORT_PROMISC = 1 << 3,    /* IFLA_PROMISCUITY of the bridge is not 0 */
	KVS_PORT_LOCKED = 1 << 4,     /* IFLA_BRPORT_LOCKED */
	KVS_PORT_OFFLOADED = 1 << 5,  /* IFLA_PHYS_SWITCH_ID is present */
	KVS_PORT_VLAN_UPPER = 1 << 6, /* a VLAN device's IFLA_LINK is this port */
	KVS_PORT_SUPPRESS = 1 << 7,   /* some port of the bridge has neigh_suppress or proxy_arp */
	KVS_PORT_ISOLATED = 1 << 8,   /* IFLA_BRPORT_ISOLATED */
	KVS_PORT_HAIRPIN = 1 << 9,    /* IFLA_BRPORT_MODE */
	KVS_PORT_LEARNING = 1 << 10,  /* IFLA_BRPORT_LEARNING */
	KVS_PORT_XDP_TX = 1 << 11, /* XDP may redirect to it: the driver and, for a veth, the peer
				      take such frames */
	KVS_PORT_CSUM_DONE = 1 << 12, /* what comes in never has a partial checksum (a wire, a tap
					 without vnet_hdr) */
	KVS_PORT_PEER_GRO =
		1
		<< 13, /* for kvsd: it switched GRO on at the veth's other end, and puts it back */
	KVS_PORT_CLSACT = 1 << 14, /* for kvsd: it made the port's clsact qdisc, and takes it off */
	KVS_PORT_NO_ADDR =
		1
		<< 15, /* for kvsd: it set the port's addr_gen_mode to none, and puts eui64 back */
	KVS_PORT_STAG = 1 << 16,        /* IFLA_BR_VLAN_PROTOCOL of the bridge: 802.1ad */
	KVS_PORT_MST = 1 << 17,         /* BR_BOOLOPT_MST_ENABLE of the bridge */
	KVS_PORT_VLAN_STATS = 1 << 18,  /* IFLA_BR_VLAN_STATS_ENABLED of the bridge */
	KVS_PORT_VLAN_TUNNEL = 1 << 19, /* IFLA_BRPORT_VLAN_TUNNEL */
	/* for kvsd: it had tags sent in the frame, by a veth's other end or from a wire, and puts
	 * that back */
	KVS_PORT_TAGS_CTAG = 1 << 20,     /* of 802.1Q */
	KVS_PORT_TAGS_STAG = 1 << 21,     /* of 802.1ad */
	KVS_PORT_NETFILTER = 1 << 22,     /* netfilter rules see what comes in here */
	KVS_PORT_NETFILTER_OUT = 1 << 23, /* netfilter rules at this port see what goes out */
	KVS_PORT_TAP = 1 << 24,   /* what comes in may reach XDP as an skb: large frames and GSO */
	KVS_PORT_GUARD = 1 << 25, /* kvs_guards has what it may send */
	KVS_PORT_VETH =
		1 << 26, /* its driver knows of what reaches XDP whether a checksum is partial */
	KVS_PORT_ADMIT = 1 << 27, /* its egress hook refuses what no hook has seen before */
};

struct kvs_port {
	__u32 ifindex;   /* 0: the slot is free */
	__u32 bridge;    /* ifindex of the bridge */
	__u32 max_frame; /* bytes with Ethernet header, without the outer tag: MTU + 18, as the
			    bridge reckons */
	__u32 flags;     /* KVS_PORT_* */
	__u32 refresh;   /* jiffies after which the bridge has to hear a source again */
	__u8 path;       /* for kvsd: enum kvs_path that is wanted */
	__u8 pad;
	__u16 group; /* who it may talk to: enum kvs_group_kind, or number of its community */
};

/* kvs_port.group. Numbers from KVS_GROUP_COMMUNITY on are communities. */
enum kvs_group_kind {
	KVS_GROUP_PROMISCUOUS, /* to all ports of the switch */
	KVS_GROUP_ISOLATED,    /* to promiscuous ports alone */
	KVS_GROUP_COMMUNITY,   /* to those of its community, and to promiscuous ports */
};

struct kvs_group {
	char name[KVS_NAME_MAX];
};

struct kvs_fdb_key {
	__u8 mac[6];
	__u16 vlan;   /* 0 on a bridge that does not filter VLANs */
	__u32 bridge; /* ifindex */
};

#define KVS_VLAN_WORDS (4096 / 64)

/* What a bridge that filters VLANs knows of a port, a bit for each VLAN. */
struct kvs_vlans {
	__u64 member[KVS_VLAN_WORDS];   /* the port is in it, and it forwards */
	__u64 untagged[KVS_VLAN_WORDS]; /* its frames leave without the tag */
	__u32 pvid; /* the VLAN of frames that come in without a tag, or with VLAN 0; 0: none */
	__u32 pad;
};

/* kvs_fdb.flags */
enum {
	KVS_FDB_STATIC = 1 << 0, /* the bridge need not hear it: neither aged nor watched */
	KVS_FDB_STICKY = 1 << 1, /* does not move, whoever claims it */
	KVS_FDB_MOVED = 1 << 2,  /* seen on another port: not to be used until kvsd has read the
				    bridge's answer */
	KVS_FDB_LOCAL = 1 << 3,  /* the bridge's own, for limits on what it would flood: static,
				    of VLAN 0 and of no port */
};

struct kvs_fdb {
	__u32 port; /* slot */
	__u32 flags;
	__u64 heard; /* jiffies64 when the bridge last heard the station, as far as the tc hook
			knows */
};

/* Each frame a port receives is counted in exactly one of fast_xdp, fast_tc, slow[], drop[] and
 * kvs_guard_counters.drop[]. */
struct kvs_counters {
	__u64 rx_bytes; /* with Ethernet header */
	__u64 fast_xdp;
	__u64 fast_tc;
	__u64 slow[KVS_SLOW_MAX];
	__u64 drop[KVS_DROP_PLAIN];
};

/* Frames that others sent and the port was not to receive: the egress hook of the port refused
 * them. The ports they came in by have counted them as slow. */
struct kvs_egress_counters {
	__u64 drop[KVS_DROP_PLAIN];
};

/* kvs_guard.flags */
enum {
	KVS_GUARD_SHUT =
		1 << 0, /* refuse everything: what the port may send could not be written */
	KVS_GUARD_AUDIT = 1 << 1,      /* count what would be refused, and let it pass; not SHUT */
	KVS_GUARD_TAGS = 1 << 2,       /* no VLAN tags */
	KVS_GUARD_LINK_LOCAL = 1 << 3, /* nothing to 01:80:c2:00:00:00 to :0f */
	KVS_GUARD_MACS = 1 << 4,       /* sources in kvs_guard_macs alone */
	KVS_GUARD_STICKY = 1 << 5,     /* no source that is sticky at another port */
	KVS_GUARD_ADDRESSES = 1 << 6,  /* sources in kvs_guard_addrs alone: IP, ARP, ND */
	KVS_GUARD_ROUTER = 1 << 7,     /* no router advertisements, no redirects */
	KVS_GUARD_DHCP = 1 << 8,       /* no answers of DHCP servers */
	KVS_GUARD_RATE = 1 << 9,       /* kvs_limits has how much it may send */
	KVS_GUARD_STORM = 1 << 10,     /* and how much of it to many */
};

#define KVS_GUARD_TYPES 8
#define KVS_GUARD_LLC   1 /* in types[], in network byte order too: a length, as of 802.3 */

/* What a port may send. kvsd raises kvs_state.version after any change of it, and of the maps
 * below: answers that the hooks remember hold until then. */
struct kvs_guard {
	__u32 flags;    /* KVS_GUARD_*; 0: nothing is looked at but what follows */
	__u32 max_macs; /* sources that the tc hook may enter in kvs_guard_macs; 0: any number, and
			   none is entered */
	__u32 macs; /* as many of the port are in kvs_guard_macs, by max_macs; the tc hook adds to
		       it at any time */
	__u32 pad;
	__be16 types[KVS_GUARD_TYPES]; /* ethertypes behind the tags, as in the frame; unused: 0.
					  types[0] 0: all */
	char name[KVS_NAME_MAX];       /* for kvsd: as kvs.yaml calls it */
};

struct kvs_guard_mac {
	__u32 slot;
	__u8 mac[6];
	__u16 pad;
};

/* kvs_guard_owner.flags, kvs_guard_lease.flags */
enum {
	KVS_GUARD_LEARNED = 1 << 0, /* by a hook, not configured */
};

struct kvs_guard_owner {
	__u32 flags;
};

/* Key of a longest-prefix match. */
struct kvs_guard_addr {
	__u32 prefixlen; /* bits of what follows: 32 and those of addr */
	__u32 slot;
	__u8 addr[16]; /* as in the header; IPv4 as ::ffff:a.b.c.d */
};

struct kvs_guard_lease {
	__u64 until; /* jiffies64 from which the entry is void; 0: never */
	__u32 flags;
	__u32 pad;
};

/* Of a port that has a guard. In mode audit a frame is counted in audit[] at most once, by its
 * first reason, and in kvs_counters besides. */
struct kvs_guard_counters {
	__u64 drop[KVS_GUARD_DROPS]; /* enum kvs_drop less KVS_DROP_PLAIN */
	__u64 audit[KVS_GUARD_DROPS];
};

/* What a limit is of. */
enum kvs_limit_kind {
	KVS_LIMIT_RATE, /* all frames */
	KVS_LIMIT_BROADCAST,
	KVS_LIMIT_MULTICAST, /* to groups, but not to everybody */
	KVS_LIMIT_UNKNOWN,   /* to stations that are not in the FDB */
	KVS_LIMIT_MAX,
};

/* kvs_bucket.unit */
enum kvs_limit_unit {
	KVS_LIMIT_BITS, /* of frames with Ethernet header and tags, as the wire would carry them */
	KVS_LIMIT_FRAMES,
};

#define KVS_LIMIT_NS 16 /* the buckets' time: so many to a ns. It comes round after 36 years */

/* A token bucket. Of these a unit costs mult >> shift, and what is in it is worth depth - (full_at
 * - now). lib/limit.h does the sums.
 */
struct kvs_bucket {
	__u64 full_at; /* when it is full again; written by the hooks, atomically */
	__u64 depth;   /* 0: nothing goes through */
	__u64 mult;    /* 0: no limit */
	__u8 shift;
	__u8 unit; /* enum kvs_limit_unit */
	__u8 pad[6];
};

/* How much a port may send. */
struct kvs_limit {
	struct kvs_bucket of[KVS_LIMIT_MAX];
};

struct kvs_state {
	__u64 now;      /* jiffies64 at the last heartbeat */
	__u64 deadline; /* jiffies64 after which the fast path steps aside */
	__u64 epoch;    /* CLOCK_MONOTONIC, in ns, when jiffies64 was 0 */
	__u64 netns; /* for kvsd: SO_NETNS_COOKIE of the namespace whose devices the maps are about
		      */
	__u64 moved; /* entries marked KVS_FDB_MOVED by the tc hook since the map was made, about */
	__u32 version; /* changes with all that may change an answer: those before, see bpf/flow.h,
			  no longer count */
	__u32 mark;    /* skb.tc_index of what a hook has seen: not 0, below 65536 */
};

/* kvs_switch.flags */
enum {
	KVS_SWITCH_CREATED = 1 << 0, /* made by KVS, not found */
	KVS_SWITCH_BYPASS = 1 << 1,  /* netfilter: bypass */
	KVS_SWITCH_ADMITS = 1 << 2,  /* frames that no hook has seen are refused */
	KVS_SWITCH_CLSACT = 1 << 3,  /* KVS made the bridge device's clsact qdisc */
};

struct kvs_switch {
	char name[KVS_NAME_MAX]; /* as of adoption; the ifindex is what counts */
	__u32 flags;
	__u32 abi; /* KVS_ABI of who wrote it */
};

/* Constants of one load of the programs; the verifier removes what they rule out. */
struct kvs_config {
	__u32 port_mask;    /* slots - 1; slots is a power of 2 */
	__u32 stale_after;  /* jiffies */
	__u32 second;       /* jiffies */
	__u32 has_kern_ctx; /* 1: the kernel has bpf_cast_to_kern_ctx() */
	__u32 has_guard;    /* 1: some port has a guard */
	__u32 has_group;    /* 1: some port has a group */
	__u32 has_limit;    /* 1: some port has a limit */
	__u32 tick;         /* ns of a jiffy */
	__u32 has_admit;    /* 1: switches refuse what no hook has seen */
};

_Static_assert(sizeof(struct kvs_port) == 24, "ABI");
_Static_assert(sizeof(struct kvs_fdb_key) == 12, "ABI");
_Static_assert(sizeof(struct kvs_fdb) == 16, "ABI");
_Static_assert(sizeof(struct kvs_switch) == 24, "ABI");
_Static_assert(sizeof(struct kvs_vlans) == 1032, "ABI");
_Static_assert(sizeof(struct kvs_guard) == 48, "ABI");
_Static_assert(sizeof(struct kvs_guard_mac) == 12, "ABI");
_Static_assert(sizeof(struct kvs_guard_addr) == 24, "ABI");
_Static_assert(sizeof(struct kvs_guard_lease) == 16, "ABI");
_Static_assert(sizeof(struct kvs_group) == 16, "ABI");
_Static_assert(sizeof(struct kvs_limit) == 128, "ABI");
