/* SPDX-License-Identifier: GPL-2.0-only */
/* The daemon: what its files share. */
#pragma once

#include <linux/limits.h>
#include <systemd/sd-event.h>

#include "config.h"
#include "link.h"
#include "load.h"
#include "log.h"
#include "netns.h"
#include "nl.h"
#include "util.h"

struct guard_left;
struct guard_sweep;
struct netfilter;

#define KVSD_PATTERNS 64
#define KVSD_DIR_MAX  256

struct kvsd {
	sd_event *event;
	struct nl *nl;
	struct netfilter *netfilter; /* NULL: rules are not looked for */
	struct links links;
	struct netns netns;    /* of the other ends of veths */
	struct load *load;     /* programs and maps; NULL while no bridge is adopted */
	struct config *config; /* never NULL */
	const char *config_path;
	bool config_is_default; /* no --config: a missing file is no error */
	char run_dir[KVSD_DIR_MAX];
	const char *pin_want;       /* --pin-dir */
	char pin_dir[KVSD_DIR_MAX]; /* where that is for us, see bpffs.h */
	int pin_lock;               /* descriptor, see instance.h; -1 while nothing is pinned */
	const char *adopt[KVSD_PATTERNS]; /* --adopt */
	size_t n_adopt;
	uint64_t started;         /* CLOCK_MONOTONIC, us */
	unsigned int fdb_refused; /* entries that found no room, as of the last resync and since */
	unsigned int fdb_pause;   /* seconds until the next attempt to find them room */
	bool is_fdb_freed;        /* some entry went since */
	bool is_fdb_full;         /* said once */
	uint64_t moved;           /* kvs_state.moved as last seen */
	unsigned int moved_pause; /* seconds until the next look at it */
	struct guard_left *guard_left; /* what a daemon before this one left in the maps of guards;
					  at start */
	struct guard_sweep *guard_sweep;
	unsigned int guard_retry; /* seconds since what could not be installed was tried */
	bool is_admit_said;       /* why the programs cannot admit; said once */
	unsigned int group_idle;  /* seconds since some port had a group */
	unsigned int guard_idle;  /* seconds since some port had a guard */
	bool is_fdb_moved;        /* some entry went or moved since guards were swept */
	int peer_checked;         /* ifindex of the port that peer_check() was at */
	bool has_tcx;             /* as far as is known */
	bool is_starting; /* what the kernel and the pins hold is being read: maps are not pinned
			     yet */
	bool is_leaving;  /* everything is being released */
};
