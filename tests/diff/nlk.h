/* SPDX-License-Identifier: GPL-2.0-only */
/* What is asked of the kernel over rtnetlink. All return 0 or -errno. */
#pragma once

#include <libmnl/libmnl.h>
#include <linux/if_bridge.h>
#include <stdbool.h>
#include <stdint.h>

#define NLK_FDB_MAX  256
#define NLK_LINK_MAX 8
#define NLK_MDB_MAX  512

struct nlk_fdb {
	uint8_t mac[6];
	uint16_t vlan, state;
	uint8_t flags, pad;
	uint32_t ifindex, ext;
};

struct nlk_fdbs {
	uint32_t n;
	struct nlk_fdb entry[NLK_FDB_MAX];
};

struct nlk_link {
	uint32_t ifindex, flags, master;
	uint8_t operstate, state, pad[2];
};

struct nlk_links {
	uint32_t n;
	struct nlk_link link[NLK_LINK_MAX];
};

/* A port, as the spanning tree sees it; all zero but ifindex where it is none. */
struct nlk_stp_port {
	uint32_t ifindex;
	uint16_t number, port, cost; /* its own; of the best BPDU: port, cost, root, bridge */
	uint8_t root[8], bridge[8];
	uint8_t state, pad;
	bool is_timed; /* a state that will end */
};

struct nlk_stp {
	bool is_on, is_changing; /* of the topology */
	uint16_t root_port;      /* its number; 0: the bridge is root */
	uint32_t forward_delay;  /* of the root, 1/100 s */
	uint32_t soonest;        /* 1/100 s until the first timer of a port ends */
	uint32_t n;
	struct nlk_stp_port port[NLK_LINK_MAX];
};

struct nlk_mdbs {
	uint32_t n;
	bool is_changing; /* something will expire soon */
	struct br_mdb_entry entry[NLK_MDB_MAX];
};

int nlk_bridge_add(struct mnl_socket *s, int ifindex, const char *name, const uint8_t *mac);
int nlk_mac(struct mnl_socket *s, int ifindex, const uint8_t *mac);
int nlk_up(struct mnl_socket *s, int ifindex, bool up);

/* an attribute of the device, of the bridge port, of the bridge; size in bytes, 0: a flag */
int nlk_link_set(struct mnl_socket *s, int ifindex, int attr, uint32_t value);
int nlk_port_set(struct mnl_socket *s, int ifindex, int attr, int size, uint32_t value);
int nlk_bridge_set(struct mnl_socket *s, int ifindex, int attr, int size, uint32_t value);

int nlk_vlan(struct mnl_socket *s, bool add, int ifindex, bool is_self, int vid, int flags);
int nlk_vlan_state(struct mnl_socket *s, int ifindex, int vid, int state);

/* multiple spanning trees: on or off, the tree of a VLAN, the state of a port in a tree */
int nlk_mst(struct mnl_socket *s, int ifindex, bool on);
int nlk_mst_vlan(struct mnl_socket *s, int ifindex, int vid, int msti);
int nlk_mst_state(struct mnl_socket *s, int ifindex, int msti, int state);

int nlk_fdb(struct mnl_socket *s, bool add, int ifindex, const struct nlk_fdb *entry);
int nlk_neigh(struct mnl_socket *s, int ifindex, uint32_t ip, const uint8_t *mac);

/* sorted, and the same where the kernel is in the same state */
int nlk_fdb_dump(struct mnl_socket *s, struct nlk_fdbs *out);
int nlk_mdb_dump(struct mnl_socket *s, struct nlk_mdbs *out);
int nlk_link_dump(struct mnl_socket *s, struct nlk_links *out);
int nlk_stp_dump(struct mnl_socket *s, struct nlk_stp *out);
