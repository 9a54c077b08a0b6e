/* SPDX-License-Identifier: GPL-2.0-only */
/* What the requests over rtnetlink have in common. */
#pragma once

#include <linux/rtnetlink.h>

#include "nlk.h"

struct nlmsghdr *nlk_prepare(void *buf, int type, int flags);
struct ifinfomsg *nlk_put_link(struct nlmsghdr *nlh, int family, int ifindex);

/* fn: called for each message of the answer, or NULL */
int nlk_talk(struct mnl_socket *s, struct nlmsghdr *nlh, mnl_cb_t fn, void *data);
