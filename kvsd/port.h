/* SPDX-License-Identifier: GPL-2.0-only */
/* Ports of adopted switches: their place in the maps, their hooks. */
#pragma once

#include "guard.h"
#include "kvsd.h"
#include "watch.h"

enum hook_tc { HOOK_NONE, HOOK_TCX, HOOK_CLSACT };

/* What is known of the other end of a veth. */
enum peer_gro { GRO_NONE, GRO_UNKNOWN, GRO_OFF, GRO_ON, GRO_KVS };

/* Programs, filters and qdiscs of others, which XDP would go past. */
struct others {
	bool ingress, egress;
	bool tcx_ingress, tcx_egress; /* the part of it that is tcx programs */
	uint64_t device, seen; /* frames received when KVS last saw one, see others_shadow() */
};

struct port {
	uint32_t slot;
	struct kvs_port abi; /* as it is in kvs_ports */
	enum kvs_path path;  /* wanted */
	enum hook_tc tc;
	int tc_link;  /* bpf_link, or -1 */
	int xdp_link; /* bpf_link, or -1 */
	enum hook_tc egress;
	int egress_link;     /* bpf_link, or -1 */
	bool is_egress_seen; /* what a daemon before this one had there is known */
	uint16_t group;      /* enum kvs_group_kind, or a community */
	bool has_clsact;     /* the qdisc is ours */
	bool has_no_addr;    /* addr_gen_mode was set by us */
	bool is_config_done; /* its settings in the configuration were applied */
	enum peer_gro gro;
	bool is_peer_ready;  /* of a veth: its other end takes XDP frames */
	bool is_peer_warned; /* that its peer cannot be reached; said once */
	bool is_tags_seen;   /* XDP finds the tags of what comes in in the frame */
	uint32_t tags;       /* KVS_PORT_TAGS_*: what was done for that */
	int vlans_of;        /* the bridge whose VLANs kvs_vlans has of it, or 0 */
	struct others others;
	struct watch watch;  /* path auto */
	char xdp_last[160];  /* what was said of it last */
	char xdp_error[160]; /* why the XDP hook is not attached though wanted, or "" */
	char tc_error[160];
	struct guard *guard;               /* what it may send; NULL: anything */
	bool is_shut;                      /* its hooks drop everything: see guard.c */
	struct kvs_guard_counters refused; /* of guards that are gone with their maps */
	char group_error[160];             /* why its group is not in force, or "" */
	char egress_error[160]; /* why the egress hook is not attached though wanted, or "" */
};

/* Bring the port of a device, if it is or was one, in line with what the device is now. */
void port_sync(struct kvsd *k, struct link *l);

/* Its KVS_PORT_* flags, as things are now. */
uint32_t port_flags(const struct kvsd *k, const struct link *l, const struct link *bridge);

/* Take KVS off the device. */
void port_remove(struct kvsd *k, struct link *l);

/* Take KVS off what a daemon before this one had as ports and is none any more, and free its slots.
 */
void port_sweep(struct kvsd *k);

/* Ports that found no room. */
unsigned int port_refused(const struct kvsd *k);

/* Once a second: give them what room others have left. True if some got it: their stations are to
 * be read.
 */
bool port_retry(struct kvsd *k);

/* Whether it has XDP; or, with path auto, had it, since that may be again at any time, and each
 * change costs frames at the other ends of veths.
 */
bool port_uses_xdp(const struct port *p);

void port_set_path(struct kvsd *k, struct link *l, enum kvs_path path);

/* The path its frames take now, and why it is not the one that is wanted, or "". */
enum kvs_path port_path_now(struct kvsd *k, struct link *l, const char **reason);

/* The port named, of an adopted switch; -ENOENT says what may have been meant. */
int port_find(struct kvsd *k, const char *name, struct link **out, struct err *err);

/* Whether it is a port of an adopted switch, with or without a place in the maps. */
bool port_is_ours(const struct kvsd *k, const struct link *l);
