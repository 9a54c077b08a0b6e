/* SPDX-License-Identifier: GPL-2.0-only */
/* VLANs of the ports of bridges that filter them, copied into kvs_vlans. */
#pragma once

#include "port.h"

/* Read the port's VLANs where that was not done yet for the bridge it is in; forget them where that
 * does not filter. Without them the port is slow.
 */
void vlan_sync(struct kvsd *k, struct link *l);

/* An RTM_NEWVLAN or RTM_DELVLAN: the port's VLANs are read anew. */
void vlan_message(struct kvsd *k, const struct nlmsghdr *nlh);

/* Events were lost: what is known of all ports may be wrong, and is forgotten until vlan_sync(). */
void vlan_doubt(struct kvsd *k);

/* Once a second: try again where reading failed. */
void vlan_check(struct kvsd *k, struct link *l);
