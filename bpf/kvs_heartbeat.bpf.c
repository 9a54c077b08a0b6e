// SPDX-License-Identifier: GPL-2.0-only
/* kvsd runs this once a second: it is how the hooks know that somebody follows the bridge. */
#include "maps.h"

/* Late by a tick at most, but for a CPU that the host kept from ticking: it catches up. */
static __always_inline void set_epoch(struct kvs_state *state)
{
	__u64 epoch = bpf_ktime_get_ns() - state->now * kvs_config.tick;
	__s64 later = epoch - state->epoch;

	if (state->epoch && later > kvs_config.tick)
		epoch = state->epoch + kvs_config.tick;
	state->epoch = epoch;
}

SEC("syscall")
int kvs_heartbeat(void *ctx)
{
	__u32 zero = 0;
	struct kvs_state *state = bpf_map_lookup_elem(&kvs_state, &zero);

	if (!state)
		return 1;
	state->now = bpf_jiffies64();
	state->deadline = state->now + kvs_config.stale_after;
	set_epoch(state);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
