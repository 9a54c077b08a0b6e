// SPDX-License-Identifier: GPL-2.0-only
/* kvsd runs this once a second: it is how the hooks know that somebody follows the bridge. */
#include "maps.h"

SEC("syscall")
int kvs_heartbeat(void *ctx)
{
	__u32 zero = 0;
	struct kvs_state *state = bpf_map_lookup_elem(&kvs_state, &zero);

	if (!state)
		return 1;
	state->now = bpf_jiffies64();
	state->deadline = state->now + kvs_config.stale_after;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
