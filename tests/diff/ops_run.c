// SPDX-License-Identifier: GPL-2.0-only
/* What is done to both sides: doing it, and comparing what came of it. */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/neighbour.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kvs/abi.h"
#include "stp.h"
#include "util.h"

#define MDB_REST 40000 /* us: more than the timers that queries and leaves start */

static int send_frame(struct side *s, int port, struct frame *f)
{
	struct iovec iov[] = {{&f->hdr, sizeof(f->hdr)}, {f->data, f->len}};

	return writev(port < PORTS ? s->tap[port] : s->host, iov, 2) < 0 ? -errno : 0;
}

static int do_fdb(struct side *s, const struct op *op)
{
	return nlk_fdb(s->nl, op->value, op->attr, &op->fdb);
}

static int do_master(struct side *s, const struct op *op, bool is_port)
{
	return nlk_link_set(s->nl, IF_PORT + op->port, IFLA_MASTER, is_port ? 0 : IF_BRIDGE);
}

static int do_vlan_state(struct side *s, const struct op *op)
{
	int ifindex = IF_PORT + op->port;
	int rc = nlk_vlan_state(s->nl, ifindex, op->value, op->size);

	return rc == -EBUSY ? nlk_mst_state(s->nl, ifindex, 1 + op->value % 2, op->size) : rc;
}

/* The bridge changes that while it has no VLAN. */
static int do_mst(struct side *s, const struct op *op)
{
	int rc = nlk_bridge_set(s->nl, IF_BRIDGE, IFLA_BR_VLAN_FILTERING, 1, 0);

	rc = rc ?: nlk_bridge_set(s->nl, IF_BRIDGE, IFLA_BR_VLAN_DEFAULT_PVID, 2, 0);
	for (int i = 0; i < PORTS; i++)
		for (int vid = 1; vid <= 4; vid++)
			nlk_vlan(s->nl, false, IF_PORT + i, false, vid, 0);
	rc = rc ?: nlk_mst(s->nl, IF_BRIDGE, op->value);
	nlk_bridge_set(s->nl, IF_BRIDGE, IFLA_BR_VLAN_DEFAULT_PVID, 2, 1);
	for (int i = 0; i < PORTS; i++)
		for (int vid = 2; vid <= 4; vid++)
			nlk_vlan(s->nl, true, IF_PORT + i, false, vid, 0);
	for (int vid = 1; !rc && op->value && vid <= 4; vid++)
		rc = nlk_mst_vlan(s->nl, IF_BRIDGE, vid, 1 + vid % 2);
	return nlk_bridge_set(s->nl, IF_BRIDGE, IFLA_BR_VLAN_FILTERING, 1, 1) ?: rc;
}

/* On one side; 0 or -errno. */
static int change(const struct world *w, struct side *s, const struct op *op)
{
	int ifindex = IF_PORT + op->port;
	bool is_self = op->port == 0 && op->value % 2;

	switch (op->kind) {
	case OP_PORT:
		return nlk_port_set(s->nl, ifindex, op->attr, op->size, op->value);
	case OP_BRIDGE:
		return nlk_bridge_set(s->nl, IF_BRIDGE, op->attr, op->size, op->value);
	case OP_LINK:
		return nlk_up(s->nl, ifindex, op->value > 1);
	case OP_MTU:
		return nlk_link_set(s->nl, ifindex, IFLA_MTU, op->value);
	case OP_MASTER:
		return do_master(s, op, w->is_port[op->port]);
	case OP_FDB:
		return do_fdb(s, op);
	case OP_VLAN:
		return nlk_vlan(s->nl, op->size, is_self ? IF_BRIDGE : ifindex, is_self, op->value,
				op->attr);
	case OP_VLAN_STATE:
		return do_vlan_state(s, op);
	case OP_MST:
		return do_mst(s, op);
	default:
		return 0;
	}
}

/* Frames and database; kvsd hears of what frames have changed before the next one comes. */
int op_compare(struct world *w, char text[TEXT_MAX])
{
	bool changed;
	int rc = capture_compare(w, text) ?: capture_fdb(w, &changed, text);

	return rc || !changed ? rc : world_settle(w, 0);
}

int op_send(struct world *w, int port, struct frame *f, char text[TEXT_MAX])
{
	int a = send_frame(&w->side[PLAIN], port, f), b = send_frame(&w->side[KVS], port, f);

	if (a == b || w->mode != MODE_TC)
		return 0;
	snprintf(text, TEXT_MAX, "plain bridge took the frame with %s, KVS with %s\n", strerror(-a),
		 strerror(-b));
	return 1;
}

static int run_frame(struct world *w, int port, struct frame *f, char text[TEXT_MAX])
{
	w->frames++;
	return op_send(w, port, f, text) ?: op_compare(w, text);
}

static int run_random(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	static struct frame f;
	struct rng r = {.state = op->seed};

	frame_random(&f, &r, op->port, w->mode != MODE_TC);
	return run_frame(w, op->kind == OP_HOST ? PORTS : op->port, &f, text);
}

/* What queries and leaves have started has come to its end before the next operation. */
static int run_group(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	static struct frame f;
	struct rng r = {.state = op->seed};

	bool starts_timers = frame_group(&f, &r, op->port);
	int rc = run_frame(w, op->port, &f, text);

	if (starts_timers)
		usleep(MDB_REST);
	return rc ?: capture_mdb(w, text);
}

static int run_change(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	int a = change(w, &w->side[PLAIN], op), b = change(w, &w->side[KVS], op);

	if (a != b) {
		snprintf(text, TEXT_MAX, "on the plain bridge: %s, with KVS: %s\n", strerror(-a),
			 strerror(-b));
		return 1;
	}
	if (op->kind == OP_MASTER && !a)
		w->is_port[op->port] ^= true;
	return world_settle(w, op->kind == OP_FDB      ? 0
			       : op->kind == OP_MASTER ? SETTLE_LINKS | SETTLE_PATHS
						       : SETTLE_LINKS)
		       ?: op_compare(w, text);
}

static int run_path(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	static const char *const paths[] = {"tc", "xdp", "slow"};

	w->path[op->port] = paths[op->value];
	return world_settle(w, SETTLE_PATHS) ?: op_compare(w, text);
}

/* Frames alone come while there is no kvsd: of a change nobody would tell the hooks. */
static int run_restart(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	struct rng r = {.state = op->seed};
	int rc = world_restart(w, op->value % 2 ? SIGTERM : SIGKILL);

	for (uint32_t n = rng_below(&r, 12); !rc && n; n--) {
		struct op frame = {
			.kind = OP_FRAME, .port = rng_below(&r, PORTS), .seed = rng_next(&r)};

		rc = run_random(w, &frame, text);
	}
	return rc ?: world_restart(w, 0) ?: op_compare(w, text);
}

static bool find(int fd, int station, struct kvs_fdb_key *key, struct kvs_fdb *value)
{
	memset(key, 0, sizeof(*key));
	frame_station(key->mac, station);
	key->bridge = IF_BRIDGE;
	return !bpf_map_lookup_elem(fd, key, value);
}

/* As kvsd says it, so that the hooks look anew. */
static int say_changed(struct world *w)
{
	_close_ int fd = daemon_map(&w->daemon, "kvs_state");
	struct kvs_state state;
	__u32 zero = 0;
	int rc = bpf_map_lookup_elem(fd, &zero, &state);

	state.version++;
	return rc ?: bpf_map_update_elem(fd, &zero, &state, 0);
}

static int plant_entry(struct world *w, const struct op *op)
{
	_close_ int fd = daemon_map(&w->daemon, "kvs_fdb");
	struct kvs_fdb right, wrong;
	struct kvs_fdb_key key, other;

	if (!find(fd, op->size, &other, &wrong) || !find(fd, op->value, &key, &right))
		return 0;
	right.port = wrong.port;
	return bpf_map_update_elem(fd, &key, &right, 0);
}

static int plant_state(struct world *w, const struct op *op)
{
	_close_ int fdb = daemon_map(&w->daemon, "kvs_fdb"),
		    ports = daemon_map(&w->daemon, "kvs_ports");
	struct kvs_port port;
	struct kvs_fdb_key key;
	struct kvs_fdb entry;

	if (!find(fdb, op->value, &key, &entry) || bpf_map_lookup_elem(ports, &entry.port, &port))
		return 0;
	port.flags |= KVS_PORT_FORWARDING;
	return bpf_map_update_elem(ports, &entry.port, &port, 0);
}

/* The entry of station `value` gets the slot of station `size`'s, or its port the state forwarding.
 * Nothing where one of them was not heard, as in a shortened script. */
static int run_plant(struct world *w, const struct op *op)
{
	if (world_settle(w, 0))
		return -1;
	return (op->kind == OP_OPEN ? plant_state(w, op) : plant_entry(w, op)) ?: say_changed(w);
}

int op_run(struct world *w, const struct op *op, char text[TEXT_MAX])
{
	static struct frame f;

	if (w->mode == MODE_STP && daemon_now() > w->stp_rests && world_settle(w, SETTLE_LINKS))
		return -1;
	switch (op->kind) {
	case OP_FRAME:
	case OP_HOST:
		return run_random(w, op, text);
	case OP_GROUP:
		return run_group(w, op, text);
	case OP_PATH:
		return run_path(w, op, text);
	case OP_RESTART:
		return run_restart(w, op, text);
	case OP_PLAIN:
		frame_plain(&f, op->port, op->attr);
		return run_frame(w, op->port % PORTS, &f, text);
	case OP_PLANT:
	case OP_OPEN:
		return run_plant(w, op);
	case OP_BPDU:
	case OP_LOST:
	case OP_CHANGE:
	case OP_LEARN:
		return stp_run(w, op, text);
	default:
		return run_change(w, op, text);
	}
}
