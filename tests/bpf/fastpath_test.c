// SPDX-License-Identifier: GPL-2.0-only
/* bpf/fastpath.h: every reason to hand a frame to the bridge. */
#include "suite.h"

#include <linux/pkt_cls.h>

#include "util.h"

#define ARP ETH_P_ARP

static void no_heartbeat(struct fixture *fx, struct frame *f)
{
	struct kvs_state never = {};

	fixture_set_state(fx, &never);
}

static void forget_source(struct fixture *fx, struct frame *f)
{
	fixture_del_fdb(fx, STATION_A);
}

static void forget_target(struct fixture *fx, struct frame *f)
{
	fixture_del_fdb(fx, STATION_B);
}

static void change_fdb(struct fixture *fx, const __u8 *mac, __u32 port, __u32 flags, __u64 age)
{
	struct kvs_fdb fdb = {.port = port, .flags = flags, .heard = fixture_now(fx) - age};

	fixture_set_fdb(fx, mac, fixture_get_port(fx, fx->slot[PORT_A]).bridge, &fdb);
}

static void move_source(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_A, fx->slot[PORT_B], 0, 0);
}

static void mark_source(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_A, fx->slot[PORT_A], KVS_FDB_MOVED, 0);
}

static void mark_target(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_B, fx->slot[PORT_B], KVS_FDB_MOVED, 0);
}

static void age_source(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_A, fx->slot[PORT_A], 0, FIXTURE_REFRESH);
}

static void age_target(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_B, fx->slot[PORT_B], 0, 2 * FIXTURE_REFRESH);
}

static void target_on_other_bridge(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_B, fx->slot[PORT_C], 0, 0);
}

static void target_in_free_slot(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_B, 5, 0, 0);
}

static void target_in_no_slot(struct fixture *fx, struct frame *f)
{
	change_fdb(fx, STATION_B, FIXTURE_SLOTS, 0, 0);
}

static void other_bridge_knows(struct fixture *fx, struct frame *f)
{
	struct kvs_fdb a = fixture_get_fdb(fx, STATION_A);

	fixture_del_fdb(fx, STATION_A);
	fixture_set_fdb(fx, STATION_A, fixture_get_port(fx, fx->slot[PORT_C]).bridge, &a);
}

static const struct suite_case cases[] = {
	{"known unicast", {}, .want = FAST},

	{"no heartbeat", {}, .arrange = no_heartbeat, .want = SLOW(KVS_SLOW_STALE)},
	{"path slow", {}, .a = KVS_PORT_SLOW, .want = SLOW(KVS_SLOW_PATH)},
	{"path slow of the target does not matter", {}, .b = KVS_PORT_SLOW, .want = FAST},
	{"not forwarding", {}, .a = KVS_PORT_FORWARDING, .want = SLOW(KVS_SLOW_STATE)},
	{"VLANs not read yet", {}, .a = KVS_PORT_VLAN_AWARE, .want = SLOW(KVS_SLOW_VLAN)},
	{"VLANs, and a short frame",
	 {.cut = 21},
	 .a = KVS_PORT_VLAN_AWARE,
	 .xdp_only = true,
	 .want = SLOW(KVS_SLOW_TAGS)},
	{"a spanning tree per VLAN", {}, .a = KVS_PORT_MST, .want = SLOW(KVS_SLOW_MST)},
	{"frames counted by VLAN", {}, .a = KVS_PORT_VLAN_STATS, .want = SLOW(KVS_SLOW_VLAN_STATS)},
	{"VLANs mapped to tunnels",
	 {},
	 .a = KVS_PORT_VLAN_TUNNEL,
	 .want = SLOW(KVS_SLOW_VLAN_TUNNEL)},
	{"netfilter rules", {}, .a = KVS_PORT_NETFILTER, .want = SLOW(KVS_SLOW_NETFILTER)},
	{"netfilter rules at the target's egress",
	 {},
	 .b = KVS_PORT_NETFILTER_OUT,
	 .want = SLOW(KVS_SLOW_NETFILTER)},
	{"netfilter rules for what the target sends", {}, .b = KVS_PORT_NETFILTER, .want = FAST},
	{"netfilter rules at the port's egress", {}, .a = KVS_PORT_NETFILTER_OUT, .want = FAST},
	{"listener on the bridge", {}, .a = KVS_PORT_PROMISC, .want = SLOW(KVS_SLOW_PROMISC)},
	{"locked", {}, .a = KVS_PORT_LOCKED, .want = SLOW(KVS_SLOW_LOCKED)},
	{"offloaded", {}, .a = KVS_PORT_OFFLOADED, .want = SLOW(KVS_SLOW_OFFLOADED)},
	{"VLAN device on the port",
	 {.tags = {ETH_P_8021Q}},
	 .a = KVS_PORT_VLAN_UPPER,
	 .want = SLOW(KVS_SLOW_VLAN_UPPER)},
	{"VLAN device on the port, no tag", {}, .a = KVS_PORT_VLAN_UPPER, .want = FAST},
	{"the bridge answers ARP",
	 {.type = ARP},
	 .a = KVS_PORT_SUPPRESS,
	 .want = SLOW(KVS_SLOW_SUPPRESS)},
	{"the bridge answers ARP, this is IP", {}, .a = KVS_PORT_SUPPRESS, .want = FAST},
	{"media redundancy", {.type = ETH_P_MRP}, .want = SLOW(KVS_SLOW_CONTROL)},
	{"connectivity faults, tagged",
	 {.type = ETH_P_CFM, .tags = {ETH_P_8021Q}},
	 .want = SLOW(KVS_SLOW_CONTROL)},
	{"multicast", {.dst = MAC(0x33, 0x33, 0, 0, 0, 1)}, .want = SLOW(KVS_SLOW_MULTICAST)},

	{"source unknown", {}, .arrange = forget_source, .want = SLOW(KVS_SLOW_SRC_UNKNOWN)},
	{"source known to another bridge",
	 {},
	 .arrange = other_bridge_knows,
	 .want = SLOW(KVS_SLOW_SRC_UNKNOWN)},
	{"source elsewhere", {}, .arrange = move_source, .want = SLOW(KVS_SLOW_SRC_MOVED)},
	{"source heard elsewhere", {}, .arrange = mark_source, .want = SLOW(KVS_SLOW_SRC_MOVED)},
	{"refresh due", {}, .arrange = age_source, .want = SLOW(KVS_SLOW_REFRESH)},
	{"the target's age does not matter", {}, .arrange = age_target, .want = FAST},

	{"target unknown", {}, .arrange = forget_target, .want = SLOW(KVS_SLOW_DST_UNKNOWN)},
	{"target heard elsewhere", {}, .arrange = mark_target, .want = SLOW(KVS_SLOW_DST_UNKNOWN)},
	{"target of another bridge",
	 {},
	 .arrange = target_on_other_bridge,
	 .want = SLOW(KVS_SLOW_TARGET)},
	{"target in a free slot",
	 {},
	 .arrange = target_in_free_slot,
	 .want = SLOW(KVS_SLOW_TARGET)},
	{"target in no slot", {}, .arrange = target_in_no_slot, .want = SLOW(KVS_SLOW_TARGET)},
	{"target not forwarding", {}, .b = KVS_PORT_FORWARDING, .want = SLOW(KVS_SLOW_TARGET)},
	{"same port", {.dst = STATION_A2}, .want = SLOW(KVS_SLOW_HAIRPIN)},
	{"to itself", {.dst = STATION_A}, .want = SLOW(KVS_SLOW_HAIRPIN)},
	{"to itself, hairpin", {.dst = STATION_A}, .a = KVS_PORT_HAIRPIN, .want = FAST},
	{"both isolated",
	 {},
	 .a = KVS_PORT_ISOLATED,
	 .b = KVS_PORT_ISOLATED,
	 .want = SLOW(KVS_SLOW_ISOLATED)},

	{"MTU", {.pad = FIXTURE_MTU + 18}, .want = FAST},
	{"MTU and a byte", {.pad = FIXTURE_MTU + 19}, .want = SLOW(KVS_SLOW_MTU)},
	{"MTU and a tag", {.tags = {ETH_P_8021Q}, .pad = FIXTURE_MTU + 18}, .want = FAST},
	{"far above the MTU", {.len = 3000}, .want = SLOW(KVS_SLOW_MTU)},
	{"GSO within the MTU", {.gso_size = 8}, .want = FAST},
};

/* The table's own test: who adds a reason adds a case. */
static void every_reason_has_a_case(void **state)
{
	bool has[KVS_SLOW_MAX] = {[KVS_GO] = true};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (cases[i].want.kind == KIND_SLOW)
			has[cases[i].want.why] = true;
	for (int i = 0; i < KVS_SLOW_MAX; i++)
		if (!has[i])
			fail_msg("enum kvs_slow %d has no case", i);
}

static void gso_passes_the_mtu_check_on_tc_alone(void **state)
{
	struct frame_spec spec = {.proto = IPPROTO_TCP, .len = 3000, .gso_size = 1448};
	struct frame_rng rng = {1};
	struct frame f;

	frame_build(&f, &spec, &rng);
	suite_expect_both(*state, &f, TC);
}

/* What the bridge's should_deliver() says of these flags. */
static struct suite_fate fate_of(__u32 a, __u32 b, bool same_port)
{
	__u32 target = same_port ? a : b;

	if (same_port && !(a & KVS_PORT_HAIRPIN))
		return SLOW(KVS_SLOW_HAIRPIN);
	if ((a & KVS_PORT_ISOLATED) && (target & KVS_PORT_ISOLATED))
		return SLOW(KVS_SLOW_ISOLATED);
	return FAST;
}

static void try_flags(struct fixture *fx, __u32 a, __u32 b, bool same_port)
{
	struct frame_spec spec = {.dst = same_port ? STATION_A2 : STATION_B};
	struct frame_rng rng = {1};
	struct frame f;

	fixture_reset(fx);
	fixture_toggle(fx, PORT_A, a);
	fixture_toggle(fx, PORT_B, b);
	frame_build(&f, &spec, &rng);
	suite_expect_both(fx, &f, fate_of(a, b, same_port));
}

/* learning is toggled, so off where it is in the set */
static __u32 flags_of(int set)
{
	return (set & 1 ? KVS_PORT_HAIRPIN : 0) | (set & 2 ? KVS_PORT_ISOLATED : 0) |
	       (set & 4 ? KVS_PORT_LEARNING : 0);
}

static void all_combinations_of_flags(void **state)
{
	for (int a = 0; a < 8; a++)
		for (int b = 0; b < 8; b++)
			for (int same_port = 0; same_port < 2; same_port++)
				try_flags(*state, flags_of(a), flags_of(b), same_port);
}

/* On the other bridge station A is behind C's port, and B is not known. */
static void bridges_share_no_station(void **state)
{
	struct fixture *fx = *state;
	struct kvs_fdb c = {.port = fx->slot[PORT_C], .heard = fixture_now(fx)};
	struct frame_spec to_a = {.src = STATION_C, .dst = STATION_A};
	struct frame_spec to_b = {.src = STATION_C, .dst = STATION_B};
	struct frame_rng rng = {1};
	struct frame f, out;

	fixture_set_fdb(fx, STATION_A, fixture_get_port(fx, fx->slot[PORT_C]).bridge, &c);
	fixture_toggle(fx, PORT_C, KVS_PORT_HAIRPIN);
	frame_build(&f, &to_a, &rng);
	assert_int_equal(fixture_run(fx, HOOK_XDP, PORT_C, &f, &out), XDP_REDIRECT);
	assert_int_equal(fixture_run(fx, HOOK_TC, PORT_C, &f, &out), TC_ACT_REDIRECT);
	frame_build(&f, &to_b, &rng);
	assert_int_equal(fixture_run(fx, HOOK_XDP, PORT_C, &f, &out), XDP_PASS);
	assert_int_equal(fixture_run(fx, HOOK_TC, PORT_C, &f, &out), TC_ACT_UNSPEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_case),
		cmocka_unit_test(gso_passes_the_mtu_check_on_tc_alone),
		cmocka_unit_test(bridges_share_no_station),
		cmocka_unit_test(all_combinations_of_flags),
	};

	return suite_run(cases, ARRAY_SIZE(cases), tests, ARRAY_SIZE(tests));
}
