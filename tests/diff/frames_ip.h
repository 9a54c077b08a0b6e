/* SPDX-License-Identifier: GPL-2.0-only */
/* The IP part of a random frame. */
#pragma once

#include "frames.h"

uint32_t frame_sum(const void *data, uint32_t len, uint32_t to);

/* may_offload: partial checksums and GSO */
void frame_put_ip(struct frame *f, struct rng *r, bool is_ip4, bool may_offload, uint32_t size);
