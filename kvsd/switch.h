/* SPDX-License-Identifier: GPL-2.0-only */
/* Switches: bridges that KVS has adopted. */
#pragma once

#include "http.h"
#include "kvsd.h"
#include "netfilter_parts.h"

/* kvsd's side of an adopted bridge. The counts are of its ports and kept by switch_review(). */
struct sw {
	struct link *link;
	int claim; /* descriptor that says to other daemons: this one is taken */
	bool is_created;
	bool admits;        /* frames that no hook has seen are refused */
	bool has_clsact;    /* the bridge device's qdisc is ours */
	int admit_link[2];  /* of the bridge device: bpf_links, or -1 */
	bool is_admit_seen; /* its hooks are known to be ours */
	bool is_admit_said; /* why they are not there; said once */
	unsigned int n_ports, n_xdp;
	bool has_suppress;
	enum kvs_netfilter netfilter;
	char netfilter_said[NETFILTER_TEXT]; /* the rules that the log has named last */
};

/* Take over a bridge that is there; nothing happens when it is adopted already. */
int switch_adopt(struct kvsd *k, struct link *bridge, bool is_created, struct err *err);

/* Take KVS off it; the bridge works on. */
void switch_release(struct kvsd *k, struct link *bridge);
void switch_release_all(struct kvsd *k);

/* Write what the next daemon has to know of it. */
void switch_remember(struct kvsd *k, const struct sw *sw);

/* Make a bridge, up, and adopt it. ageing in seconds or -1, stp 0 or 1. */
int switch_create(struct kvsd *k, const char *name, bool stp, int ageing, struct err *err);

int switch_destroy(struct kvsd *k, const char *name, int ifindex, struct err *err);

/* Set a bridge's own attributes; -1 leaves one as it is. */
int switch_set(struct kvsd *k, int ifindex, int stp, int ageing, struct err *err);

/* Whether it keeps the fast path although netfilter rules see its frames. */
void switch_set_netfilter(struct kvsd *k, struct link *bridge, enum kvs_netfilter netfilter);

/* Bring its ports in line with what the bridge is now. */
void switch_sync_ports(struct kvsd *k, const struct link *bridge);

/* Count again after a port changed, and bring the others in line with what follows from it. */
void switch_review(struct kvsd *k, struct sw *sw);

/* Forget a bridge that is gone. */
void switch_forget(struct kvsd *k, struct link *bridge);

/* Make the folder for the pins, and lock it. */
int switch_take_pins(struct kvsd *k, struct err *err);

/* The first switch brings the programs, the last one takes them along. */
int switch_load(struct kvsd *k, struct err *err);

/* Programs, maps and pins go; none is adopted any more. */
void switch_unload(struct kvsd *k);

/* Ports of all switches. */
unsigned int switch_ports(const struct kvsd *k);

/* Why all its frames take the bridge; "" when they need not. */
const char *switch_reason(const struct kvsd *k, const struct link *bridge);

/* An adopted bridge by name; -ENOENT says what may have been meant. */
int switch_find(struct kvsd *k, const char *name, struct link **out, struct err *err);
