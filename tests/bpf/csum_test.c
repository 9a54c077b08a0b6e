// SPDX-License-Identifier: GPL-2.0-only
/* bpf/csum.h: which checksums XDP completes, which it leaves, and when it leaves the frame to tc.
 */
#include "suite.h"

#include "util.h"

#define Q     ETH_P_8021Q
#define AD    ETH_P_8021AD
#define IP6   ETH_P_IPV6
#define TCP   IPPROTO_TCP
#define ICMP6 IPPROTO_ICMPV6

#define ANY 64 /* bytes of L4; any will do */

/* by hand: what no sender should send, in the IPv4 header at offset 14 or behind it at 34 */
static void put_ip4(struct frame *f, __u32 at, __u16 value)
{
	checksum_put16(f->data + ETH_HLEN + at, value);
	frame_ip4_sum(f, &f->layer[0]);
}

static void total_too_long(struct fixture *fx, struct frame *f)
{
	put_ip4(f, 2, f->len - ETH_HLEN + 1);
}

static void total_below_header(struct fixture *fx, struct frame *f)
{
	put_ip4(f, 2, 19);
}

static void total_is_header(struct fixture *fx, struct frame *f)
{
	put_ip4(f, 2, 20);
}

static void total_zero(struct fixture *fx, struct frame *f)
{
	put_ip4(f, 2, 0);
}

static void header_of_16(struct fixture *fx, struct frame *f)
{
	f->data[ETH_HLEN] = 0x44;
}

static void header_of_0(struct fixture *fx, struct frame *f)
{
	f->data[ETH_HLEN] = 0x40;
}

static void header_beyond_total(struct fixture *fx, struct frame *f)
{
	f->data[ETH_HLEN] = 0x4f;
	put_ip4(f, 2, 59);
}

static void payload_too_long(struct fixture *fx, struct frame *f)
{
	checksum_put16(f->data + ETH_HLEN + 4, f->layer[0].len + 1);
}

static void payload_zero(struct fixture *fx, struct frame *f)
{
	checksum_put16(f->data + ETH_HLEN + 4, 0);
}

/* A hop-by-hop header that says TCP follows, and no ND behind it either. */
static void extension_header(struct fixture *fx, struct frame *f)
{
	f->data[ETH_HLEN + 6] = IPPROTO_HOPOPTS;
	f->data[f->layer[0].l4] = TCP;
}

static void udp_len(struct frame *f, int add)
{
	__u8 *len = f->data + f->layer[0].l4 + 4;

	checksum_put16(len, checksum_get16(len) + add);
}

static void udp_too_long(struct fixture *fx, struct frame *f)
{
	udp_len(f, 1);
}

static void udp_too_short(struct fixture *fx, struct frame *f)
{
	udp_len(f, -1);
}

static void udp_zero(struct fixture *fx, struct frame *f)
{
	udp_len(f, -(int)f->layer[0].len);
}

/* Loose source routing by way of three routers: the pseudo-header has the last of them, not the
 * address in the header, and who leaves the checksum to the device puts that in the field.
 */
static void source_route(struct fixture *fx, struct frame *f)
{
	struct frame_layer l = f->layer[0];
	__u8 *option = f->data + l.ip + 20, header[4];

	option[0] = 131;
	option[1] = 15;
	option[2] = 4;
	for (int i = 0; i < 4; i++) {
		header[i] = f->data[l.addrs + 4 + i];
		f->data[l.addrs + 4 + i] = option[11 + i] = 10 + i;
	}
	checksum_put16(f->data + l.field, frame_pseudo(f, &l));
	for (int i = 0; i < 4; i++)
		f->data[l.addrs + 4 + i] = header[i];
	frame_ip4_sum(f, &l);
}

static const struct suite_case cases[] = {
	{"TCP complete", {.proto = TCP, .len = ANY}, .want = FAST},
	{"TCP partial", {.proto = TCP, .len = ANY, .sum = SUM_PARTIAL}, .want = COMPLETED},
	{"TCP wrong", {.proto = TCP, .len = ANY, .sum = SUM_WRONG}, .want = FAST},
	{"TCP 0", {.proto = TCP, .len = ANY, .sum = SUM_NONE}, .want = FAST},
	{"UDP complete", {.len = ANY}, .want = FAST},
	{"UDP partial", {.len = ANY, .sum = SUM_PARTIAL}, .want = COMPLETED},
	/* what a test runs has the queue of an skb */
	{"partial, in an skb of a tap", {.sum = SUM_PARTIAL}, .a = KVS_PORT_TAP, .want = TC},
	{"complete, in an skb of a tap, which may be GSO", {}, .a = KVS_PORT_TAP, .want = TC},
	{"UDP without, too short for a tunnel", {.len = 35, .sum = SUM_NONE}, .want = FAST},
	{"UDP without, may be a tunnel", {.len = 36, .sum = SUM_NONE}, .want = TC},
	{"UDP wrong, too short for a tunnel", {.len = 35, .sum = SUM_WRONG}, .want = FAST},
	{"UDP wrong, may be a tunnel", {.len = 36, .sum = SUM_WRONG}, .want = TC},
	{"ICMPv6 complete", {.type = IP6, .proto = ICMP6}, .want = FAST},
	{"ICMPv6 partial", {.type = IP6, .proto = ICMP6, .sum = SUM_PARTIAL}, .want = COMPLETED},
	{"IPv6 TCP partial",
	 {.type = IP6, .proto = TCP, .len = ANY, .sum = SUM_PARTIAL},
	 .want = COMPLETED},
	{"IPv6 UDP partial", {.type = IP6, .len = ANY, .sum = SUM_PARTIAL}, .want = COMPLETED},
	{"IPv6 UDP complete", {.type = IP6, .len = ANY}, .want = FAST},
	{"two tags, partial",
	 {.tags = {AD, Q}, .proto = TCP, .len = ANY, .sum = SUM_PARTIAL},
	 .want = COMPLETED},
	{"three tags, partial",
	 {.tags = {AD, Q, Q}, .proto = TCP, .len = ANY, .sum = SUM_PARTIAL},
	 .want = TC},

	{"TCP complete, equal to partial",
	 {.proto = TCP, .len = ANY, .force = FORCE_PARTIAL},
	 .want = FAST},
	{"UDP complete, equal to partial", {.len = ANY, .force = FORCE_PARTIAL}, .want = FAST},
	{"ICMPv6 complete, equal to partial",
	 {.type = IP6, .proto = ICMP6, .force = FORCE_PARTIAL},
	 .want = FAST},
	{"UDP completes to 0, which is 0xffff",
	 {.len = ANY, .force = FORCE_ZERO, .sum = SUM_PARTIAL},
	 .want = COMPLETED},
	{"TCP completes to 0",
	 {.proto = TCP, .len = ANY, .force = FORCE_ZERO, .sum = SUM_PARTIAL},
	 .want = COMPLETED},
	{"UDP 0xffff", {.len = ANY, .force = FORCE_ZERO}, .want = FAST},

	{"as long as XDP sums",
	 {.len = KVS_CSUM_MAX, .sum = SUM_PARTIAL},
	 .arrange = suite_large_frames,
	 .want = COMPLETED},
	{"too long to sum",
	 {.len = KVS_CSUM_MAX + 1, .sum = SUM_PARTIAL},
	 .arrange = suite_large_frames,
	 .want = TC},
	{"UDP complete, as long as XDP sums",
	 {.len = KVS_CSUM_MAX},
	 .arrange = suite_large_frames,
	 .want = FAST},
	{"UDP complete, too long to verify",
	 {.len = KVS_CSUM_MAX + 1},
	 .arrange = suite_large_frames,
	 .want = TC},
	{"TCP complete, as long as can be", {.proto = TCP, .len = 1480}, .want = FAST},
	{"padding", {.proto = TCP, .len = 20, .pad = 60, .sum = SUM_PARTIAL}, .want = COMPLETED},
	{"more padding than datagram",
	 {.proto = TCP, .len = 21, .pad = 1000, .sum = SUM_PARTIAL},
	 .want = COMPLETED},

	{"first fragment", {.proto = TCP, .len = ANY, .frag = 0x2000}, .want = TC},
	{"fragment in the middle", {.proto = TCP, .len = ANY, .frag = 0x2001}, .want = TC},
	{"last fragment", {.proto = TCP, .len = ANY, .frag = 0x1fff}, .want = TC},
	{"last fragment of UDP", {.frag = 1}, .want = TC},
	{"do not fragment",
	 {.proto = TCP, .len = ANY, .frag = 0x4000, .sum = SUM_PARTIAL},
	 .want = COMPLETED},
	{"reserved bit",
	 {.proto = TCP, .len = ANY, .frag = 0x8000, .sum = SUM_PARTIAL},
	 .want = COMPLETED},
	{"IPv6 fragment", {.type = IP6, .proto = IPPROTO_FRAGMENT, .len = ANY}, .want = TC},
	{"IPv6 extension header",
	 {.type = IP6, .proto = TCP, .len = ANY},
	 .arrange = extension_header,
	 .want = TC},

	{"ICMP", {.proto = IPPROTO_ICMP}, .want = FAST},
	{"IGMP", {.proto = IPPROTO_IGMP, .options = 4}, .want = TC},
	{"SCTP", {.proto = IPPROTO_SCTP}, .want = TC},
	{"SCTP in IPv6", {.type = IP6, .proto = IPPROTO_SCTP}, .want = TC},
	{"DCCP", {.proto = IPPROTO_DCCP}, .want = TC},
	{"UDP-Lite", {.proto = IPPROTO_UDPLITE}, .want = TC},
	{"GRE", {.proto = IPPROTO_GRE, .len = ANY}, .want = TC},
	{"IP in IP", {.proto = IPPROTO_IPIP, .len = ANY}, .want = TC},
	{"IPv6 in IP", {.proto = IPPROTO_IPV6, .len = ANY}, .want = TC},
	{"ESP", {.proto = IPPROTO_ESP, .len = ANY}, .want = TC},
	{"protocol 255", {.proto = 255}, .want = TC},
	{"ICMPv6 in IPv4, partial", {.proto = ICMP6, .sum = SUM_PARTIAL}, .want = COMPLETED},

	{"IPv4 total too long", {.proto = TCP, .len = ANY}, .arrange = total_too_long, .want = TC},
	{"IPv4 total below its header", {}, .arrange = total_below_header, .want = TC},
	{"IPv4 total is its header", {}, .arrange = total_is_header, .want = TC},
	{"IPv4 total 0", {}, .arrange = total_zero, .want = TC},
	{"IPv4 header of 16 bytes",
	 {.proto = TCP, .len = ANY},
	 .arrange = header_of_16,
	 .want = TC},
	{"IPv4 header of 0 bytes", {.proto = TCP, .len = ANY}, .arrange = header_of_0, .want = TC},
	{"IPv4 header beyond total",
	 {.proto = TCP, .len = ANY},
	 .arrange = header_beyond_total,
	 .want = TC},
	{"IPv6 payload too long",
	 {.type = IP6, .proto = TCP, .len = ANY},
	 .arrange = payload_too_long,
	 .want = TC},
	{"IPv6 payload 0", {.type = IP6}, .arrange = payload_zero, .want = TC},
	{"UDP too long", {}, .arrange = udp_too_long, .want = TC},
	{"UDP too short", {}, .arrange = udp_too_short, .want = TC},
	{"UDP length 0", {}, .arrange = udp_zero, .want = TC},
	{"TCP of 19 bytes", {.proto = TCP, .len = 19, .pad = 60, .sum = SUM_PARTIAL}, .want = TC},
	{"UDP of 7 bytes", {.len = 7, .pad = 60, .sum = SUM_NONE}, .want = TC},
	{"ICMPv6 of 7 bytes",
	 {.type = IP6, .proto = ICMP6, .len = 7, .sum = SUM_PARTIAL},
	 .want = TC},

	{"source route, partial TCP",
	 {.proto = TCP, .len = ANY, .options = 16},
	 .arrange = source_route,
	 .want = TC},
	{"source route, partial short UDP",
	 {.len = 20, .options = 16},
	 .arrange = source_route,
	 .want = TC},
	{"source route, partial long UDP",
	 {.len = ANY, .options = 16},
	 .arrange = source_route,
	 .want = TC},

	{"never partial here: TCP",
	 {.proto = TCP, .len = ANY, .sum = SUM_PARTIAL},
	 .a = KVS_PORT_CSUM_DONE,
	 .want = FAST},
	{"never partial here: UDP without",
	 {.len = ANY, .sum = SUM_NONE},
	 .a = KVS_PORT_CSUM_DONE,
	 .want = FAST},
	{"never partial here: SCTP",
	 {.proto = IPPROTO_SCTP},
	 .a = KVS_PORT_CSUM_DONE,
	 .want = FAST},
	{"never partial here: a fragment", {.frag = 0x2000}, .a = KVS_PORT_CSUM_DONE, .want = FAST},
	{"never partial here: unknown type",
	 {.type = 0x88b5},
	 .a = KVS_PORT_CSUM_DONE,
	 .want = FAST},
	{"of the target it says nothing",
	 {.proto = TCP, .len = ANY, .sum = SUM_PARTIAL},
	 .b = KVS_PORT_CSUM_DONE,
	 .want = COMPLETED},
};

int main(void)
{
	return suite_run(cases, ARRAY_SIZE(cases), NULL, 0);
}
