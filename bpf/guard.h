/* SPDX-License-Identifier: GPL-2.0-only */
/* Guard: what a port may send, kvs-guard(8). It comes before the choice of path, so that it holds
 * on each of them, and before what the flow cache answers.
 *
 * XDP refuses for good, and lets pass what is beyond doubt. What has to be entered or merely
 * counted, it hands on to tc, which judges it anew: so all of that happens once.
 */
#pragma once

#include "count.h"
#include "guard_arp.h"
#include "guard_ipv4.h"
#include "guard_ipv6.h"
#include "guard_mac.h"
#include "guard_usual.h"
#include "guard_view.h"
#include "limit.h"

/* None of the verdicts of XDP and tc: the frame goes on to the next stage. */
#define KVS_GUARD_GO (-2)

#define KVS_GUARD_BEHIND_TAGS (KVS_GUARD_ADDRESSES | KVS_GUARD_ROUTER | KVS_GUARD_DHCP)

/* By what is behind the Ethernet header, where a rule is about it. */
static __always_inline enum kvs_drop kvs_guard_network(kvs_ctx *ctx, struct kvs_guard_view *v)
{
	bool binds = kvs_guard_binds_macs(v);

	if (v->is_cut || v->tags > KVS_MAX_TAGS || kvs_is_tag(v->proto))
		return kvs_guard_has(v, KVS_GUARD_BEHIND_TAGS) ? KVS_DROP_MALFORMED : KVS_GUARD_OK;
	if (v->proto == bpf_htons(ETH_P_ARP) || v->proto == bpf_htons(ETH_P_RARP))
		return binds || kvs_guard_has(v, KVS_GUARD_ADDRESSES) ? kvs_guard_arp(ctx, v)
								      : KVS_GUARD_OK;
	if (v->proto == bpf_htons(ETH_P_IP) &&
	    kvs_guard_has(v, KVS_GUARD_ADDRESSES | KVS_GUARD_DHCP))
		return kvs_guard_ipv4(ctx, v);
	if (v->proto == bpf_htons(ETH_P_IPV6) && (binds || kvs_guard_has(v, KVS_GUARD_BEHIND_TAGS)))
		return kvs_guard_ipv6(ctx, v);
	return KVS_GUARD_OK;
}

/* The reasons in their order. Of a flow that is known, the source has been looked at. */
static __always_inline enum kvs_drop kvs_guard_why(kvs_ctx *ctx, const struct kvs_guard *guard,
						   struct kvs_guard_view *v, bool is_known)
{
	enum kvs_drop why = kvs_guard_ethernet(guard, v);

	if (why == KVS_GUARD_OK && !is_known)
		why = kvs_guard_source(guard, v);
	return why == KVS_GUARD_OK ? kvs_guard_network(ctx, v) : why;
}

/* A guard that is not there is one that could not be installed. */
__noinline int KVS_GLOBAL(kvs_guard_judge)(kvs_ctx *ctx, __u32 slot, bool is_known)
{
	enum kvs_drop why = KVS_DROP_SHUT;
	struct kvs_guard_view *v;
	struct kvs_guard *guard;
	bool is_audit = false;

	if (!kvs_config.has_guard)
		return KVS_GUARD_ALLOWED;
	guard = bpf_map_lookup_elem(&kvs_guards, &slot);
	v = guard ? kvs_guard_read(ctx, guard, slot) : NULL;
	if (v) {
		why = kvs_guard_why(ctx, guard, v, is_known);
		is_audit = kvs_guard_has(v, KVS_GUARD_AUDIT) && why != KVS_DROP_SHUT;
		if (!KVS_LAST_HOOK && (why == KVS_GUARD_OK ? v->is_new : is_audit))
			return KVS_GUARD_FOR_TC;
		if (why == KVS_GUARD_OK && v->is_new)
			why = kvs_guard_enter(guard, v);
	}
	if (why == KVS_GUARD_OK)
		return kvs_limit(ctx, guard, slot, is_known);
	kvs_guard_count(ctx, slot, why, is_audit);
	return is_audit ? KVS_GUARD_AUDITED : KVS_GUARD_REFUSED;
}

static __always_inline int kvs_guard_ask(kvs_ctx *ctx, __u32 slot, bool is_known)
{
	const struct kvs_guard *guard = is_known ? bpf_map_lookup_elem(&kvs_guards, &slot) : NULL;

	if (guard && kvs_guard_is_usual(ctx, guard, slot))
		return kvs_limit(ctx, guard, slot, true);
	return KVS_GLOBAL(kvs_guard_judge)(ctx, slot, is_known);
}

/* KVS_GUARD_GO, or what the hook returns. */
static __always_inline int kvs_guard(kvs_ctx *ctx, const struct kvs_frame *f, bool is_known)
{
	int answer;

	if (!kvs_config.has_guard || !(f->way->in & KVS_PORT_GUARD))
		return KVS_GUARD_GO;
	answer = kvs_guard_ask(ctx, f->way->slot, is_known);
	if (answer == KVS_GUARD_FOR_TC)
		return KVS_ACT_PASS;
	if (answer == KVS_GUARD_REFUSED)
		return KVS_ACT_DROP;
	/* the flow's next frame is to be counted, too: its answer is kept as one of a past version
	 */
	if (answer == KVS_GUARD_AUDITED && !is_known)
		f->flow->version--;
	return KVS_GUARD_GO;
}
