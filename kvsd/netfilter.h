/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules of netfilter that frames between ports are subject to: those frames take the bridge. */
#pragma once

#include "kvsd.h"

/* Watch the rules of this network namespace. Nothing is read while no bridge is adopted. */
int netfilter_start(struct kvsd *k, struct err *err);
void netfilter_stop(struct kvsd *k);

/* Once a second, while a bridge is adopted. */
void netfilter_tick(struct kvsd *k);

/* Read everything now: before a bridge goes onto the fast path. */
void netfilter_look(struct kvsd *k);

/* Log what sees the frames of an adopted bridge, when that is not what the log has last. */
void netfilter_say(struct kvsd *k, struct link *bridge);

/* A device came or has a new name: chains of nftables are bound to devices. Read them soon. */
void netfilter_touch(struct kvsd *k);

/* The rules that frames of a bridge are subject to, whether or not it follows them; "": none. */
const char *netfilter_of_bridge(const struct kvsd *k, const struct link *bridge);

/* The rules at a port itself: for frames that come in, or that go out. "": none. */
const char *netfilter_of_port(const struct kvsd *k, const struct link *port, bool is_egress);
