// SPDX-License-Identifier: GPL-2.0-only
/* The maps: their sizes, which of them are pinned, and where one load takes them from another. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "load_maps.h"
#include "pin.h"

enum size { SIZE_OWN, SIZE_SLOTS, SIZE_FDB, SIZE_GUARD };

static const struct {
	const char *name;
	unsigned int feature;
	enum size size;
} map_names[] = {
	{"kvs_ports", LOAD_CORE, SIZE_SLOTS},
	{"kvs_fdb", LOAD_CORE, SIZE_FDB},
	{"kvs_vlans", LOAD_CORE, SIZE_SLOTS},
	{"kvs_devmap", LOAD_CORE, SIZE_SLOTS},
	{"kvs_counters", LOAD_CORE, SIZE_SLOTS},
	{"kvs_state", LOAD_CORE, SIZE_OWN},
	{"kvs_switches", LOAD_CORE, SIZE_OWN},
	{"kvs_guards", LOAD_GUARD, SIZE_SLOTS},
	{"kvs_guard_macs", LOAD_GUARD, SIZE_GUARD},
	{"kvs_guard_addrs", LOAD_GUARD, SIZE_GUARD},
	{"kvs_guard_counters", LOAD_GUARD, SIZE_SLOTS},
	{"kvs_limits", LOAD_LIMIT, SIZE_SLOTS},
	{"kvs_groups", LOAD_GROUP, SIZE_SLOTS},
	{"kvs_egress_counters", LOAD_EGRESS, SIZE_SLOTS},
	{"kvs_admit_counters", LOAD_ADMIT, SIZE_SLOTS},
};
#define GUARD_SPARE 128 /* what a port had and what it gets may be there at once */

static struct bpf_map *map_of(const struct bpf_object *obj, size_t i)
{
	return bpf_object__find_map_by_name(obj, map_names[i].name);
}

static uint32_t entries_of(const struct load *load, size_t i)
{
	switch (map_names[i].size) {
	case SIZE_SLOTS:
		return load->slots;
	case SIZE_FDB:
		return load->fdb_max;
	case SIZE_GUARD:
		return load->guard_max + GUARD_SPARE;
	default:
		return 0;
	}
}

int load_maps_size(const struct load *load, const struct bpf_object *obj, unsigned int features)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map_names) && !rc; i++)
		if ((features & map_names[i].feature) && map_names[i].size != SIZE_OWN)
			rc = bpf_map__set_max_entries(map_of(obj, i), entries_of(load, i));
	return rc;
}

/* Whether what is pinned under the map's name can be used in its place. */
static bool fits(const char *pin_dir, const struct bpf_map *map)
{
	struct bpf_map_info info;
	_close_ int fd = pin_map(pin_dir, bpf_map__name(map), &info);

	return fd >= 0 && info.type == bpf_map__type(map) &&
	       info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) &&
	       info.max_entries == bpf_map__max_entries(map);
}

static void same_abi(int ifindex, const struct kvs_switch *sw, void *data)
{
	if (sw->abi != KVS_ABI)
		*(bool *)data = false;
}

unsigned int load_maps_fitting(const char *pin_dir, const struct bpf_object *obj,
			       unsigned int features)
{
	bool ok = true;

	for (size_t i = 0; i < ARRAY_SIZE(map_names); i++)
		if ((features & map_names[i].feature) && !fits(pin_dir, map_of(obj, i)))
			features &= ~map_names[i].feature;
	pin_switches(pin_dir, same_abi, &ok);
	return ok && (features & LOAD_CORE) ? features : 0;
}

unsigned int load_maps_pinned(const char *pin_dir)
{
	unsigned int features = LOAD_CORE;

	for (size_t i = 0; i < ARRAY_SIZE(map_names); i++) {
		struct bpf_map_info info;
		_close_ int fd = pin_map(pin_dir, map_names[i].name, &info);

		if (fd >= 0)
			features |= map_names[i].feature;
	}
	return features;
}

int load_maps_take(const char *pin_dir, const struct bpf_object *obj, unsigned int features)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map_names) && !rc; i++) {
		struct bpf_map_info info;
		_close_ int fd = -1;

		if (!(features & map_names[i].feature))
			continue;
		fd = pin_map(pin_dir, map_names[i].name, &info);
		rc = fd < 0 ? fd : bpf_map__reuse_fd(map_of(obj, i), fd);
	}
	return rc;
}

int load_maps_share(const struct bpf_object *from, const struct bpf_object *to,
		    unsigned int features)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map_names) && !rc; i++)
		if (features & map_names[i].feature)
			rc = bpf_map__reuse_fd(map_of(to, i), bpf_map__fd(map_of(from, i)));
	return rc;
}

int load_maps_pin(const struct bpf_object *obj, const char *pin_dir, unsigned int features,
		  struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(map_names) && !rc; i++)
		if (features & map_names[i].feature)
			rc = pin_set(pin_dir, map_names[i].name, bpf_map__fd(map_of(obj, i)), err);
	return rc;
}

void load_maps_unpin(const char *pin_dir, unsigned int features)
{
	for (size_t i = 0; i < ARRAY_SIZE(map_names); i++)
		if (features & map_names[i].feature)
			pin_unset(pin_dir, map_names[i].name);
}

static uint64_t memlock_of(int fd)
{
	char path[64], line[128];
	_fclose_ FILE *f = NULL;
	uint64_t bytes = 0;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %lu", &bytes) == 1)
			break;
	return bytes;
}

void load_maps_memory(const struct bpf_object *obj, uint64_t *maps, uint64_t *programs)
{
	struct bpf_program *prog;
	struct bpf_map *map;

	*maps = *programs = 0;
	bpf_object__for_each_map(map, obj)
		*maps += memlock_of(bpf_map__fd(map));
	bpf_object__for_each_program(prog, obj)
		if (bpf_program__fd(prog) >= 0)
			*programs += memlock_of(bpf_program__fd(prog));
}
