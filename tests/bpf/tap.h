/* SPDX-License-Identifier: GPL-2.0-only */
/* A network namespace, and taps in it. */
#pragma once

/* 0 or -errno. Devices made from now on are alone, and silent. */
int tap_enter_namespace(void);

/* A tap that is up, with the MTU Ethernet has; its descriptor, which does not block, or -errno. */
int tap_open(const char *name, int ifindex);

/* The same, with a virtio-net header before each frame. */
int tap_open_vnet(const char *name, int ifindex);
