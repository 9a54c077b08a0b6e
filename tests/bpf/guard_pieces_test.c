// SPDX-License-Identifier: GPL-2.0-only
/* bpf/guard_view.h: a frame in pieces, of which tc can read little directly, is judged as a whole
 * one. XDP hands it on.
 */
#include "suite.h"

#include <errno.h>
#include <linux/virtio_net.h>
#include <string.h>
#include <unistd.h>

#include "guard_bytes.h"
#include "tap.h"
#include "util.h"

#define ALL_RULES (KVS_GUARD_MACS | KVS_GUARD_ADDRESSES | KVS_GUARD_ROUTER | KVS_GUARD_DHCP)

#define EXTENDED EXT(60), EXT(60), EXT(60), EXT(58)

/* Bytes of a frame that are enough for a tap to make an skb in pieces: a page, and more. */
#define LONG 8000

static const struct suite_case cases[] = {
	CASE_OF(ETH_P_IP, "its own", ALL_RULES, TC, IP4(8, 0, 6, A4, B4), WORD, WORD),
	CASE_OF(ETH_P_IP, "another's", ALL_RULES, DROP(KVS_DROP_IPV4), IP4(8, 0, 6, B4, A4), WORD,
		WORD),
	CASE_OF(ETH_P_IP, "DHCP server", ALL_RULES, DROP(KVS_DROP_DHCP), IP4(8, 0, 17, A4, B4),
		UDP(67, 68, 8)),
	CASE_OF(ETH_P_ARP, "its own ARP", ALL_RULES, TC, ARP(1, MAC_A, A4, NO_MAC, B4)),
	CASE_OF(ETH_P_ARP, "another's ARP", ALL_RULES, DROP(KVS_DROP_ARP),
		ARP(1, MAC_A, B4, NO_MAC, B4)),
	CASE_OF(ETH_P_IPV6, "its own IPv6", ALL_RULES, TC, IP6(40, 60, A6, B6), EXTENDED,
		ICMP6(128)),
	CASE_OF(ETH_P_IPV6, "router", ALL_RULES, DROP(KVS_DROP_ROUTER), IP6(40, 60, A6, B6),
		EXTENDED, ICMP6(134)),
	CASE_OF(ETH_P_IPV6, "advertisement", ALL_RULES, DROP(KVS_DROP_ND), IP6(64, 60, A6, B6),
		EXTENDED, ICMP6(136), A6, OPTION(2, MAC_B)),
};

static void prepare(struct fixture *fx, const struct suite_case *c, struct frame *f)
{
	struct frame_rng rng = {1};

	fixture_reset(fx);
	fixture_guard(fx, PORT_A, &c->guard);
	frame_build(f, &c->frame, &rng);
}

static void xdp_hands_on_a_frame_in_pieces(void **state)
{
	struct frame f, out;
	int verdict;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		prepare(*state, &cases[i], &f);
		for (f.linear = ETH_HLEN; f.linear < f.len; f.linear++)
			/* Linux before 6.1.160 or so makes no pieces at will */
			if (!fixture_try(*state, HOOK_XDP, PORT_A, &f, &out, &verdict))
				suite_expect(*state, HOOK_XDP, &f, UNKNOWN);
	}
}

/* A tap whose owner says how many bytes of a frame are its headers: those lie together. */
static int open_guest(struct fixture *fx)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = fx->ifindex[PORT_A],
		    .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = fixture_hook_fd(fx, HOOK_TC));
	int fd;

	fixture_delete_device(fx, PORT_A);
	fd = tap_open_vnet("a", fx->ifindex[PORT_A]);
	assert_true(fd >= 0);
	fx->tap[PORT_A] = fd;
	assert_int_equal(bpf_tc_hook_create(&hook), 0);
	assert_int_equal(bpf_tc_attach(&hook, &opts), 0);
	return fd;
}

static void send_in_pieces(int fd, const struct frame *f, __u32 linear)
{
	struct {
		struct virtio_net_hdr head;
		__u8 data[LONG];
	} buf = {.head.hdr_len = linear};

	memcpy(buf.data, f->data, f->len);
	assert_int_equal(write(fd, &buf, sizeof(buf)), sizeof(buf));
}

static void expect_counted(struct fixture *fx, struct suite_fate want)
{
	struct kvs_counters c = fixture_counters(fx, fx->slot[PORT_A]);
	struct kvs_guard_counters g = fixture_guard_counters(fx, fx->slot[PORT_A]);

	if (want.kind == KIND_DROP)
		assert_int_equal(g.drop[want.why - KVS_DROP_PLAIN], 1);
	else /* allowed, and longer than port B's MTU */
		assert_int_equal(c.slow[KVS_SLOW_MTU], 1);
	assert_int_equal(c.rx_bytes, LONG);
}

static void tc_judges_a_frame_in_pieces(void **state)
{
	struct fixture *fx = *state;
	struct frame f;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd;

		prepare(fx, &cases[i], &f);
		fd = open_guest(fx);
		for (__u32 linear = ETH_HLEN; linear <= f.len; linear++) {
			fixture_zero_counters(fx);
			send_in_pieces(fd, &f, linear);
			expect_counted(fx, cases[i].want);
		}
		fixture_delete_device(fx, PORT_A);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xdp_hands_on_a_frame_in_pieces),
		cmocka_unit_test(tc_judges_a_frame_in_pieces),
	};

	return suite_run_guarded(NULL, 0, tests, ARRAY_SIZE(tests));
}
