/* SPDX-License-Identifier: GPL-2.0-only */
/* Random frames, as a guest with a virtio-net device sends them. */
#pragma once

#include <linux/virtio_net.h>

#include "rng.h"

#define FRAME_MAX 20000
#define STATIONS  8 /* station k lives behind port k % 4, until it moves */

struct frame {
	struct virtio_net_hdr hdr;
	uint32_t len;
	uint8_t data[FRAME_MAX];
};

/* MAC of a station, of a port's device (from 0), of the bridge; IPv4 address of a station */
void frame_station(uint8_t *mac, unsigned int station);
void frame_device(uint8_t *mac, unsigned int port);
void frame_bridge(uint8_t *mac);
uint32_t frame_ip(unsigned int station);

/* From a station behind the port, mostly. is_xdp: nothing in the virtio-net header that XDP, which
 * does not see it, could not know from the frame; of GSO anything, which XDP hands on. */
void frame_random(struct frame *f, struct rng *r, unsigned int port, bool is_xdp);

/* IGMP, MLD, or what is sent to their groups; no damage. True: it starts short timers. */
bool frame_group(struct frame *f, struct rng *r, unsigned int port);

/* 60 bytes of an unassigned ethertype; to: a station, or -1 for broadcast */
void frame_plain(struct frame *f, unsigned int from, int to);

/* What the device would make of a partial checksum; false where the header is not about the frame.
 */
bool frame_complete(struct virtio_net_hdr *hdr, uint8_t *data, uint32_t len);
