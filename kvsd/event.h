/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel tells: links, neighbours, filters; and what is to be done about it. */
#pragma once

#include "kvsd.h"

void event_message(const struct nlmsghdr *nlh, void *data);

/* Read all links anew; then ports and FDB are brought in line. Also after events were lost. */
void event_resync(void *data);

/* Read all links, and do nothing about them yet. */
int event_read_links(struct kvsd *k, struct err *err);

/* Once a second, from the timer. */
void event_tick(struct kvsd *k);
