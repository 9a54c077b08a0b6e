/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guard has to answer, evaluated once more, from the rules as kvs-guard(8) has them. It
 * shares no code with bpf/, and cares for nothing but being plain.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/abi.h"

/* A frame, and all that the rules ask about the port and the switch. */
struct oracle_world {
	struct kvs_guard guard;
	bool may_send_mac;                    /* the source is in the port's list */
	bool is_claimed;                      /* the source is sticky elsewhere */
	bool has_meta_tag;                    /* a tag that is not in the bytes */
	bool (*owns)(const uint8_t addr[16]); /* whether it is one of the port's addresses */
};

/* The reason, or KVS_DROP_MAX where there is none. */
enum kvs_drop oracle(const struct oracle_world *w, const uint8_t *frame, size_t len);

/* The VLAN of the source: of the outer tag of that protocol, or 0. */
unsigned int oracle_vlan(const uint8_t *frame, size_t len, uint16_t proto);
