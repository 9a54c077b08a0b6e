// SPDX-License-Identifier: GPL-2.0-only
/* bpf/guard*.h as plain C against the oracle: the same answer, for the same reason, counted once.
 *
 * An input is a guard, what the hook knows beside the bytes, and a frame; see struct input.
 */
#include "ctx_native.h"

#include "flow.h"
#include "guard.h"

#include "oracle.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SLOT   7
#define BRIDGE 3
#define PVID   4

const volatile struct kvs_config kvs_config = {.has_guard = 1, .port_mask = 15};
bool native_is_tc;

struct input {
	__u16 flags;   /* KVS_GUARD_* */
	__u8 max_macs; /* the last 2 bits, and 2 of macs */
	__u8 types;    /* one of the lists below */
	__u8 hook;     /* HOOK_* */
	__u8 linear;   /* bytes behind the Ethernet header that can be read directly */
	__be16 tci;    /* of a tag in metadata */
};

enum {
	HOOK_TC = 1 << 0,
	HOOK_TAG = 1 << 1,   /* has one in metadata; tc only */
	HOOK_STAG = 1 << 2,  /* it is of 802.1ad */
	HOOK_AWARE = 1 << 3, /* the bridge filters VLANs */
	HOOK_BRIDGE_STAG = 1 << 4,
	HOOK_FULL = 1 << 5,   /* no MAC can be entered */
	HOOK_LINEAR = 1 << 6, /* all can be read directly */
};

static const __u16 type_lists[4][KVS_GUARD_TYPES] = {
	{0},
	{0x0800, 0x0806, 0x86dd, 0x8035},
	{KVS_GUARD_LLC, 0x0800, 0x8100},
	{0x86dd, 0x88cc, 1, 2, 3, 4, 5, 0x0806},
};

static const __u8 own_mac[6] = {2, 0, 0, 0, 0, 0xa}, sticky_mac[6] = {2, 0, 0, 0, 0, 0xb};

/* 10.0.0.5, 10.1.0.0/16, 2001:db8::5, 2001:db8:1::/48 */
static const struct {
	__u8 addr[16];
	unsigned int bits;
} own_addrs[] = {
	{{[10] = 0xff, [11] = 0xff, 10, 0, 0, 5}, 128},
	{{[10] = 0xff, [11] = 0xff, 10, 1, 0, 0}, 112},
	{{0x20, 1, 0xd, 0xb8, [15] = 5}, 128},
	{{0x20, 1, 0xd, 0xb8, 0, 1}, 48},
};

static struct {
	struct input in;
	struct kvs_guard guard;
	struct kvs_port port;
	struct kvs_vlans vlans;
	struct kvs_counters counters;
	struct kvs_guard_counters guard_counters;
	struct kvs_guard_owner owner;
	struct kvs_guard_lease lease;
	struct kvs_fdb sticky;
	struct kvs_state state;
	struct kvs_guard_view view;
	struct kvs_guard_seen seen[1 << KVS_GUARD_SEEN_BITS];
	bool is_entered;
	__u8 entered[6];
} world;

static bool is_mac(const __u8 *a, const __u8 *b)
{
	return !memcmp(a, b, 6);
}

static bool owns(const uint8_t addr[16])
{
	for (size_t i = 0; i < sizeof(own_addrs) / sizeof(*own_addrs); i++)
		if (!memcmp(addr, own_addrs[i].addr, own_addrs[i].bits / 8))
			return true;
	return false;
}

static void *find_mac(const struct kvs_guard_mac *key)
{
	bool is_there =
		is_mac(key->mac, own_mac) || (world.is_entered && is_mac(key->mac, world.entered));

	return key->slot == SLOT && !key->pad && is_there ? &world.owner : NULL;
}

static void *find_addr(const struct kvs_guard_addr *key)
{
	if (key->prefixlen != 160)
		abort();
	return key->slot == SLOT && owns(key->addr) ? &world.lease : NULL;
}

/* The VLAN it is sticky in, on a bridge that filters VLANs, is PVID. */
static void *find_fdb(const struct kvs_fdb_key *key)
{
	__u16 vlan = world.in.hook & HOOK_AWARE ? PVID : 0;

	return key->bridge == BRIDGE && key->vlan == vlan && is_mac(key->mac, sticky_mac)
		       ? &world.sticky
		       : NULL;
}

static void *of_slot(const void *key, void *value)
{
	return *(const __u32 *)key == SLOT ? value : NULL;
}

void *bpf_map_lookup_elem(const void *map, const void *key)
{
	__u32 at = *(const __u32 *)key;

	if (map == &kvs_guards)
		return of_slot(key, &world.guard);
	if (map == &kvs_ports)
		return of_slot(key, &world.port);
	if (map == &kvs_vlans)
		return of_slot(key, &world.vlans);
	if (map == &kvs_counters)
		return of_slot(key, &world.counters);
	if (map == &kvs_guard_counters)
		return of_slot(key, &world.guard_counters);
	if (map == &kvs_guard_macs)
		return find_mac(key);
	if (map == &kvs_guard_addrs)
		return find_addr(key);
	if (map == &kvs_fdb)
		return find_fdb(key);
	if (map == &kvs_guard_seen)
		return at < sizeof(world.seen) / sizeof(*world.seen) ? &world.seen[at] : NULL;
	if (map == &kvs_state)
		return &world.state;
	if (map == &kvs_guard_views)
		return &world.view;
	abort();
}

long bpf_map_update_elem(const void *map, const void *key, const void *value, __u64 flags)
{
	const struct kvs_guard_mac *mac = key;

	if (map != &kvs_guard_macs || mac->slot != SLOT || flags != BPF_NOEXIST)
		abort();
	if (world.in.hook & HOOK_FULL)
		return -7;
	memcpy(world.entered, mac->mac, 6);
	world.is_entered = true;
	return 0;
}

__u64 bpf_jiffies64(void)
{
	return 1000;
}

__u64 bpf_ktime_get_ns(void)
{
	return 1000;
}

static void set_guard(struct kvs_guard *g)
{
	*g = (struct kvs_guard){
		.flags = world.in.flags & ((KVS_GUARD_DHCP << 1) - 1),
		.max_macs = world.in.max_macs & 3,
		.macs = world.in.max_macs >> 2 & 3,
	};
	for (int i = 0; i < KVS_GUARD_TYPES; i++)
		g->types[i] = bpf_htons(type_lists[world.in.types & 3][i]);
}

static void set_world(const struct input *in)
{
	memset(&world, 0, sizeof(world));
	world.in = *in;
	set_guard(&world.guard);
	world.port.bridge = BRIDGE;
	if (in->hook & HOOK_AWARE)
		world.port.flags |= KVS_PORT_VLAN_AWARE;
	if (in->hook & HOOK_BRIDGE_STAG)
		world.port.flags |= KVS_PORT_STAG;
	world.vlans.pvid = PVID;
	world.sticky = (struct kvs_fdb){.port = SLOT + 1, .flags = KVS_FDB_STICKY};
	world.state.version = 5;
	memset(&world.view, 0xa5, sizeof(world.view)); /* of the frame before */
	native_is_tc = in->hook & HOOK_TC;
}

static bool is_claimed(const kvs_ctx *ctx)
{
	__u16 proto = world.in.hook & HOOK_BRIDGE_STAG ? ETH_P_8021AD : ETH_P_8021Q;
	unsigned int vlan = oracle_vlan(ctx->data, ctx->len, proto);

	if (!is_mac(ctx->data + 6, sticky_mac))
		return false;
	if (!(world.in.hook & HOOK_AWARE))
		return true;
	if (ctx->has_tag)
		vlan = ctx->tag_proto == bpf_htons(proto) ? ctx->tci & 0xfff : 0;
	return !vlan || vlan == PVID;
}

struct expected {
	enum kvs_drop why;
	enum kvs_guard_answer answer;
};

static struct expected expected_of(const kvs_ctx *ctx)
{
	const struct oracle_world w = {
		.guard = world.guard,
		.may_send_mac = is_mac(ctx->data + 6, own_mac),
		.is_claimed = is_claimed(ctx),
		.has_meta_tag = ctx->has_tag,
		.owns = owns,
	};
	enum kvs_drop why = oracle(&w, ctx->data, ctx->len);
	bool audit = world.guard.flags & KVS_GUARD_AUDIT;
	bool is_new =
		world.guard.max_macs && !(world.guard.flags & KVS_GUARD_MACS) && !w.may_send_mac;

	if (why == KVS_DROP_MAX && is_new && !native_is_tc)
		return (struct expected){why, KVS_GUARD_FOR_TC};
	if (why == KVS_DROP_MAX && is_new && (world.in.hook & HOOK_FULL))
		why = KVS_DROP_MAC_LIMIT;
	if (why == KVS_DROP_MAX)
		return (struct expected){why, KVS_GUARD_ALLOWED};
	if (!audit || why == KVS_DROP_SHUT)
		return (struct expected){why, KVS_GUARD_REFUSED};
	return (struct expected){why, native_is_tc ? KVS_GUARD_AUDITED : KVS_GUARD_FOR_TC};
}

static void expect(bool ok, const char *what, struct expected want, int got)
{
	if (ok)
		return;
	fprintf(stderr, "%s on %s: oracle says %d for reason %d, guard %d\n", what,
		native_is_tc ? "tc" : "xdp", want.answer, want.why, got);
	abort();
}

/* One, under the reason; or none. */
static bool is_counted(struct expected want, __u32 len)
{
	struct kvs_guard_counters c = {};
	__u64 bytes = 0;

	if (want.answer == KVS_GUARD_AUDITED)
		c.audit[want.why - KVS_DROP_PLAIN] = 1;
	if (want.answer == KVS_GUARD_REFUSED) {
		c.drop[want.why - KVS_DROP_PLAIN] = 1;
		bytes = len;
	}
	return !memcmp(&c, &world.guard_counters, sizeof(c)) && world.counters.rx_bytes == bytes;
}

static void judge(kvs_ctx *ctx, struct expected want, bool is_known)
{
	int got = native_kvs_guard_judge(ctx, SLOT, is_known);

	expect(got == (int)want.answer, is_known ? "known flow" : "answer", want, got);
	expect(is_counted(want, ctx->len), "counters", want, got);
	memset(&world.counters, 0, sizeof(world.counters));
	memset(&world.guard_counters, 0, sizeof(world.guard_counters));
}

/* A flow is known when its Ethernet header was allowed; its last ethertype may be another behind a
 * tag.
 */
static void judge_known(kvs_ctx *ctx, struct expected want)
{
	bool is_tagged = ctx->has_tag || kvs_is_tag(((struct ethhdr *)ctx->data)->h_proto);
	bool is_usual;

	if (want.why < KVS_DROP_MALFORMED && !(want.why == KVS_DROP_ETHERTYPE && is_tagged))
		return;
	if (want.answer == KVS_GUARD_FOR_TC && want.why == KVS_DROP_MAX)
		return;
	is_usual = kvs_guard_is_usual(ctx, &world.guard, SLOT);
	expect(!is_usual || want.why == KVS_DROP_MAX, "at first sight", want, is_usual);
	judge(ctx, want, true);
}

/* Exactly as much as there is, so that a byte more is found out; with IP headers aligned. */
static __u8 *copy(const __u8 *from, size_t n)
{
	__u8 *to = malloc(n + 2);

	if (!to)
		abort();
	memcpy(to + 2, from, n);
	return to + 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in;
	struct expected want;
	kvs_ctx ctx = {};

	if (size < sizeof(in) + ETH_HLEN)
		return 0;
	memcpy(&in, data, sizeof(in));
	set_world(&in);
	ctx.len = size - sizeof(in);
	ctx.linear_len = ETH_HLEN + in.linear;
	if ((in.hook & HOOK_LINEAR) || ctx.linear_len > ctx.len)
		ctx.linear_len = ctx.len;
	ctx.data = copy(data + sizeof(in), ctx.len);
	ctx.linear = copy(data + sizeof(in), ctx.linear_len);
	ctx.has_tag = native_is_tc && (in.hook & HOOK_TAG);
	ctx.tag_proto = bpf_htons(in.hook & HOOK_STAG ? ETH_P_8021AD : ETH_P_8021Q);
	ctx.tci = in.tci;
	want = expected_of(&ctx);
	judge(&ctx, want, false);
	judge_known(&ctx, want);
	free((__u8 *)ctx.data - 2);
	free((__u8 *)ctx.linear - 2);
	return 0;
}
