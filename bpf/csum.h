/* SPDX-License-Identifier: GPL-2.0-only */
/* Partial checksums, for XDP. The flag that marks them is in the skb: of a veth's frames, it is
 * read there. Elsewhere, or on older kernels, XDP does not see it.
 *
 * A sender that leaves the checksum to the device stores the folded pseudo-header sum in the field.
 * Where the field equals it, KVS completes the checksum before it redirects. If the checksum was
 * complete and merely equal, completing it yields the same value. Where KVS cannot be sure that a
 * frame is complete, tc takes it, which sees the flag.
 */
#pragma once

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/icmpv6.h>

#include "maps.h"
#include "parse.h"

#define KVS_IP_FRAGMENT 0x3fff /* more fragments, or an offset */
#define KVS_CSUM_STEP   512    /* bytes: bpf_csum_diff() takes no more before Linux 6.13 */

/* A datagram in UDP can be a tunnel that carries a partial checksum further in, from an IPv4 and a
 * UDP header on. */
#define KVS_MIN_TUNNEL (sizeof(struct iphdr) + sizeof(struct udphdr))

enum kvs_csum {
	KVS_CSUM_DONE,
	KVS_CSUM_PARTIAL,
	KVS_CSUM_UNSURE,
};

struct kvs_l4 {
	__u32 off;    /* of the L4 header in the frame */
	__u32 len;    /* bytes from there, without padding */
	__u32 field;  /* offset of the checksum in the frame */
	__u16 pseudo; /* folded sum of the pseudo-header, as it lies in memory */
	__u8 proto;   /* IPPROTO_* */
};

struct kvs_csum_buf {
	__u8 bytes[KVS_CSUM_MAX + 4];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct kvs_csum_buf);
} kvs_csum_scratch SEC(".maps");

static __always_inline __u16 kvs_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static __always_inline __u16 kvs_pseudo(const __be32 *words, int n, const struct kvs_l4 *l4)
{
	__u64 sum = bpf_htonl(l4->len) + (__u64)bpf_htonl(l4->proto);

	for (int i = 0; i < n; i++)
		sum += words[i];
	return kvs_fold(sum);
}

static __always_inline bool kvs_parse_ipv4(const struct kvs_frame *f, struct kvs_l4 *l4)
{
	const struct iphdr *ip = kvs_at(f, f->l3, KVS_L3_MASK);
	__u32 hlen, total;

	if ((void *)(ip + 1) > f->end)
		return false;
	hlen = ip->ihl *
	       4; /* with options, a source route say, the pseudo-header may have another address */
	total = bpf_ntohs(ip->tot_len);
	if (hlen != sizeof(*ip) || total < hlen || f->l3 + total > f->len)
		return false;
	if (ip->frag_off & bpf_htons(KVS_IP_FRAGMENT))
		return false;
	l4->proto = ip->protocol;
	l4->off = f->l3 + hlen;
	l4->len = total - hlen;
	l4->pseudo = kvs_pseudo(&ip->saddr, 2, l4);
	return true;
}

static __always_inline bool kvs_parse_ipv6(const struct kvs_frame *f, struct kvs_l4 *l4)
{
	const struct ipv6hdr *ip = kvs_at(f, f->l3, KVS_L3_MASK);

	if ((void *)(ip + 1) > f->end)
		return false;
	l4->proto = ip->nexthdr;
	l4->off = f->l3 + sizeof(*ip);
	l4->len = bpf_ntohs(ip->payload_len);
	if (l4->off + l4->len > f->len)
		return false;
	l4->pseudo = kvs_pseudo((const __be32 *)&ip->saddr, 8, l4);
	return true;
}

/* Copies len bytes, padded with zeroes to a multiple of 4; how many then, 0 if it cannot. */
static __always_inline __u64 kvs_sum_load(kvs_ctx *ctx, __u32 off, __u64 len,
					  struct kvs_csum_buf *buf)
{
	if (len < sizeof(struct udphdr) || len > KVS_CSUM_MAX)
		return 0;
	/* bounds that the verifier sees wherever the compiler keeps len, as for kvs_at() */
	len--;
	asm volatile("" : "+r"(len));
	len = (len & (KVS_CSUM_MAX - 1)) + 1;
	if (bpf_xdp_load_bytes(ctx, off, buf->bytes, len))
		return 0;
	__builtin_memset(buf->bytes + len, 0, 4);
	return (len + 3) & ~3ull;
}

/* Folded sum of so many bytes of the frame, 0 to 65535; negative when they are too many. */
static __noinline int kvs_sum(struct xdp_md *ctx, __u32 off, __u32 datagram)
{
	__u32 zero = 0;
	struct kvs_csum_buf *buf = bpf_map_lookup_elem(&kvs_csum_scratch, &zero);
	__u64 len = buf ? kvs_sum_load(ctx, off, datagram, buf) : 0;
	__s64 sum = len ? 0 : -1;

#pragma unroll
	for (__u64 at = 0; at < KVS_CSUM_MAX; at += KVS_CSUM_STEP) {
		__u64 n = len - at;

		if (sum < 0 || at >= len)
			break;
		asm volatile("" : "+r"(n));
		if (n > KVS_CSUM_STEP)
			n = KVS_CSUM_STEP;
		sum = bpf_csum_diff(NULL, 0, (__be32 *)(buf->bytes + at), n, sum);
	}
	return sum < 0 ? -1 : kvs_fold(sum);
}

static __always_inline enum kvs_csum kvs_csum_partial(const struct kvs_l4 *l4)
{
	return l4->len <= KVS_CSUM_MAX ? KVS_CSUM_PARTIAL : KVS_CSUM_UNSURE;
}

/* TCP, ICMPv6: nothing that is offloaded travels inside them. */
static __always_inline enum kvs_csum kvs_csum_plain(const struct kvs_frame *f, struct kvs_l4 *l4,
						    __u32 at, __u32 hlen)
{
	const __u16 *field = kvs_at(f, l4->off + at, KVS_L4_MASK);

	if (l4->len < hlen || (void *)(field + 1) > f->end)
		return KVS_CSUM_UNSURE;
	l4->field = l4->off + at;
	return *field == l4->pseudo ? kvs_csum_partial(l4) : KVS_CSUM_DONE;
}

/* Tunnels that Linux completes by such a promise, which depends on nothing but the inner
 * pseudo-header: where it equals the outer one, it does so for all frames of a flow.
 */
static __always_inline bool kvs_is_tunnel(const struct udphdr *udp)
{
	return udp->dest == bpf_htons(4789) || udp->dest == bpf_htons(8472) ||
	       udp->dest == bpf_htons(6081);
}

/* UDP may be a tunnel. A sender that completes the outer checksum on the promise that the inner one
 * will be completed leaves an outer one that is wrong until then: so a right one says that nothing
 * is left to do.
 */
static __always_inline enum kvs_csum kvs_csum_udp(kvs_ctx *ctx, const struct kvs_frame *f,
						  struct kvs_l4 *l4)
{
	const struct udphdr *udp = kvs_at(f, l4->off, KVS_L4_MASK);
	int sum;

	if (l4->len < sizeof(*udp) || (void *)(udp + 1) > f->end || bpf_ntohs(udp->len) != l4->len)
		return KVS_CSUM_UNSURE;
	l4->field = l4->off + __builtin_offsetof(struct udphdr, check);
	if (udp->check && udp->check == l4->pseudo)
		return kvs_is_tunnel(udp) ? KVS_CSUM_UNSURE : kvs_csum_partial(l4);
	if (l4->len < sizeof(*udp) + KVS_MIN_TUNNEL)
		return KVS_CSUM_DONE;
	if (!udp->check)
		return KVS_CSUM_UNSURE;
	sum = kvs_sum(ctx, l4->off, l4->len);
	if (sum < 0 || kvs_fold((__u32)sum + l4->pseudo) != 0xffff)
		return KVS_CSUM_UNSURE;
	return KVS_CSUM_DONE;
}

static __always_inline enum kvs_csum kvs_csum_l4(kvs_ctx *ctx, const struct kvs_frame *f,
						 struct kvs_l4 *l4)
{
	switch (l4->proto) {
	case IPPROTO_TCP:
		return kvs_csum_plain(f, l4, __builtin_offsetof(struct tcphdr, check),
				      sizeof(struct tcphdr));
	case IPPROTO_ICMPV6:
		return kvs_csum_plain(f, l4, __builtin_offsetof(struct icmp6hdr, icmp6_cksum),
				      sizeof(struct icmp6hdr));
	case IPPROTO_UDP:
		return kvs_csum_udp(ctx, f, l4);
	case IPPROTO_ICMP: /* computed by software, always */
	case IPPROTO_IGMP:
		return KVS_CSUM_DONE;
	default:
		return KVS_CSUM_UNSURE;
	}
}

/* By what the frame looks like. */
static __always_inline enum kvs_csum kvs_csum_guess(kvs_ctx *ctx, const struct kvs_frame *f,
						    struct kvs_l4 *l4)
{
	bool parsed = false;

	if (f->proto == bpf_htons(ETH_P_ARP) || f->proto == bpf_htons(ETH_P_RARP))
		return KVS_CSUM_DONE;
	if (f->proto == bpf_htons(ETH_P_IP))
		parsed = kvs_parse_ipv4(f, l4);
	else if (f->proto == bpf_htons(ETH_P_IPV6))
		parsed = kvs_parse_ipv6(f, l4);
	return parsed ? kvs_csum_l4(ctx, f, l4) : KVS_CSUM_UNSURE;
}

/* A veth's frame is an skb that says so, or was sent by XDP. */
static __always_inline bool kvs_csum_is_marked(const struct kvs_frame *f)
{
	return kvs_ctx_has_marks() && (f->way->in & KVS_PORT_VETH);
}

/* Nothing is left to do, and that needs no look into the frame. */
static __always_inline bool kvs_csum_is_done(kvs_ctx *ctx, const struct kvs_frame *f)
{
	if (f->way->in & KVS_PORT_CSUM_DONE)
		return true;
	return kvs_csum_is_marked(f) && !kvs_ctx_is_partial(ctx);
}

/* Fills l4 when the answer is KVS_CSUM_PARTIAL. */
static __always_inline enum kvs_csum kvs_csum_check(kvs_ctx *ctx, struct kvs_frame *f,
						    struct kvs_l4 *l4)
{
	enum kvs_csum csum;

	if (kvs_csum_is_done(ctx, f))
		return KVS_CSUM_DONE;
	kvs_parse_tags(f);
	csum = kvs_csum_guess(ctx, f, l4);
	/* it is partial, so it is not where it was looked for */
	return csum == KVS_CSUM_DONE && kvs_csum_is_marked(f) ? KVS_CSUM_UNSURE : csum;
}

/* Completes a partial checksum: sum is kvs_sum(), to which the field itself has contributed the
 * pseudo-header.
 */
static __always_inline bool kvs_csum_store(kvs_ctx *ctx, const struct kvs_l4 *l4, int sum)
{
	__u16 check = ~sum;

	if (!check && l4->proto == IPPROTO_UDP)
		check = 0xffff; /* 0 would say that there is none */
	return !bpf_xdp_store_bytes(ctx, l4->field, &check, sizeof(check));
}
