/* SPDX-License-Identifier: GPL-2.0-only */
/* rtnetlink: one socket for requests and dumps, one for events. */
#pragma once

#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "err.h"

#define NL_BUF 32768 /* a dump's messages; the kernel fills what it is given, up to 32 KiB */

struct nl;

/* Called for each message of an event or a dump. */
typedef void nl_message_fn(const struct nlmsghdr *nlh, void *data);

/* message gets what changes in the groups LINK, NEIGH, TC and BRVLAN. lost is called after the
 * kernel has thrown events away: those that were still queued are gone too, and what is known has
 * to be read anew.
 */
int nl_open(sd_event *event, nl_message_fn *message, void (*lost)(void *data), void *data,
	    struct nl **out, struct err *err);
void nl_close(struct nl *nl);

/* A request in buf, to be extended with attributes: type is RTM_*, flags NLM_F_* besides REQUEST.
 */
struct nlmsghdr *nl_prepare(void *buf, __u16 type, __u16 flags);

/* Sends and waits for the answer; fn, where given, gets each message of it (a dump's, or a get's),
 * and must not talk itself. -EINTR: things changed during a dump, which is to be repeated. The text
 * of a refusal is the kernel's own: callers that know more put it into their words.
 */
int nl_talk(struct nl *nl, struct nlmsghdr *request, nl_message_fn *fn, void *data,
	    struct err *err);

/* Reads and handles events that are already queued, as far as the kernel has them by now. */
void nl_drain(struct nl *nl);
