/* SPDX-License-Identifier: GPL-2.0-only */
/* Forwarding database: the bridge's entries, copied into kvs_fdb. */
#pragma once

#include "kvsd.h"

/* An RTM_NEWNEIGH or RTM_DELNEIGH; those that are not of an adopted bridge are ignored. */
void fdb_message(struct kvsd *k, const struct nlmsghdr *nlh);

/* Read the entries of all adopted bridges from the kernel, and forget those that it has not. */
void fdb_resync(struct kvsd *k);

/* Once a second: when some went, try again to find room for those that were refused. */
void fdb_retry(struct kvsd *k);

/* Forget the entries of a bridge. */
void fdb_forget(struct kvsd *k, int bridge);
