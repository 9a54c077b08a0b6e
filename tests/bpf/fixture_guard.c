// SPDX-License-Identifier: GPL-2.0-only
/* The guards of the fixture's ports. */
#include "fixture_guard.h"

#include <string.h>

#include "test.h"

#define ENTRIES 64

static const __u8 station_a[ETH_ALEN] = {2, 0, 0, 0, 0, 0xa};
static const __u8 ip4[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, GUARD_IP4};
static const __u8 prefix[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, GUARD_PREFIX};
static const __u8 ip6[16] = {GUARD_IP6};

void fixture_guard_sizes(struct kvs_bpf *skel)
{
	bpf_map__set_max_entries(skel->maps.kvs_guards, FIXTURE_SLOTS);
	bpf_map__set_max_entries(skel->maps.kvs_guard_counters, FIXTURE_SLOTS);
	bpf_map__set_max_entries(skel->maps.kvs_limits, FIXTURE_SLOTS);
	bpf_map__set_max_entries(skel->maps.kvs_guard_macs, ENTRIES);
	bpf_map__set_max_entries(skel->maps.kvs_guard_addrs, ENTRIES);
}

static void update(const struct bpf_map *map, const void *key, const void *value)
{
	assert_int_equal(bpf_map_update_elem(bpf_map__fd(map), key, value, 0), 0);
}

static void empty(const struct bpf_map *map, void *key)
{
	int fd = bpf_map__fd(map);

	while (!bpf_map_get_next_key(fd, NULL, key))
		assert_int_equal(bpf_map_delete_elem(fd, key), 0);
}

void fixture_guard_reset(struct fixture *fx)
{
	struct kvs_guard_mac mac;
	struct kvs_guard_addr addr;
	struct kvs_guard none = {};
	struct kvs_limit unlimited = {};

	for (__u32 slot = 0; slot < FIXTURE_SLOTS; slot++)
		update(fx->skel->maps.kvs_guards, &slot, &none);
	for (__u32 slot = 0; slot < FIXTURE_SLOTS; slot++)
		update(fx->skel->maps.kvs_limits, &slot, &unlimited);
	empty(fx->skel->maps.kvs_guard_macs, &mac);
	empty(fx->skel->maps.kvs_guard_addrs, &addr);
	fixture_changed(fx);
}

void fixture_guard(struct fixture *fx, enum fixture_port which, const struct kvs_guard *guard)
{
	struct kvs_port port = fixture_get_port(fx, fx->slot[which]);
	struct kvs_guard with_a = *guard;

	with_a.macs += !!guard->max_macs;
	update(fx->skel->maps.kvs_guards, &fx->slot[which], &with_a);
	fixture_guard_add_mac(fx, which, station_a);
	fixture_guard_add_addr(fx, which, ip4, 128, 0);
	fixture_guard_add_addr(fx, which, prefix, 112, 0);
	fixture_guard_add_addr(fx, which, ip6, 128, 0);
	port.flags |= KVS_PORT_GUARD;
	fixture_set_port(fx, fx->slot[which], &port);
}

struct kvs_guard fixture_get_guard(const struct fixture *fx, enum fixture_port port)
{
	struct kvs_guard guard;

	assert_int_equal(bpf_map_lookup_elem(bpf_map__fd(fx->skel->maps.kvs_guards),
					     &fx->slot[port], &guard),
			 0);
	return guard;
}

static struct kvs_guard_mac mac_key(const struct fixture *fx, enum fixture_port port,
				    const __u8 *mac)
{
	struct kvs_guard_mac key = {.slot = fx->slot[port]};

	memcpy(key.mac, mac, ETH_ALEN);
	return key;
}

void fixture_guard_add_mac(struct fixture *fx, enum fixture_port port, const __u8 *mac)
{
	struct kvs_guard_mac key = mac_key(fx, port, mac);
	struct kvs_guard_owner owner = {};

	update(fx->skel->maps.kvs_guard_macs, &key, &owner);
	fixture_changed(fx);
}

bool fixture_guard_has_mac(const struct fixture *fx, enum fixture_port port, const __u8 *mac)
{
	struct kvs_guard_mac key = mac_key(fx, port, mac);
	struct kvs_guard_owner owner;

	return !bpf_map_lookup_elem(bpf_map__fd(fx->skel->maps.kvs_guard_macs), &key, &owner);
}

void fixture_guard_add_addr(struct fixture *fx, enum fixture_port port, const __u8 *addr, int bits,
			    __u64 until)
{
	struct kvs_guard_addr key = {.prefixlen = 32 + bits, .slot = fx->slot[port]};
	struct kvs_guard_lease lease = {.until = until};

	memcpy(key.addr, addr, sizeof(key.addr));
	update(fx->skel->maps.kvs_guard_addrs, &key, &lease);
	fixture_changed(fx);
}

struct kvs_guard_counters fixture_guard_counters(const struct fixture *fx, __u32 slot)
{
	int cpus = libbpf_num_possible_cpus();
	struct kvs_guard_counters per_cpu[cpus], sum = {};
	int fd = bpf_map__fd(fx->skel->maps.kvs_guard_counters);

	assert_int_equal(bpf_map_lookup_elem(fd, &slot, per_cpu), 0);
	for (int cpu = 0; cpu < cpus; cpu++)
		for (size_t i = 0; i < sizeof(sum) / sizeof(__u64); i++)
			((__u64 *)&sum)[i] += ((__u64 *)&per_cpu[cpu])[i];
	return sum;
}

void fixture_guard_zero_counters(struct fixture *fx)
{
	int cpus = libbpf_num_possible_cpus();
	struct kvs_guard_counters per_cpu[cpus];
	int fd = bpf_map__fd(fx->skel->maps.kvs_guard_counters);

	memset(per_cpu, 0, sizeof(per_cpu));
	for (__u32 slot = 0; slot < FIXTURE_SLOTS; slot++)
		assert_int_equal(bpf_map_update_elem(fd, &slot, per_cpu, 0), 0);
}
