/* SPDX-License-Identifier: GPL-2.0-only */
/* The spanning tree of both bridges. BPDUs announce a forward delay of 0, of 16 ms or of minutes,
 * which the kernel takes though it is not to be configured: so states pass at once, or stay as long
 * as a world lasts, as they do while the bridge is root, whose own delay is 30 s. */
#pragma once

#include "ops.h"

/* Switches it on. */
int stp_open(struct side *s);

/* Lets the bridge forget at once what is too old. */
int stp_age(struct side *s);

/* Whether no state of a port will change by itself for now, on either side, and all are the same.
 */
bool stp_rests(struct world *w);

/* The kernel has told kvsd of all states that are seen. */
int stp_tells(struct world *w);

/* Makes some operations the spanning tree's, by random numbers of their own. */
void stp_make(struct op *op, uint64_t seed, uint32_t index);
const char *stp_setting_name(const struct op *op);
void stp_describe(const struct op *op, char *to, size_t size);

/* As op_run() */
int stp_run(struct world *w, const struct op *op, char text[TEXT_MAX]);
