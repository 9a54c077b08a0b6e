/* SPDX-License-Identifier: GPL-2.0-only */
/* The other end of a veth, in whatever network namespace it is. */
#pragma once

#include <net/if.h>
#include <stdbool.h>

#include "netns.h"

#define PEERNS_SAME (-1)

enum peer_gro_op { PEER_GRO_GET, PEER_GRO_SET };

/* A socket in the device's namespace, for ioctls; ifr gets its name. ifindex and nsid, and what may
 * go wrong, are as below.
 */
int peer_socket(struct netns *ns, int ifindex, int nsid, struct ifreq *ifr, struct err *err);

/* Reads or switches GRO of a device: ifindex and nsid are IFLA_LINK and IFLA_LINK_NETNSID of the
 * near end, nsid PEERNS_SAME without the latter. -ENOENT: its namespace has neither a name nor a
 * process that we can see; -ENODEV: the device is gone.
 */
int peer_gro(struct netns *ns, int ifindex, int nsid, enum peer_gro_op op, bool *on,
	     struct err *err);
