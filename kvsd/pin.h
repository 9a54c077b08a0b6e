/* SPDX-License-Identifier: GPL-2.0-only */
/* The folder of pins: PIN/kvs_* for maps and programs, PIN/links/IFINDEX-tc and -xdp for what is
 * attached. */
#pragma once

#include <linux/bpf.h>
#include <stdint.h>

#include "err.h"
#include "kvs/abi.h"

/* Pin fd as PIN/name, in the place of what is there. */
int pin_set(const char *dir, const char *name, int fd, struct err *err);
void pin_unset(const char *dir, const char *name);

/* A descriptor of the map pinned as PIN/name, and what it is; or -errno. */
int pin_map(const char *dir, const char *name, struct bpf_map_info *info);

/* Whether a daemon before this one left anything. */
bool pin_is_used(const char *dir);

/* Called for each bridge that a daemon before this one had adopted. */
void pin_switches(const char *dir, void (*fn)(int ifindex, const struct kvs_switch *, void *),
		  void *data);

/* Called for each port that a daemon before this one had. */
void pin_ports(const char *dir, void (*fn)(const struct kvs_port *, void *), void *data);

/* What a daemon before this one had written of the port with this ifindex. False when there is
 * none. */
bool pin_port(const char *dir, int ifindex, struct kvs_port *out, uint32_t *slot);

/* The link pinned for a device, which is "tc" or "xdp"; -1 when there is none that is attached to
 * it. */
int pin_link_get(const char *dir, int ifindex, const char *which);
int pin_link_set(const char *dir, int ifindex, const char *which, int fd);

/* Remove the pin, and detach and close *fd where it is not -1. */
void pin_link_drop(const char *dir, int ifindex, const char *which, int *fd);

/* The device a link is attached to; 0 when it is not attached any more. */
int pin_link_ifindex(int fd);

/* Remove the links of devices that is_port() knows nothing of. The last reference gone, the kernel
 * detaches them. */
void pin_sweep_links(const char *dir, bool (*is_port)(int ifindex, void *), void *data);

/* SO_NETNS_COOKIE of the namespace we are in; 0 when the kernel does not say. */
uint64_t pin_namespace(void);

/* -EBUSY when what is pinned is at work in another network namespace; what only was there is
 * removed. */
int pin_check_namespace(const char *dir, struct err *err);

/* Remove all pins; with the folder, where it is empty then. */
void pin_clear(const char *dir);
void pin_remove_all(const char *dir);
