// SPDX-License-Identifier: GPL-2.0-only
/* tc egress hook of a port: policy of the receiving port. It has no stages yet, so kvsd does not
 * attach it. */
#include "ctx_tc.h"

SEC("tc")
int kvs_egress(struct __sk_buff *ctx)
{
	return TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "GPL";
