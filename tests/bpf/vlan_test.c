// SPDX-License-Identifier: GPL-2.0-only
/* bpf/vlan.h: a bridge that filters VLANs, between two taps: what is written to one, and what is
 * read from the other. The kernel takes the outer tag out of the frame before tc sees it, which a
 * test run of the program would not do.
 */
#include "suite.h"

#include <errno.h>
#include <linux/if_link.h>
#include <poll.h>
#include <string.h>

#include "util.h"

#define ARRIVAL 2000 /* ms a frame is waited for; it takes none */
#define Q       ETH_P_8021Q
#define AD      ETH_P_8021AD
#define PCP     0xa000
#define VIDS    4

struct tag {
	__u16 proto, tci;
};

/* A port's VLANs: pvid, and up to 4 of either sort. */
struct vlans {
	__u16 pvid, tagged[VIDS], untagged[VIDS];
};

struct vlan_case {
	const char *name;
	struct vlans a, b;
	struct tag in[2], out[2];
	__u32 flags, b_flags; /* of both ports, of port B */
	struct frame_spec frame;
	enum kvs_slow slow; /* KVS_GO: it arrives */
	bool xdp_passes;    /* and only tc forwards it */
};

#define ACCESS(vid)                              \
	{                                        \
		.pvid = vid, .untagged = { vid } \
	}
#define TRUNK                            \
	{                                \
		.tagged = { 10, 20, 30 } \
	}
#define NATIVE                                                 \
	{                                                      \
		.pvid = 10, .untagged = {10}, .tagged = { 20 } \
	}
#define PARTIAL                                                      \
	{                                                            \
		.proto = IPPROTO_TCP, .len = 100, .sum = SUM_PARTIAL \
	}

static const struct vlan_case cases[] = {
	{"access to access", ACCESS(10), ACCESS(10), .flags = 0},
	{"access to trunk", ACCESS(10), TRUNK, .out = {{Q, 10}}},
	{"trunk to access", TRUNK, ACCESS(10), .in = {{Q, 10}}},
	{"trunk to trunk", TRUNK, TRUNK, .in = {{Q, 20}}, .out = {{Q, 20}}},
	{"the tag's priority stays", TRUNK, TRUNK, .in = {{Q, PCP | 20}}, .out = {{Q, PCP | 20}}},
	{"the tag's priority goes with it", TRUNK, ACCESS(10), .in = {{Q, PCP | 10}}},
	{"native VLAN to trunk", NATIVE, TRUNK, .out = {{Q, 10}}},
	{"trunk to native VLAN", TRUNK, NATIVE, .in = {{Q, 10}}},
	{"native VLAN, tagged", NATIVE, TRUNK, .in = {{Q, 10}}, .out = {{Q, 10}}},
	{"beside the native VLAN", NATIVE, TRUNK, .in = {{Q, 20}}, .out = {{Q, 20}}},
	{"pvid that leaves tagged",
	 {.pvid = 10, .tagged = {10}},
	 {.pvid = 10, .tagged = {10}},
	 .out = {{Q, 10}}},
	{"untagged from one pvid to another",
	 ACCESS(10),
	 {.pvid = 20, .untagged = {10, 20}},
	 .flags = 0},
	{"highest VLAN",
	 {.tagged = {4094}},
	 {.tagged = {4094}},
	 .in = {{Q, 4094}},
	 .out = {{Q, 4094}}},

	{"priority tag to access", ACCESS(10), ACCESS(10), .in = {{Q, PCP}}},
	{"priority tag to trunk", ACCESS(10), TRUNK, .in = {{Q, PCP}}, .out = {{Q, PCP | 10}}},
	{"priority tag, and one behind it", ACCESS(10), TRUNK, .in = {{Q, PCP}, {Q, 77}},
	 .out = {{Q, PCP | 10}, {Q, 77}}},
	{"priority tag without pvid", TRUNK, TRUNK, .in = {{Q, PCP}}, .slow = KVS_SLOW_VLAN},

	{"no pvid", TRUNK, TRUNK, .slow = KVS_SLOW_VLAN},
	{"not in the VLAN", ACCESS(10), TRUNK, .in = {{Q, 20}}, .slow = KVS_SLOW_VLAN},
	{"target not in the VLAN", TRUNK, ACCESS(10), .in = {{Q, 20}}, .slow = KVS_SLOW_VLAN},
	{"VLAN 4095", TRUNK, TRUNK, .in = {{Q, 4095}}, .slow = KVS_SLOW_VLAN},
	{"pvid of a VLAN that does not forward", {.pvid = 10}, TRUNK, .slow = KVS_SLOW_VLAN},

	{"two tags, trunk to trunk", TRUNK, TRUNK, .in = {{Q, 10}, {Q, 77}},
	 .out = {{Q, 10}, {Q, 77}}},
	{"two tags, trunk to access", TRUNK, ACCESS(10), .in = {{Q, 10}, {Q, 77}},
	 .out = {{Q, 77}}},
	{"two tags, the other protocol inside", TRUNK, ACCESS(10), .in = {{Q, 10}, {AD, 77}},
	 .out = {{AD, 77}}},
	{"the other protocol is no tag", ACCESS(10), ACCESS(10), .in = {{AD, 20}},
	 .out = {{AD, 20}}},
	{"and gets one in front of it", ACCESS(10), TRUNK, .in = {{AD, 20}},
	 .out = {{Q, 10}, {AD, 20}}},
	{"and needs a pvid", TRUNK, TRUNK, .in = {{AD, 10}}, .slow = KVS_SLOW_VLAN},

	{"802.1ad: access to trunk", ACCESS(10), TRUNK, .flags = KVS_PORT_STAG, .out = {{AD, 10}}},
	{"802.1ad: trunk to access", TRUNK, ACCESS(10), .flags = KVS_PORT_STAG, .in = {{AD, 10}}},
	{"802.1ad: customer tag to trunk", ACCESS(10), TRUNK, .flags = KVS_PORT_STAG,
	 .in = {{Q, 77}}, .out = {{AD, 10}, {Q, 77}}},
	{"802.1ad: customer tag from trunk", TRUNK, ACCESS(10), .flags = KVS_PORT_STAG,
	 .in = {{AD, 10}, {Q, 77}}, .out = {{Q, 77}}},
	{"802.1ad: customer tag, access to access", ACCESS(10), ACCESS(10), .flags = KVS_PORT_STAG,
	 .in = {{Q, 77}}, .out = {{Q, 77}}},

	{"partial checksum, tag put in", ACCESS(10), TRUNK, .out = {{Q, 10}}, .frame = PARTIAL},
	{"partial checksum, tag taken off", TRUNK, ACCESS(10), .in = {{Q, 10}}, .frame = PARTIAL},
	{"partial checksum, tag kept", TRUNK, TRUNK, .in = {{Q, 10}}, .out = {{Q, 10}},
	 .frame = PARTIAL},
	{"partial checksum, not for XDP", ACCESS(10), TRUNK, .out = {{Q, 10}},
	 .frame = {.proto = IPPROTO_TCP, .options = 4, .sum = SUM_PARTIAL}, .xdp_passes = true},

	{"MTU", TRUNK, ACCESS(10), .in = {{Q, 10}}, .frame = {.pad = FIXTURE_MTU + 18}},
	{"MTU, tag kept", TRUNK, TRUNK, .in = {{Q, 10}}, .out = {{Q, 10}},
	 .frame = {.pad = FIXTURE_MTU + 18}, .xdp_passes = true},
	{"MTU, tag put in", ACCESS(10), TRUNK, .out = {{Q, 10}}, .frame = {.pad = FIXTURE_MTU + 18},
	 .xdp_passes = true},
	{"MTU and a byte", TRUNK, TRUNK, .in = {{Q, 10}}, .frame = {.pad = FIXTURE_MTU + 19},
	 .slow = KVS_SLOW_MTU},
	{"MTU, the other protocol counts", ACCESS(10), TRUNK, .in = {{AD, 10}},
	 .out = {{Q, 10}, {AD, 10}}, .frame = {.pad = FIXTURE_MTU + 14}, .xdp_passes = true},
	{"MTU and a byte, the other protocol counts", ACCESS(10), TRUNK, .in = {{AD, 10}},
	 .frame = {.pad = FIXTURE_MTU + 15}, .slow = KVS_SLOW_MTU},
	{"short", ACCESS(10), TRUNK, .out = {{Q, 10}}, .frame = {.cut = 22, .type = ETH_P_ARP}},
	{"too short", ACCESS(10), TRUNK, .frame = {.cut = 21, .type = ETH_P_ARP},
	 .slow = KVS_SLOW_TAGS},
	{"a tunnel's target", TRUNK, TRUNK, .in = {{Q, 10}}, .b_flags = KVS_PORT_VLAN_TUNNEL,
	 .slow = KVS_SLOW_VLAN_TUNNEL},
};

static void put_tags(struct frame *f, const struct tag *tags)
{
	for (int i = 1; i >= 0; i--) {
		__u8 *at = f->data + 2 * ETH_ALEN;

		if (!tags[i].proto)
			continue;
		memmove(at + 4, at, f->len - 2 * ETH_ALEN);
		checksum_put16(at, tags[i].proto);
		checksum_put16(at + 2, tags[i].tci);
		f->len += 4;
	}
}

static void set_vlans(struct fixture *fx, enum fixture_port port, const struct vlans *v)
{
	struct kvs_vlans set = {.pvid = v->pvid};

	for (int i = 0; i < VIDS; i++) {
		set.member[v->tagged[i] / 64] |= 1ull << v->tagged[i] % 64;
		set.member[v->untagged[i] / 64] |= 1ull << v->untagged[i] % 64;
		set.untagged[v->untagged[i] / 64] |= 1ull << v->untagged[i] % 64;
	}
	set.member[0] &= ~1ull;
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(fx->skel->maps.kvs_vlans), &fx->slot[port],
					     &set, 0),
			 0);
	fixture_changed(fx);
}

/* The stations, known in some VLANs, and not in VLAN 0. */
static void set_stations(struct fixture *fx)
{
	static const __u16 vids[] = {10, 20, 4094, 4095};
	struct kvs_fdb a = {.port = fx->slot[PORT_A], .heard = fixture_now(fx)};
	struct kvs_fdb b = {.port = fx->slot[PORT_B], .heard = fixture_now(fx)};
	struct kvs_fdb_key key = {.bridge = fixture_get_port(fx, fx->slot[PORT_A]).bridge};
	int fd = bpf_map__fd(fx->skel->maps.kvs_fdb);

	fixture_del_fdb(fx, STATION_A);
	fixture_del_fdb(fx, STATION_B);
	for (size_t i = 0; i < ARRAY_SIZE(vids); i++) {
		key.vlan = vids[i];
		memcpy(key.mac, STATION_A, ETH_ALEN);
		assert_int_equal(bpf_map_update_elem(fd, &key, &a, 0), 0);
		memcpy(key.mac, STATION_B, ETH_ALEN);
		assert_int_equal(bpf_map_update_elem(fd, &key, &b, 0), 0);
	}
	fixture_changed(fx);
}

static void attach(struct fixture *fx, enum fixture_hook hook)
{
	LIBBPF_OPTS(bpf_tc_hook, tc, .ifindex = fx->ifindex[PORT_A],
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = fixture_hook_fd(fx, HOOK_TC));
	int xdp = fixture_hook_fd(fx, HOOK_XDP);

	for (int i = 0; i < PORT_MAX; i++)
		fixture_delete_device(fx, i);
	fixture_reset(fx);
	if (hook == HOOK_TC) {
		assert_int_equal(bpf_tc_hook_create(&tc), 0);
		assert_int_equal(bpf_tc_attach(&tc, &opts), 0);
		return;
	}
	for (int i = 0; i < PORT_MAX; i++)
		assert_int_equal(bpf_xdp_attach(fx->ifindex[i], xdp, XDP_FLAGS_DRV_MODE, NULL), 0);
}

static bool read_frame(struct fixture *fx, struct frame *got)
{
	struct pollfd poll_fd = {.fd = fx->tap[PORT_B], .events = POLLIN};

	if (poll(&poll_fd, 1, ARRIVAL) != 1)
		return false;
	got->len = read(fx->tap[PORT_B], got->data, FRAME_MAX);
	return true;
}

static void expect_silence(struct fixture *fx)
{
	struct frame got;

	for (int i = 0; i < PORT_MAX; i++) {
		assert_int_equal(read(fx->tap[i], got.data, FRAME_MAX), -1);
		assert_int_equal(errno, EAGAIN);
	}
}

static void expect_count(struct fixture *fx, enum fixture_hook hook, const struct vlan_case *c)
{
	struct kvs_counters n = fixture_counters(fx, fx->slot[PORT_A]);
	bool passed = hook == HOOK_XDP && (c->slow || c->xdp_passes);

	assert_int_equal(fixture_frames(&n), !passed);
	assert_int_equal(n.fast_xdp, hook == HOOK_XDP && !passed);
	assert_int_equal(n.fast_tc, hook == HOOK_TC && !c->slow);
	if (hook == HOOK_TC && c->slow)
		assert_int_equal(n.slow[c->slow], 1);
}

static void arrange(struct fixture *fx, const struct vlan_case *c)
{
	fixture_reset(fx);
	for (int port = PORT_A; port <= PORT_B; port++) {
		fixture_toggle(fx, port, KVS_PORT_VLAN_AWARE | c->flags);
		set_vlans(fx, port, port == PORT_A ? &c->a : &c->b);
	}
	fixture_toggle(fx, PORT_B, c->b_flags);
	set_stations(fx);
}

static void build(enum fixture_hook hook, const struct vlan_case *c, struct frame *in,
		  struct frame *out)
{
	struct frame_rng rng = {1};

	frame_build(in, &c->frame, &rng);
	*out = *in;
	if (hook == HOOK_XDP && c->frame.sum == SUM_PARTIAL)
		frame_complete(out, &out->layer[0]);
	put_tags(in, c->in);
	put_tags(out, c->out);
}

static void try_case(struct fixture *fx, enum fixture_hook hook, const struct vlan_case *c)
{
	struct frame in, want, got = {};

	arrange(fx, c);
	build(hook, c, &in, &want);
	assert_int_equal(write(fx->tap[PORT_A], in.data, in.len), in.len);
	if (!c->slow && !(hook == HOOK_XDP && c->xdp_passes)) {
		if (!read_frame(fx, &got))
			fail_msg("%s: nothing arrived", c->name);
		if (!frame_equal(&got, &want))
			fail_msg("%s: %u bytes arrived, %u expected, or other ones", c->name,
				 got.len, want.len);
	}
	expect_silence(fx);
	expect_count(fx, hook, c);
}

static void all_cases(struct fixture *fx, enum fixture_hook hook)
{
	attach(fx, hook);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		try_case(fx, hook, &cases[i]);
}

static void vlans_on_xdp(void **state)
{
	all_cases(*state, HOOK_XDP);
}

static void vlans_on_tc(void **state)
{
	all_cases(*state, HOOK_TC);
}

/* Heard in one VLAN, moved in that one alone. */
static void stations_move_by_vlan(void **state)
{
	struct vlan_case c = {"", TRUNK, TRUNK, .in = {{Q, 10}}, .slow = KVS_SLOW_SRC_MOVED};
	struct kvs_fdb_key key = {.mac = {2, 0, 0, 0, 0, 0xb}, .vlan = 10};
	struct fixture *fx = *state;
	struct kvs_fdb fdb;

	attach(fx, HOOK_TC);
	c.frame.src = STATION_B;
	c.frame.dst = STATION_A;
	try_case(fx, HOOK_TC, &c);
	key.bridge = fixture_get_port(fx, fx->slot[PORT_A]).bridge;
	for (int i = 0; i < 2; i++, key.vlan = 20) {
		assert_int_equal(
			bpf_map_lookup_elem(bpf_map__fd(fx->skel->maps.kvs_fdb), &key, &fdb), 0);
		assert_int_equal(fdb.flags, i ? 0 : KVS_FDB_MOVED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vlans_on_xdp),
		cmocka_unit_test(vlans_on_tc),
		cmocka_unit_test(stations_move_by_vlan),
	};

	return suite_run(NULL, 0, tests, ARRAY_SIZE(tests));
}
