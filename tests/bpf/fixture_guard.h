/* SPDX-License-Identifier: GPL-2.0-only */
/* The guards of the fixture's ports. Every port has station A for its own, and these addresses. */
#pragma once

#include "fixture.h"

#define GUARD_IP4    10, 0, 0, 5
#define GUARD_PREFIX 10, 1, 0, 0 /* and 16 bits that do not count */
#define GUARD_IP6    0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5

/* Of the maps that have one entry as long as there are no guards. */
void fixture_guard_sizes(struct kvs_bpf *skel);

/* No port has a guard, and nobody has addresses. */
void fixture_guard_reset(struct fixture *fx);

/* The port has this one from now on, and station A and the addresses besides. */
void fixture_guard(struct fixture *fx, enum fixture_port port, const struct kvs_guard *guard);
struct kvs_guard fixture_get_guard(const struct fixture *fx, enum fixture_port port);

void fixture_guard_add_mac(struct fixture *fx, enum fixture_port port, const __u8 *mac);
bool fixture_guard_has_mac(const struct fixture *fx, enum fixture_port port, const __u8 *mac);

/* addr of 16 bytes, IPv4 as ::ffff:a.b.c.d; bits of them count. */
void fixture_guard_add_addr(struct fixture *fx, enum fixture_port port, const __u8 *addr, int bits,
			    __u64 until);

/* Sum over the CPUs. */
struct kvs_guard_counters fixture_guard_counters(const struct fixture *fx, __u32 slot);
void fixture_guard_zero_counters(struct fixture *fx);
