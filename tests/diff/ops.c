// SPDX-License-Identifier: GPL-2.0-only
/* What is done to both sides: choosing and describing it. */
#include <asm/byteorder.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "stp.h"
#include "util.h"

/* of kernels after our headers */
enum { PORT_MAB = 40, BRIDGE_FDB_MAX_LEARNED = 49 };

struct setting {
	int attr, size;
	uint32_t usual, other; /* the same: any value */
	const char *name;
};

static const struct setting port_settings[] = {
	{IFLA_BRPORT_MODE, 1, 0, 1, "hairpin"},
	{IFLA_BRPORT_LEARNING, 1, 1, 0, "learning"},
	{IFLA_BRPORT_UNICAST_FLOOD, 1, 1, 0, "flood"},
	{IFLA_BRPORT_MCAST_FLOOD, 1, 1, 0, "mcast_flood"},
	{IFLA_BRPORT_BCAST_FLOOD, 1, 1, 0, "bcast_flood"},
	{IFLA_BRPORT_ISOLATED, 1, 0, 1, "isolated"},
	{IFLA_BRPORT_ISOLATED, 1, 0, 1, "isolated"},
	{IFLA_BRPORT_LOCKED, 1, 0, 1, "locked"},
	{PORT_MAB, 1, 0, 1, "mab"},
	{IFLA_BRPORT_NEIGH_SUPPRESS, 1, 0, 1, "neigh_suppress"},
	{IFLA_BRPORT_PROXYARP, 1, 0, 1, "proxy_arp"},
	{IFLA_BRPORT_VLAN_TUNNEL, 1, 0, 1, "vlan_tunnel"},
	{IFLA_BRPORT_MCAST_TO_UCAST, 1, 0, 1, "mcast_to_unicast"},
	{IFLA_BRPORT_FAST_LEAVE, 1, 0, 1, "fastleave"},
	{IFLA_BRPORT_MULTICAST_ROUTER, 1, 1, 0, "mcast_router"},
	{IFLA_BRPORT_GROUP_FWD_MASK, 2, 0, 0, "group_fwd_mask"},
	{IFLA_BRPORT_BACKUP_PORT, 4, 0, 0, "backup_port"},
	{IFLA_BRPORT_STATE, 1, BR_STATE_FORWARDING, 0, "state"},
	{IFLA_BRPORT_FLUSH, 0, 0, 0, "flush"},
};

static const struct setting bridge_settings[] = {
	{IFLA_BR_GROUP_FWD_MASK, 2, 0, 0, "group_fwd_mask"},
	{IFLA_BR_FDB_FLUSH, 0, 0, 0, "fdb_flush"},
	{IFLA_BR_MCAST_SNOOPING, 1, 1, 0, "mcast_snooping"},
	{IFLA_BR_MCAST_SNOOPING, 1, 1, 0, "mcast_snooping"},
	{IFLA_BR_VLAN_FILTERING, 1, 1, 0, "vlan_filtering"},
	{IFLA_BR_VLAN_FILTERING, 1, 1, 0, "vlan_filtering"},
	{IFLA_BR_VLAN_FILTERING, 1, 1, 0, "vlan_filtering"},
	{IFLA_BR_VLAN_PROTOCOL, 2, __constant_htons(ETH_P_8021Q), __constant_htons(ETH_P_8021AD),
	 "vlan_protocol"},
	{IFLA_BR_VLAN_PROTOCOL, 2, __constant_htons(ETH_P_8021AD), __constant_htons(ETH_P_8021Q),
	 "vlan_protocol"},
	{IFLA_BR_VLAN_DEFAULT_PVID, 2, 1, 2, "vlan_default_pvid"},
	{IFLA_BR_VLAN_DEFAULT_PVID, 2, 0, 1, "vlan_default_pvid"},
	{IFLA_BR_VLAN_STATS_ENABLED, 1, 0, 1, "vlan_stats_enabled"},
	{BRIDGE_FDB_MAX_LEARNED, 4, 0, 6, "fdb_max_learned"},
};

static void make_setting(struct op *op, struct rng *r, const struct setting *s)
{
	op->attr = s->attr;
	op->size = s->size;
	op->value = rng_percent(r, 60) ? s->usual : s->other;
	if (s->size == 2 && s->usual == s->other)
		op->value =
			rng_percent(r, 50) ? 0 : rng_next(r) & 0xfff8; /* not STP, pause, LACP */
	else if (s->attr == IFLA_BRPORT_BACKUP_PORT && op->kind == OP_PORT)
		op->value = rng_percent(r, 50) ? 0 : IF_PORT + rng_below(r, PORTS);
	else if (s->attr == IFLA_BRPORT_STATE && op->kind == OP_PORT && rng_percent(r, 50))
		op->value = rng_below(r, 5);
}

static void make_fdb(struct op *op, struct rng *r)
{
	static const uint16_t states[] = {NUD_NOARP, NUD_NOARP, NUD_REACHABLE, NUD_PERMANENT};
	static const uint8_t flags[] = {0, 0, NTF_STICKY, NTF_EXT_LEARNED, NTF_USE};

	frame_station(op->fdb.mac, rng_below(r, STATIONS));
	op->fdb.flags = NTF_MASTER | flags[rng_below(r, 5)];
	op->fdb.state = states[rng_below(r, 4)];
	op->value = !rng_percent(r, 40); /* add */
	if (rng_percent(r, 10))
		op->fdb.vlan = 1 + rng_below(r, 4);
	op->attr = IF_PORT + op->port;
	if (rng_percent(r, 12)) { /* an entry of the bridge itself */
		op->attr = IF_BRIDGE;
		op->fdb.flags = NTF_SELF;
	}
}

static void make_vlan(struct op *op, struct rng *r)
{
	static const int flags[] = {0, BRIDGE_VLAN_INFO_UNTAGGED,
				    BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED,
				    BRIDGE_VLAN_INFO_PVID};

	op->value = 1 + rng_below(r, 4); /* VLAN */
	op->size = rng_percent(r, 75);   /* add */
	op->attr = flags[rng_below(r, 4)];
}

/* of the bridge's VLANs, and the spanning trees */
static void make_vlans(struct op *op, struct rng *r)
{
	uint32_t dice = rng_below(r, 100);

	op->kind = dice < 60 ? OP_VLAN : dice < 90 ? OP_VLAN_STATE : OP_MST;
	make_vlan(op, r);
	if (op->kind == OP_VLAN_STATE)
		op->size = rng_percent(r, 60) ? BR_STATE_FORWARDING : rng_below(r, 5);
	else if (op->kind == OP_MST)
		op->value = rng_percent(r, 40);
}

static void make_change(struct op *op, struct rng *r, enum world_mode mode)
{
	static const char mtus[] = {15, 15, 14, 90, 6};
	uint32_t dice = rng_below(r, 1000);

	if (dice < 340) {
		op->kind = OP_PORT;
		make_setting(op, r, &port_settings[rng_below(r, ARRAY_SIZE(port_settings))]);
	} else if (dice < 560) {
		op->kind = OP_FDB;
		make_fdb(op, r);
	} else if (dice < 720) {
		op->kind = OP_BRIDGE;
		make_setting(op, r, &bridge_settings[rng_below(r, ARRAY_SIZE(bridge_settings))]);
	} else if (dice < 780) {
		op->kind = OP_MTU;
		op->value = 100 * mtus[rng_below(r, sizeof(mtus))];
	} else if (dice < 930) {
		make_vlans(op, r);
	} else if (dice < 960) {
		op->kind = mode >= MODE_MIXED ? OP_PATH : OP_FRAME;
		op->value = rng_below(r, 3);
	} else {
		op->kind = dice < 975 ? OP_LINK : dice < 988 ? OP_MASTER : OP_RESTART;
		op->value = rng_below(r, 5);
	}
}

struct op op_make(uint64_t seed, uint32_t index, enum world_mode mode)
{
	struct rng r = {.state = seed * 1000003 + index};
	struct op op = {.kind = OP_FRAME, .seed = rng_next(&r), .port = rng_below(&r, PORTS)};
	uint32_t dice = rng_below(&r, 1000);

	if (dice < 30)
		op.kind = OP_HOST;
	else if (dice < 100)
		make_change(&op, &r, mode);
	else if (dice < 115)
		op.kind = OP_GROUP;
	if (mode == MODE_STP)
		stp_make(&op, seed, index);
	return op;
}

static const char *name_of(const struct op *op)
{
	if (op->kind == OP_PORT)
		for (size_t i = 0; i < ARRAY_SIZE(port_settings); i++)
			if (port_settings[i].attr == op->attr)
				return port_settings[i].name;
	if (op->kind == OP_BRIDGE)
		for (size_t i = 0; i < ARRAY_SIZE(bridge_settings); i++)
			if (bridge_settings[i].attr == op->attr)
				return bridge_settings[i].name;
	return stp_setting_name(op);
}

static void describe_frame(const struct op *op, enum world_mode mode, char *to, size_t size)
{
	static struct frame f;
	struct rng r = {.state = op->seed};
	int n;

	if (op->kind == OP_GROUP)
		frame_group(&f, &r, op->port);
	else
		frame_random(&f, &r, op->port, mode != MODE_TC);
	n = snprintf(to, size, "%s%d: %u bytes, flags %u gso %u/%u hdr %u csum %u+%u:",
		     op->kind == OP_HOST ? "host " : "frame p", op->port + 1, f.len, f.hdr.flags,
		     f.hdr.gso_type, f.hdr.gso_size, f.hdr.hdr_len, f.hdr.csum_start,
		     f.hdr.csum_offset);
	for (uint32_t i = 0; i < f.len && i < 64 && n + 4 < (int)size; i++)
		n += snprintf(to + n, size - n, "%s%02x", i % 2 ? "" : " ", f.data[i]);
}

void op_describe(const struct op *op, enum world_mode mode, char *to, size_t size)
{
	static const char *const names[OP_KINDS] = {"frame",
						    "host",
						    "port",
						    "bridge",
						    "link",
						    "mtu",
						    "master",
						    "fdb",
						    "vlan",
						    "vlan state",
						    "mst",
						    "group",
						    "path",
						    "kvsd restart",
						    "station",
						    "plant",
						    "bpdu",
						    "neighbour lost",
						    "topology change",
						    "learning",
						    "open"};

	if (op->kind == OP_FRAME || op->kind == OP_HOST || op->kind == OP_GROUP)
		describe_frame(op, mode, to, size);
	else if (op->kind == OP_BPDU)
		stp_describe(op, to, size);
	else if (op->kind == OP_FDB)
		snprintf(to, size, "fdb %s station %u dev %d vlan %u state %x flags %x",
			 op->value ? "add" : "del", op->fdb.mac[5] - 1, op->attr, op->fdb.vlan,
			 op->fdb.state, op->fdb.flags);
	else
		snprintf(to, size, "%s p%d %s %u (%d, %d)", names[op->kind], op->port + 1,
			 name_of(op), op->value, op->attr, op->size);
}
