/* SPDX-License-Identifier: GPL-2.0-only */
/* What left the ports of both sides, and whether it is the same.
 *
 * In all modes must be the same: which ports a frame leaves by, the bytes, the virtio-net header,
 * the forwarding database and, after IGMP and MLD, the multicast database. Not compared is the
 * order between ports.
 *
 * Left out are the bridge's own IGMP reports, which it sends when it likes, and hdr_len: a hint,
 * here how much of a GSO frame lies in one piece, which depends on how far the bridge has read into
 * it.
 *
 * In mode stp the kernel's own spanning tree is on. Its BPDUs are compared but for the age of what
 * they tell, which it counts by its clock, in 4 ms, and for their place among the frames of a port:
 * a timer sends them (2 of 50,500 cases on 6.1 had them before a frame on one side,
 * after it on the other). Frames are compared once the ports of both sides are in the same states
 * and stay so: a state that lasts 16 ms is only passed through, but listening and learning are also
 * held for minutes (see stp.h). Stations are forgotten by the clock, so no frames come while a
 * topology change makes the bridges look for old entries. In the other modes states are set by
 * hand.
 *
 * XDP redirects the bytes alone, so where ports run XDP, and only there, may differ:
 *   - a partial checksum on one side that the other has completed: equal once both are completed
 *     (0 and 0xffff are the same number);
 *   - VIRTIO_NET_HDR_F_DATA_VALID, a hint;
 *   - what the write to a tap that is down returns, if XDP drops the frame before the tap looks.
 */
#pragma once

#include "world.h"

#define TEXT_MAX 4096

/* 0: the same; 1: not, and text says what; -1: cannot be told */
int capture_compare(struct world *w, char text[TEXT_MAX]);

/* The same for the forwarding databases; *changed: not as at the last call. */
int capture_fdb(struct world *w, bool *changed, char text[TEXT_MAX]);

/* The same for the multicast databases, once nothing in them is about to change. */
int capture_mdb(struct world *w, char text[TEXT_MAX]);
