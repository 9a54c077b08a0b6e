// SPDX-License-Identifier: GPL-2.0-only
/* The programs, loaded in a network namespace of their own, with three ports on taps. */
#include "fixture.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "fixture_guard.h"
#include "kfunc.h"
#include "tap.h"
#include "util.h"

#include "test.h"

#define BRIDGE       100
#define OTHER_BRIDGE 200
#define FDB_SIZE     64

static const struct {
	const char *name;
	__u32 ifindex, slot, bridge;
} port_of[PORT_MAX] = {
	[PORT_A] = {"a", FIXTURE_SLOTS * 1 + 30, 30, BRIDGE},
	[PORT_B] = {"b", FIXTURE_SLOTS * 2 + 30, 31, BRIDGE},
	[PORT_C] = {"c", FIXTURE_SLOTS * 3 + 30, 0, OTHER_BRIDGE},
};

static const struct {
	__u8 mac[ETH_ALEN];
	enum fixture_port port;
} station_of[] = {
	{{2, 0, 0, 0, 0, 0xa}, PORT_A},
	{{2, 0, 0, 0, 0, 0x1a}, PORT_A},
	{{2, 0, 0, 0, 0, 0xb}, PORT_B},
	{{2, 0, 0, 0, 0, 0xc}, PORT_C},
};

static int complain(const char *what, int err)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	return err;
}

static int open_taps(struct fixture *fx)
{
	for (int i = 0; i < PORT_MAX; i++) {
		fx->ifindex[i] = port_of[i].ifindex;
		fx->tap[i] = tap_open(port_of[i].name, port_of[i].ifindex);
		if (fx->tap[i] < 0)
			return complain("cannot make a tap", fx->tap[i]);
	}
	return 0;
}

/* The tests read and write the maps by abi.h: so must the skeleton. */
static bool has_this_abi(const struct kvs_bpf *skel)
{
	return bpf_map__value_size(skel->maps.kvs_ports) == sizeof(struct kvs_port) &&
	       bpf_map__value_size(skel->maps.kvs_fdb) == sizeof(struct kvs_fdb) &&
	       bpf_map__value_size(skel->maps.kvs_counters) == sizeof(struct kvs_counters) &&
	       bpf_map__value_size(skel->maps.kvs_state) == sizeof(struct kvs_state);
}

/* ns of a jiffy */
static __u32 tick(void)
{
	struct timespec res;

	return clock_getres(CLOCK_MONOTONIC_COARSE, &res) ? 0 : res.tv_nsec;
}

static int load(struct fixture *fx, bool has_guard)
{
	struct kvs_bpf *skel = fx->skel = kvs_bpf__open();
	int err;

	if (!skel)
		return complain("cannot open the programs", -errno);
	if (!has_this_abi(skel))
		return complain("build/kvs.skel.h is older than abi.h: make clean", -ESTALE);
	bpf_map__set_max_entries(skel->maps.kvs_ports, FIXTURE_SLOTS);
	bpf_map__set_max_entries(skel->maps.kvs_devmap, FIXTURE_SLOTS);
	bpf_map__set_max_entries(skel->maps.kvs_counters, FIXTURE_SLOTS);
	bpf_map__set_max_entries(skel->maps.kvs_vlans, FIXTURE_SLOTS);
	bpf_map__set_max_entries(skel->maps.kvs_fdb, FDB_SIZE);
	bpf_map__set_max_entries(skel->maps.kvs_egress_counters, FIXTURE_SLOTS);
	skel->rodata->kvs_config.has_group = has_guard;
	skel->rodata->kvs_config.has_admit = has_guard;
	if (has_guard)
		fixture_guard_sizes(skel);
	skel->rodata->kvs_config.port_mask = FIXTURE_SLOTS - 1;
	skel->rodata->kvs_config.stale_after = FIXTURE_STALE;
	skel->rodata->kvs_config.second = FIXTURE_STALE;
	skel->rodata->kvs_config.has_kern_ctx = kfunc_exists("bpf_cast_to_kern_ctx");
	skel->rodata->kvs_config.has_guard = skel->rodata->kvs_config.has_limit = has_guard;
	skel->rodata->kvs_config.tick = tick();
	err = kvs_bpf__load(skel);
	return err ? complain("cannot load the programs", err) : 0;
}

int fixture_open(struct fixture *fx, bool has_guard)
{
	int err = tap_enter_namespace();

	*fx = (struct fixture){.tap = {-1, -1, -1}, .has_guard = has_guard};
	if (err)
		return complain("cannot make a network namespace", err);
	err = open_taps(fx);
	return err ? err : load(fx, has_guard);
}

void fixture_close(struct fixture *fx)
{
	kvs_bpf__destroy(fx->skel);
	for (int i = 0; i < PORT_MAX; i++)
		close_p(&fx->tap[i]);
}

static void update(struct bpf_map *map, const void *key, const void *value)
{
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(map), key, value, 0), 0);
}

/* Of an array alone an absent entry is no failure: it reads as 0. */
static int lookup(const struct bpf_map *map, const void *key, void *value)
{
	return bpf_map_lookup_elem(bpf_map__fd(map), key, value);
}

struct kvs_state fixture_get_state(const struct fixture *fx)
{
	__u32 zero = 0;
	struct kvs_state state;

	assert_int_equal(lookup(fx->skel->maps.kvs_state, &zero, &state), 0);
	return state;
}

void fixture_changed(const struct fixture *fx)
{
	__u32 zero = 0;
	struct kvs_state state = fixture_get_state(fx);

	state.version++;
	update(fx->skel->maps.kvs_state, &zero, &state);
}

struct kvs_port fixture_get_port(const struct fixture *fx, __u32 slot)
{
	struct kvs_port port;

	assert_int_equal(lookup(fx->skel->maps.kvs_ports, &slot, &port), 0);
	return port;
}

void fixture_set_port(struct fixture *fx, __u32 slot, const struct kvs_port *port)
{
	update(fx->skel->maps.kvs_ports, &slot, port);
	fixture_changed(fx);
}

void fixture_set_max_frame(struct fixture *fx, enum fixture_port port, __u32 max_frame)
{
	struct kvs_port p = fixture_get_port(fx, fx->slot[port]);

	p.max_frame = max_frame;
	fixture_set_port(fx, fx->slot[port], &p);
}

void fixture_toggle(struct fixture *fx, enum fixture_port which, __u32 flags)
{
	struct kvs_port port = fixture_get_port(fx, fx->slot[which]);

	port.flags ^= flags;
	fixture_set_port(fx, fx->slot[which], &port);
}

void fixture_set_group(struct fixture *fx, enum fixture_port which, __u16 group)
{
	struct kvs_port port = fixture_get_port(fx, fx->slot[which]);

	port.group = group;
	fixture_set_port(fx, fx->slot[which], &port);
}

static struct kvs_fdb_key key_of(const __u8 *mac, __u32 bridge)
{
	struct kvs_fdb_key key = {.bridge = bridge};

	memcpy(key.mac, mac, ETH_ALEN);
	return key;
}

struct kvs_fdb fixture_get_fdb(const struct fixture *fx, const __u8 *mac)
{
	struct kvs_fdb_key key = key_of(mac, BRIDGE);
	struct kvs_fdb fdb;

	assert_int_equal(lookup(fx->skel->maps.kvs_fdb, &key, &fdb), 0);
	return fdb;
}

void fixture_set_fdb(struct fixture *fx, const __u8 *mac, __u32 bridge, const struct kvs_fdb *fdb)
{
	struct kvs_fdb_key key = key_of(mac, bridge);

	update(fx->skel->maps.kvs_fdb, &key, fdb);
	fixture_changed(fx);
}

void fixture_del_fdb(struct fixture *fx, const __u8 *mac)
{
	struct kvs_fdb_key key = key_of(mac, BRIDGE);

	assert_int_equal(bpf_map_delete_elem(bpf_map__fd(fx->skel->maps.kvs_fdb), &key), 0);
	fixture_changed(fx);
}

void fixture_set_state(struct fixture *fx, const struct kvs_state *state)
{
	__u32 zero = 0, version = fixture_get_state(fx).version;
	struct kvs_state next = *state;

	next.version = version + 1;
	update(fx->skel->maps.kvs_state, &zero, &next);
}

__u64 fixture_now(struct fixture *fx)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	assert_int_equal(
		bpf_prog_test_run_opts(bpf_program__fd(fx->skel->progs.kvs_heartbeat), &opts), 0);
	assert_int_equal(opts.retval, 0);
	return fixture_get_state(fx).now;
}

/* The port as it is, elsewhere. The slot it leaves is free. */
void fixture_move_port(struct fixture *fx, enum fixture_port which, __u32 slot)
{
	struct kvs_port port = fixture_get_port(fx, fx->slot[which]), none = {};
	struct kvs_fdb fdb = {.port = slot, .heard = fixture_now(fx)};

	fixture_set_port(fx, fx->slot[which], &none);
	fixture_set_port(fx, slot, &port);
	update(fx->skel->maps.kvs_devmap, &slot, &fx->ifindex[which]);
	fx->slot[which] = slot;
	for (size_t i = 0; i < ARRAY_SIZE(station_of); i++)
		if (station_of[i].port == which)
			fixture_set_fdb(fx, station_of[i].mac, port.bridge, &fdb);
}

void fixture_delete_device(struct fixture *fx, enum fixture_port port)
{
	close_p(&fx->tap[port]);
	fx->tap[port] = -1;
}

static void empty_fdb(struct fixture *fx)
{
	int fd = bpf_map__fd(fx->skel->maps.kvs_fdb);
	struct kvs_fdb_key key;

	while (!bpf_map_get_next_key(fd, NULL, &key))
		assert_int_equal(bpf_map_delete_elem(fd, &key), 0);
}

static void empty_slot(struct fixture *fx, __u32 slot)
{
	struct kvs_port none = {};

	fixture_set_port(fx, slot, &none);
	bpf_map_delete_elem(bpf_map__fd(fx->skel->maps.kvs_devmap), &slot);
	bpf_map_delete_elem(bpf_map__fd(fx->skel->maps.kvs_vlans), &slot);
}

static void fill_slot(struct fixture *fx, enum fixture_port which)
{
	struct kvs_port port = {
		.ifindex = port_of[which].ifindex,
		.bridge = port_of[which].bridge,
		.max_frame = FIXTURE_MTU + 18,
		.flags = KVS_PORT_FORWARDING | KVS_PORT_LEARNING | KVS_PORT_XDP_TX,
		.refresh = FIXTURE_REFRESH,
	};

	fx->slot[which] = port_of[which].slot;
	fixture_set_port(fx, fx->slot[which], &port);
	fixture_move_port(fx, which, port_of[which].slot);
}

void fixture_reset(struct fixture *fx)
{
	empty_fdb(fx);
	for (__u32 slot = 0; slot < FIXTURE_SLOTS; slot++)
		empty_slot(fx, slot);
	for (int i = 0; i < PORT_MAX; i++) {
		if (fx->tap[i] < 0)
			fx->tap[i] = tap_open(port_of[i].name, port_of[i].ifindex);
		assert_true(fx->tap[i] >= 0);
		fill_slot(fx, i);
	}
	fixture_zero_counters(fx);
	if (fx->has_guard)
		fixture_guard_reset(fx);
}
