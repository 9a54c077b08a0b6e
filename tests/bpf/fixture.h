/* SPDX-License-Identifier: GPL-2.0-only */
/* The programs, loaded in a network namespace of their own, with three ports on taps. */
#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kvs/abi.h"
#include "kvs.skel.h"

#include "frame.h"

#define FIXTURE_SLOTS   32
#define FIXTURE_REFRESH 1000000 /* jiffies; no test takes that long */
#define FIXTURE_STALE   1000000
#define FIXTURE_MTU     1500

/* A and B are on one bridge, C is on another. All three want slot 30: B has the next one, C goes
 * round to slot 0.
 */
enum fixture_port { PORT_A, PORT_B, PORT_C, PORT_MAX };

enum fixture_hook { HOOK_XDP, HOOK_TC, HOOK_MAX };

/* Stations A and B are what a frame comes from and goes to; A2 is on port A too. */
#define STATION_A  MAC(2, 0, 0, 0, 0, 0xa)
#define STATION_A2 MAC(2, 0, 0, 0, 0, 0x1a)
#define STATION_B  MAC(2, 0, 0, 0, 0, 0xb)
#define STATION_C  MAC(2, 0, 0, 0, 0, 0xc)
#define STRANGER   MAC(2, 0, 0, 0, 0, 0xff)

struct fixture {
	struct kvs_bpf *skel;
	int tap[PORT_MAX];
	__u32 ifindex[PORT_MAX];
	__u32 slot[PORT_MAX];
	bool has_guard; /* see fixture_guard.h */
};

/* 0 or -errno, with what failed on stderr. */
int fixture_open(struct fixture *fx, bool has_guard);
void fixture_close(struct fixture *fx);

/* To what the comments above say: all flags as on a port just found, no frame counted. */
void fixture_reset(struct fixture *fx);

const char *fixture_hook_name(enum fixture_hook hook);
int fixture_hook_fd(const struct fixture *fx, enum fixture_hook hook);

/* Run a frame that came in by port; the verdict, and in out what became of the bytes. A negative
 * errno where the kernel does not run it.
 */
int fixture_try(struct fixture *fx, enum fixture_hook hook, enum fixture_port port,
		const struct frame *in, struct frame *out, int *verdict);

/* The same, and the test fails where the kernel does not run it. */
int fixture_run(struct fixture *fx, enum fixture_hook hook, enum fixture_port port,
		const struct frame *in, struct frame *out);

/* To be called after writing to a map by other means than these: nothing is remembered. */
void fixture_changed(const struct fixture *fx);

struct kvs_port fixture_get_port(const struct fixture *fx, __u32 slot);
void fixture_set_port(struct fixture *fx, __u32 slot, const struct kvs_port *port);
/* The longest frame a port sends: FIXTURE_MTU + 18 after a reset. */
void fixture_set_max_frame(struct fixture *fx, enum fixture_port port, __u32 max_frame);
void fixture_toggle(struct fixture *fx, enum fixture_port port, __u32 flags);
void fixture_set_group(struct fixture *fx, enum fixture_port port, __u16 group);

/* Put a port, with its entry in the devmap and its stations, into another slot. */
void fixture_move_port(struct fixture *fx, enum fixture_port port, __u32 slot);

/* Delete the device of a port, as an administrator would. */
void fixture_delete_device(struct fixture *fx, enum fixture_port port);

struct kvs_fdb fixture_get_fdb(const struct fixture *fx, const __u8 *mac);
void fixture_set_fdb(struct fixture *fx, const __u8 *mac, __u32 bridge, const struct kvs_fdb *fdb);
void fixture_del_fdb(struct fixture *fx, const __u8 *mac);

/* jiffies64, by way of the heartbeat program. */
__u64 fixture_now(struct fixture *fx);
void fixture_set_state(struct fixture *fx, const struct kvs_state *state);
struct kvs_state fixture_get_state(const struct fixture *fx);

/* Sum over the CPUs. */
struct kvs_counters fixture_counters(const struct fixture *fx, __u32 slot);
void fixture_zero_counters(struct fixture *fx);

/* Frames in it: all but rx_bytes. */
__u64 fixture_frames(const struct kvs_counters *c);
