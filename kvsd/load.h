/* SPDX-License-Identifier: GPL-2.0-only */
/* Programs and maps: loaded, pinned, taken over from a daemon before this one. */
#pragma once

#include <stdint.h>

#include "config.h"
#include "err.h"
#include "kvs/abi.h"

struct kvs_bpf;

/* What the programs are loaded with. What is off costs no instruction, and its maps one entry. */
enum {
	LOAD_CORE = 1 << 0, /* always */
	LOAD_GUARD = 1 << 1,
	LOAD_GROUP = 1 << 2,
	LOAD_LIMIT = 1 << 3,  /* with LOAD_GUARD */
	LOAD_EGRESS = 1 << 4, /* with each of those that need the egress hook */
	LOAD_ADMIT = 1 << 5,
};

/* Descriptors of one load; -1 never occurs. */
struct load {
	struct kvs_bpf *skel, *before; /* before: of load_switch(), until load_switched() */
	unsigned int features;         /* LOAD_* */
	unsigned int taken; /* those of them whose maps are of a daemon before this one */
	uint32_t slots;     /* of kvs_ports and what goes with each port */
	uint32_t fdb_max, guard_max;
	int ports, fdb, vlans, devmap, counters, state, switches;
	int guards, guard_macs, guard_addrs, guard_counters, limits;
	int groups, egress_counters, admit_counters;
	int xdp, ingress, heartbeat;    /* programs */
	int egress;                     /* program; negative without LOAD_EGRESS */
	int bridge_in, bridge_out;      /* programs; negative without LOAD_ADMIT */
	int shut_xdp, shut_ingress;     /* programs that drop everything */
	struct kvs_state *shared;       /* the hooks' own */
	struct kvs_guard *guard_shared; /* by slot; NULL without LOAD_GUARD */
	struct kvs_limit *limit_shared; /* likewise, LOAD_LIMIT */
};

/* Loads the programs with maps of the sizes in limits, or over the maps pinned in pin_dir where
 * those fit. What was pinned and does not fit stays pinned until load_pin(), so that its ports can
 * be read before: see load_pinned_port().
 */
int load_open(const char *pin_dir, const struct config_limits *limits, struct load **out,
	      struct err *err);

/* Pins maps and programs in pin_dir, in the place of what is pinned there. */
int load_pin(const struct load *load, const char *pin_dir, struct err *err);

/* Loads the programs anew with other features, over the maps that stay, and has load's descriptors
 * be those. Then the caller puts them in the place of the old ones at each port, and calls
 * load_switched(), which lets go of what is not used any more. pin_dir is NULL while what a daemon
 * before this one pinned is still needed. On failure nothing has changed.
 */
int load_switch(struct load *load, const char *pin_dir, unsigned int features, struct err *err);
void load_switched(struct load *load, const char *pin_dir);

void load_close(struct load *load);

/* Runs kvs_heartbeat. */
int load_heartbeat(const struct load *load);

struct kvs_state load_state(const struct load *load);

/* To be called after each write to kvs_ports, kvs_vlans or kvs_fdb that may change an answer of the
 * hooks, which remember them: see bpf/flow.h.
 */
void load_changed(const struct load *load);

/* As many jiffies as last so long. */
uint32_t load_jiffies(uint64_t centiseconds);

/* Bytes of memory that the kernel reports for the maps and the programs. */
void load_memory(const struct load *load, uint64_t *maps, uint64_t *programs);
